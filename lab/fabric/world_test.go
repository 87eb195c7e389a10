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
