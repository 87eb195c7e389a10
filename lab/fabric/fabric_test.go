// SPDX-License-Identifier: Apache-2.0

package fabric

import (
	"bytes"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestMoveLosesNothing(t *testing.T) {
	w := newWorld(t, false)
	w.own("r1")
	w.routes()
	var waits []func() string
	for _, to := range []string{"10.1.0.50", "10.0.0.100", "2001:db8:0:11::50", "2001:db8:0:10::100"} {
		waits = append(waits, w.flood("isv", to, 600))
	}
	for i := range 20 {
		time.Sleep(120 * time.Millisecond)
		host := []string{"r2", "r1"}[i%2]
		w.own(host)
		w.wantHop(floatISV, host)
		w.wantHop(floatPOD6, host)
	}
	for _, wait := range waits {
		if got := wait(); !strings.Contains(got, "600 received") {
			t.Errorf("20 moves lost packets: %s", got)
		}
	}
}

func TestControlPlaneDecidesNotARP(t *testing.T) {
	w := newWorld(t, false)
	w.own("r1")
	w.wantPing("isv", "10.0.0.100", true)
	// r2 carries the address too and shouts; only r1 may get the packets.
	w.sh("r2", "arping -q -c 3 -w 1 -U -I ens3 10.0.0.100 || true; arping -q -c 3 -w 1 -A -I ens3 10.0.0.100 || true")
	w.wantHop(floatISV, "r1")
	w.sh("r1", "ip addr del 10.0.0.100/24 dev ens3")
	w.wantPing("isv", "10.0.0.100", false)
	// The packets still go to r1, which does not answer ARP for it.
	if n := w.sh("vcn", "ip neigh show 10.0.0.100"); !strings.Contains(n, "dev r1.ens3") || !strings.Contains(n, "PERMANENT") {
		t.Errorf("the neighbour of an address that its owner has not configured is %q", n)
	}
	w.own("r2")
	w.wantPing("isv", "10.0.0.100", true)
	// Nobody: a black hole, but ARP is answered still, so the sender resumes at once.
	w.own("")
	w.wantHop(floatISV, "")
	w.wantPing("isv", "10.0.0.100", false)
	if n := w.sh("isv", "ip neigh flush all; ping -n -c 1 -W 0.2 10.0.0.100 >/dev/null; ip neigh show 10.0.0.100"); !strings.Contains(n, "00:00:17") {
		t.Errorf("ARP for an address without owner is not answered: %q", n)
	}
}

func TestRouteRules(t *testing.T) {
	w := newWorld(t, false)
	w.own("r1")
	w.routes()
	for _, to := range []string{"10.1.0.50", "2001:db8:0:11::50"} {
		w.wantPing("isv", to, true)
	}
	hop, err := w.NextHopFrom(netip.MustParseAddr("10.1.0.50"), "visv", netip.MustParseAddr("10.0.0.50"))
	w.must(err)
	if hop.Host != "r1" || hop.Device != "ens3" {
		t.Errorf("the way from isv to pod begins at %+v, want r1's ens3", hop)
	}
	// A rule whose private IP has no owner is a black hole, in one direction here.
	w.must(w.SetOwner(floatISV, ""))
	w.wantPing("isv", "10.1.0.50", false)
	w.must(w.SetOwner(floatISV, "r2a"))
	w.wantPing("isv", "10.1.0.50", true)
	// A rule to nothing, then no rule: the VCN delivers directly.
	w.must(w.SetRouteRules("isv", []RouteRule{{Destination: netip.MustParsePrefix("10.1.0.0/24")}}))
	w.wantPing("isv", "10.1.0.50", false)
	w.must(w.SetRouteRules("isv", nil))
	w.must(w.SetRouteRules("pod", nil))
	w.wantPing("isv", "10.1.0.50", true)
	if out := w.sh("vcn", "ip route show table 1001; ip -6 route show table 1001"); strings.TrimSpace(out) != "" {
		t.Errorf("routes are left in a table without rules:\n%s", out)
	}
}

func TestSourceDestCheck(t *testing.T) {
	w := newWorld(t, false)
	w.own("r1")
	w.routes()
	w.wantPing("isv", "10.1.0.50", true)
	w.wantPing("isv", "2001:db8:0:11::50", true)
	// Destination: a route rule may not lead to a VNIC with the check on. Source: it may not forward either.
	forwarded := func(router string) int {
		t.Helper()
		n, err := strconv.Atoi(strings.TrimSpace(w.sh(router, "awk '/^Ip: [0-9]/ {print $7}' /proc/net/snmp")))
		w.must(err)
		return n
	}
	w.must(w.SetSourceDestCheck("r1a", true))
	before := forwarded("r1")
	w.wantPing("isv", "10.1.0.50", false)
	w.wantPing("isv", "2001:db8:0:11::50", false)
	if got := forwarded("r1") - before; got != 0 {
		t.Errorf("a VNIC with the check on was given %d packets to forward", got)
	}
	w.wantPing("isv", "10.0.0.100", true)
	w.must(w.SetSourceDestCheck("r1a", false))
	w.wantPing("isv", "10.1.0.50", true)
	w.must(w.SetSourceDestCheck("r1b", true))
	for _, to := range []string{"10.1.0.50", "2001:db8:0:11::50"} {
		if w.arrives("isv", to, "pod") {
			t.Errorf("r1b sent a packet to %s that is not from its own address", to)
		}
	}
	w.must(w.SetSourceDestCheck("r1b", false))
	w.wantPing("isv", "2001:db8:0:11::50", true)
	// isv has the check on: it cannot speak with another source address.
	w.sh("isv", "ip addr add 10.0.0.77/32 dev lo")
	if w.arrives("isv", "-I 10.0.0.77 10.0.0.11", "r1") {
		t.Error("isv spoke with the address of nobody")
	}
	w.must(w.SetOwner(netip.MustParseAddr("10.0.0.77"), "visv"))
	w.wantPing("isv", "-I 10.0.0.77 10.0.0.11", true)
}

func TestCutJoinAndReboot(t *testing.T) {
	w := newWorld(t, false)
	w.own("r1")
	w.routes()
	w.must(w.Cut("r1"))
	if out := w.sh("r1", "cat /sys/class/net/ens3/carrier"); strings.TrimSpace(out) != "0" {
		t.Errorf("the cut machine sees carrier %q, want 0", out)
	}
	w.wantHop(floatISV, "")
	w.wantPing("isv", "10.0.0.11", false)
	w.own("r2") // what the region does meanwhile
	w.wantPing("isv", "10.1.0.50", true)
	w.own("r1") // while r1's cable is cut
	w.wantPing("isv", "10.0.0.100", false)
	w.must(w.Join("r1"))
	for _, to := range []string{"10.0.0.11", "10.0.0.100", "10.1.0.50", "2001:db8:0:10::100", "2001:db8:0:11::50"} {
		w.wantPing("isv", to, true)
	}
	// Reboot: the namespace goes with everything in it.
	w.must(DeleteNamespace(w.ns("r1")))
	w.must(w.Detach("r1"))
	w.wantHop(floatISV, "")
	w.wantPing("isv", "10.1.0.50", false)
	w.router("r1", 1)
	for _, to := range []string{"10.0.0.11", "10.0.0.100", "10.1.0.50", "2001:db8:0:10::100", "2001:db8:0:11::50"} {
		w.wantPing("isv", to, true)
	}
	if err := w.Cut("nobody"); err == nil || !strings.Contains(err.Error(), "isv, pod, r1, r2") {
		t.Errorf("Cut of an unknown host: %v; want the list of hosts", err)
	}
}

func TestPartitionAndRefuse(t *testing.T) {
	w := newWorld(t, false)
	l := w.listen("vcn", api)
	defer l()
	w.must(w.Partition([]string{"r1"}, []string{"r2", "isv"}))
	w.wantPing("r1", "10.0.0.12", false)
	w.wantPing("r2", "10.1.0.11", false)
	w.wantPing("r1", "10.1.0.50", true)
	w.wantPing("r2", "10.0.0.50", true)
	w.wantPing("r1", imds.String(), true)
	w.must(w.Heal())
	w.wantPing("r1", "10.0.0.12", true)

	connects := func(host string, want bool) {
		t.Helper()
		start := time.Now()
		out, err := w.command(host, "exec 2>&1; bash -c '</dev/tcp/192.0.2.10/443'").Output()
		if (err == nil) != want || time.Since(start) > 2*time.Second {
			t.Errorf("%s connects to the API: %v after %v, want %v: %s", host, err == nil, time.Since(start), want, out)
		}
		if !want && !bytes.Contains(out, []byte("refused")) {
			t.Errorf("%s was not refused: %s", host, out)
		}
	}
	connects("r1", true)
	w.must(w.Refuse(api, []netip.Addr{netip.MustParseAddr("10.0.0.11")}, false))
	connects("r1", false)
	connects("r1", false)
	connects("r2", true)
	w.must(w.Refuse(api, nil, true))
	connects("r2", false)
	hits, err := w.Refused(api)
	w.must(err)
	if hits[netip.MustParseAddr("10.0.0.11")] != 2 || hits[netip.MustParseAddr("10.0.0.12")] != 1 {
		t.Errorf("refused attempts are %v, want two from r1 and one from r2", hits)
	}
	w.must(w.Refuse(api, nil, false))
	connects("r1", true)
}

func TestBridged(t *testing.T) {
	w := newWorld(t, true)
	w.sh("r2", "ip addr del 10.0.0.100/24 dev ens3; ip addr del 2001:db8:0:10::100/64 dev ens3")
	w.wantPing("isv", "10.0.0.100", true)
	w.wantHop(floatISV, "r1")
	w.wantHop(floatISV6, "r1")
	// Here ARP decides.
	w.sh("r1", "ip addr del 10.0.0.100/24 dev ens3")
	w.wantHop(floatISV, "")
	w.sh("r2", "ip addr add 10.0.0.100/24 dev ens3; arping -q -c 1 -U -I ens3 10.0.0.100 || true")
	w.wantHop(floatISV, "r2")
	w.wantPing("isv", "10.0.0.100", true)
	w.wantPing("isv", "10.1.0.50", true) // by the router between the bridges
	if err := w.SetOwner(floatISV, "r1a"); err == nil {
		t.Error("SetOwner worked in a bridged fabric")
	}
	w.must(w.Partition([]string{"r1"}, []string{"r2"}))
	w.wantPing("r1", "10.0.0.12", false)
	w.wantPing("r1", "10.0.0.50", true)
	w.must(w.Heal())
	w.wantPing("r1", "10.0.0.12", true)
	w.must(w.Cut("r2"))
	w.wantPing("isv", "10.0.0.12", false)
	w.must(w.Join("r2"))
	w.wantPing("isv", "10.0.0.12", true)
}

func TestCloseLeavesNothing(t *testing.T) {
	w := newWorld(t, false)
	w.must(w.Close())
	left, _ := filepath.Glob(NamespacePath(w.name) + "-vcn*")
	if len(left) > 0 {
		t.Errorf("left after Close: %v", left)
	}
	// The machines' devices went with the fabric's namespace.
	for range 40 {
		if out := w.sh("isv", "ip -o link"); !strings.Contains(out, "ens3") {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("isv still has its device two seconds after Close")
}
