// SPDX-License-Identifier: Apache-2.0

package fabric

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	floatISV  = netip.MustParseAddr("10.0.0.100")
	floatPOD  = netip.MustParseAddr("10.1.0.100")
	floatISV6 = netip.MustParseAddr("2001:db8:0:10::100")
	floatPOD6 = netip.MustParseAddr("2001:db8:0:11::100")
	api       = netip.MustParseAddrPort("192.0.2.10:443")
	imds      = netip.MustParseAddr("169.254.169.254")
)

// world is a fabric with two routers (r1, r2) in two subnets, and a host in each subnet.
type world struct {
	*Fabric
	t    *testing.T
	name string
}

func newWorld(t *testing.T, bridged bool) *world {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root for network namespaces")
	}
	t.Parallel()
	b := make([]byte, 3)
	rand.Read(b)
	w := &world{t: t, name: "ft" + hex.EncodeToString(b)}
	f, err := New(Options{Lab: w.name, Services: []netip.Addr{api.Addr(), imds}, Bridged: bridged})
	if err != nil {
		t.Fatal(err)
	}
	w.Fabric = f
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	w.must(f.AddSubnet(Subnet{ID: "isv", Prefixes: prefixes("10.0.0.0/24", "2001:db8:0:10::/64")}))
	w.must(f.AddSubnet(Subnet{ID: "pod", Prefixes: prefixes("10.1.0.0/24", "2001:db8:0:11::/64")}))
	w.machine("isv", VNIC{ID: "visv", Device: "ens3", Subnet: "isv", DefaultRoute: true, SourceDestCheck: true, Primary: prefixes("10.0.0.50/24", "2001:db8:0:10::50/64")})
	w.machine("pod", VNIC{ID: "vpod", Device: "ens3", Subnet: "pod", DefaultRoute: true, SourceDestCheck: true, Primary: prefixes("10.1.0.50/24", "2001:db8:0:11::50/64")})
	w.router("r1", 1)
	w.router("r2", 2)
	return w
}

func prefixes(s ...string) []netip.Prefix {
	var ps []netip.Prefix
	for _, p := range s {
		ps = append(ps, netip.MustParsePrefix(p))
	}
	return ps
}

func (w *world) ns(host string) string { return w.name + "-" + host }

func (w *world) machine(host string, vnics ...VNIC) {
	w.t.Helper()
	path, err := NewNamespace(w.ns(host))
	w.must(err)
	w.t.Cleanup(func() { DeleteNamespace(w.ns(host)) })
	for _, v := range vnics {
		v.Host = host
		if _, known := w.ports[v.ID]; !known {
			w.must(w.AddVNIC(v))
		}
	}
	w.must(w.Attach(host, path))
}

// router makes (or makes again, as a reboot does) a router that carries the floating addresses like a holder.
func (w *world) router(host string, i int) {
	w.t.Helper()
	w.machine(host,
		VNIC{ID: host + "a", Device: "ens3", Subnet: "isv", DefaultRoute: true, Primary: prefixes(fmt.Sprintf("10.0.0.1%d/24", i), fmt.Sprintf("2001:db8:0:10::1%d/64", i))},
		VNIC{ID: host + "b", Device: "ens5", Subnet: "pod", Primary: prefixes(fmt.Sprintf("10.1.0.1%d/24", i), fmt.Sprintf("2001:db8:0:11::1%d/64", i))})
	w.sh(host, "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.conf.all.rp_filter=0")
	w.sh(host, "ip addr add 10.0.0.100/24 dev ens3; ip addr add 10.1.0.100/24 dev ens5; ip addr add 2001:db8:0:10::100/64 dev ens3 nodad; ip addr add 2001:db8:0:11::100/64 dev ens5 nodad")
}

func (w *world) own(host string) {
	w.t.Helper()
	a, b := "", ""
	if host != "" {
		a, b = host+"a", host+"b"
	}
	for ip, v := range map[netip.Addr]string{floatISV: a, floatISV6: a, floatPOD: b, floatPOD6: b} {
		w.must(w.SetOwner(ip, v))
	}
}

func (w *world) routes() {
	w.t.Helper()
	w.must(w.SetRouteRules("isv", []RouteRule{{netip.MustParsePrefix("10.1.0.0/24"), floatISV}, {netip.MustParsePrefix("2001:db8:0:11::/64"), floatISV6}}))
	w.must(w.SetRouteRules("pod", []RouteRule{{netip.MustParsePrefix("10.0.0.0/24"), floatPOD}, {netip.MustParsePrefix("2001:db8:0:10::/64"), floatPOD6}}))
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) command(host, script string) *exec.Cmd {
	return exec.Command("ip", "netns", "exec", w.ns(host), "sh", "-c", script)
}

func (w *world) sh(host, script string) string {
	w.t.Helper()
	out, err := w.command(host, script).CombinedOutput()
	if err != nil {
		w.t.Fatalf("%s: %s: %v\n%s", host, script, err, out)
	}
	return string(out)
}

// pings reports whether a packet from host comes back from to.
func (w *world) pings(host, to string) bool {
	return w.command(host, "ping -n -c 2 -i 0.05 -W 0.3 "+to).Run() == nil
}

func (w *world) wantPing(host, to string, want bool) {
	w.t.Helper()
	got := w.pings(host, to)
	// A neighbour that failed is asked for again after a second, a new link-local address is usable after two.
	for end := time.Now().Add(3 * time.Second); want && !got && time.Now().Before(end); {
		got = w.pings(host, to)
	}
	if got != want {
		w.t.Errorf("ping from %s to %s: %v, want %v", host, to, got, want)
	}
}

func (w *world) wantHop(ip netip.Addr, host string) {
	w.t.Helper()
	h, err := w.NextHop(ip)
	w.must(err)
	if h.Host != host {
		w.t.Errorf("next hop of %s is %q (%+v), want %q", ip, h.Host, h, host)
	}
}

// flood pings at 5 ms in the background; the returned function waits and returns ping's summary line.
func (w *world) flood(host, to string, count int) func() string {
	w.t.Helper()
	var out bytes.Buffer
	cmd := w.command(host, fmt.Sprintf("exec ping -n -q -i 0.005 -c %d %s", count, to))
	cmd.Stdout, cmd.Stderr = &out, &out
	w.must(cmd.Start())
	return func() string {
		cmd.Wait()
		for _, l := range strings.Split(out.String(), "\n") {
			if strings.Contains(l, "transmitted") {
				return l
			}
		}
		return out.String()
	}
}

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

// echoes counts the echo requests (IPv4 and IPv6) that reach a machine. A ping that is not answered does not say on
// which way it was lost; this does.
func (w *world) echoes(host string) int {
	w.t.Helper()
	out := w.sh(host, "awk '/^Icmp: [0-9]/ {n += $9} END {print n}' /proc/net/snmp; awk '/Icmp6InEchos/ {print $2}' /proc/net/snmp6")
	n := 0
	for _, f := range strings.Fields(out) {
		v, err := strconv.Atoi(f)
		w.must(err)
		n += v
	}
	return n
}

// arrives reports whether echo requests from a host reach the machine that they are meant for.
func (w *world) arrives(from, to, at string) bool {
	w.t.Helper()
	before := w.echoes(at)
	w.pings(from, to)
	return w.echoes(at) > before
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

// listen accepts TCP connections in a machine; the returned function ends it.
func (w *world) listen(host string, at netip.AddrPort) func() {
	w.t.Helper()
	cmd := exec.Command("ip", "netns", "exec", w.ns(host), "python3", "-c",
		fmt.Sprintf("import socket\ns=socket.create_server((%q,%d))\nprint('up',flush=True)\nwhile True: s.accept()[0].close()", at.Addr(), at.Port()))
	out, err := cmd.StdoutPipe()
	w.must(err)
	w.must(cmd.Start())
	if _, err := out.Read(make([]byte, 8)); err != nil {
		w.t.Fatalf("no listener: %v", err)
	}
	return func() { cmd.Process.Kill(); cmd.Wait() }
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
