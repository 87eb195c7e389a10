// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"ocf-oci/internal/announce"
	"ocf-oci/internal/floating"

	"github.com/mdlayher/packet"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// heard is a frame that arrived at the neighbour.
type heard struct {
	at   time.Time
	what string // "request", "reply", "advertisement", "solicitation", "probe"
	to   netip.Addr
}

// neighbour listens on an interface of the namespace "peer" for packets about an address until the test ends.
type neighbourhood struct {
	mu     sync.Mutex
	frames []heard
}

func listenAtPeer(t *testing.T, iface string, ip netip.Addr) *neighbourhood {
	t.Helper()
	runtime.LockOSThread()
	here, err := netns.Get()
	if err != nil {
		t.Fatal(err)
	}
	peer, err := netns.GetFromName("peer")
	if err != nil {
		t.Fatal(err)
	}
	if err := netns.Set(peer); err != nil {
		t.Fatal(err)
	}
	ifi, err := net.InterfaceByName(iface)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := packet.Listen(ifi, packet.Raw, unix.ETH_P_ALL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := netns.Set(here); err != nil {
		t.Fatal(err)
	}
	runtime.UnlockOSThread()
	t.Cleanup(func() { conn.Close() })
	n := &neighbourhood{}
	go func() {
		buffer := make([]byte, 2000)
		for {
			size, _, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			if h, ok := understand(buffer[:size], ip); ok {
				n.mu.Lock()
				n.frames = append(n.frames, h)
				n.mu.Unlock()
			}
		}
	}()
	return n
}

func understand(frame []byte, ip netip.Addr) (heard, bool) {
	h := heard{at: time.Now()}
	switch binary.BigEndian.Uint16(frame[12:]) {
	case unix.ETH_P_ARP:
		p, err := announce.Parse(frame[14:])
		if err != nil {
			return h, false
		}
		h.what, h.to = map[uint16]string{announce.Request: "request", announce.Reply: "reply"}[p.Op], p.TargetIP
		if p.SenderIP == netip.IPv4Unspecified() && p.TargetIP == ip {
			h.what = "probe"
			return h, true
		}
		return h, p.SenderIP == ip
	case unix.ETH_P_IPV6:
		if len(frame) < 78 || frame[20] != unix.IPPROTO_ICMPV6 || frame[21] != 255 || netip.AddrFrom16([16]byte(frame[22:38])) != ip {
			return h, false
		}
		h.what = map[byte]string{135: "solicitation", 136: "advertisement"}[frame[54]]
		h.to = netip.AddrFrom16([16]byte(frame[62:78]))
		return h, h.what != ""
	}
	return h, false
}

// count counts what was heard of a kind about a target, and says when the first and last came.
func (n *neighbourhood) count(what string, to netip.Addr) (count int, first, last time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, h := range n.frames {
		if h.what == what && h.to == to {
			if count++; count == 1 {
				first = h.at
			}
			last = h.at
		}
	}
	return count, first, last
}

func TestAnnouncements(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	agent := install(t)
	for _, c := range []struct {
		ip, gateway string
		kinds       []string
		asking      string
	}{
		{"10.0.0.100", "10.0.0.9", []string{"request", "reply"}, "request"},
		{"2001:db8::100", "2001:db8::9", []string{"advertisement"}, "solicitation"},
	} {
		ip, gateway := netip.MustParseAddr(c.ip), netip.MustParseAddr(c.gateway)
		n := listenAtPeer(t, "e0", ip)
		i := newInstance(agent, "ip="+c.ip, "nodad=true", "arp_count=3", "arp_interval=100", "arp_targets="+c.gateway)
		r := i.want(t, 0, "start")
		if r.took > 1500*time.Millisecond {
			t.Errorf("%s: start took %v: it waited for the announcements", ip, r.took)
		}
		for _, kind := range c.kinds {
			if got, _, _ := n.count(kind, ip); got == 0 {
				t.Errorf("%s: no %s before start returned", ip, kind)
			}
		}
		time.Sleep(3 * time.Second)
		for _, kind := range c.kinds {
			got, first, last := n.count(kind, ip)
			if got != 4 || last.Sub(first) < time.Second+100*time.Millisecond {
				t.Errorf("%s: heard %d of kind %s within %v, want 3 and one more than a second later", ip, got, kind, last.Sub(first))
			}
		}
		if got, _, _ := n.count(c.asking, gateway); got != 4 {
			t.Errorf("%s: the gateway was asked %d times, want 4", ip, got)
		}
		i.want(t, 0, "monitor", "arp_count_refresh=1")
		for begin := time.Now(); time.Since(begin) < 5*time.Second; time.Sleep(50 * time.Millisecond) {
			if got, _, _ := n.count(c.kinds[0], ip); got >= 5 {
				break
			}
		}
		if got, _, _ := n.count(c.kinds[0], ip); got != 5 {
			t.Errorf("%s: %d announcements after a refreshing monitor, want 5", ip, got)
		}
		i.want(t, 0, "stop")
		r = i.want(t, 0, "start", "arp_bg=false")
		if r.took < 1200*time.Millisecond {
			t.Errorf("%s: start with arp_bg=false took only %v", ip, r.took)
		}
		i.want(t, 0, "stop")
	}
}

// Nothing announces an address that was stopped, and the announcer keeps no pipe open.
func TestStopEndsTheAnnouncer(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	ip := netip.MustParseAddr("10.0.0.100")
	n := listenAtPeer(t, "e0", ip)
	i := newInstance(install(t), "ip=10.0.0.100", "arp_count=100", "arp_interval=50")
	i.want(t, 0, "start")
	marks, err := floating.Open(stateDir, "vip")
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	if before, _, _ := n.count("request", ip); before < 3 {
		t.Errorf("only %d announcements: the announcer does not run", before)
	}
	i.want(t, 0, "stop")
	before, _, _ := n.count("request", ip)
	time.Sleep(300 * time.Millisecond)
	if after, _, _ := n.count("request", ip); after > before {
		t.Errorf("%d announcements after stop", after-before)
	}
	if err := marks.EndAnnouncer(); err != nil {
		t.Error(err)
	}
	// Without a stop, it ends when the address goes.
	i.want(t, 0, "start")
	sh(t, "ip addr del 10.0.0.100/24 dev eth0; sleep 0.2")
	before, _, _ = n.count("request", ip)
	time.Sleep(300 * time.Millisecond)
	if after, _, _ := n.count("request", ip); after > before {
		t.Errorf("%d announcements of an address that is gone", after-before)
	}
}

// IPaddr2 kills whatever process has the number that it once wrote down.
func TestStopKillsNoInnocentProcess(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	i := newInstance(install(t), "ip=10.0.0.100")
	i.want(t, 0, "start")
	innocent := exec.Command("sleep", "30")
	if err := innocent.Start(); err != nil {
		t.Fatal(err)
	}
	text, _ := json.Marshal(floating.Announcer{PID: innocent.Process.Pid, Born: 1})
	if err := os.WriteFile(stateDir+"/vip.announcer", text, 0o600); err != nil {
		t.Fatal(err)
	}
	i.want(t, 0, "stop")
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", innocent.Process.Pid))
	if err != nil || strings.Contains(string(stat), ") Z") {
		t.Errorf("the innocent process was killed: %v", err)
	}
	_ = innocent.Process.Kill()
	_ = innocent.Wait()
}

func TestDuplicates(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	agent := install(t)
	mac := strings.TrimSpace(sh(t, "ip netns exec peer cat /sys/class/net/e0/address"))
	i := newInstance(agent, "ip=10.0.0.9")
	if r := i.want(t, 1, "start"); !strings.Contains(r.stderr, mac) {
		t.Errorf("the other host's MAC address %s is not named: %s", mac, r.stderr)
	}
	i.want(t, 7, "probe")
	i.want(t, 1, "start", "run_arping=true")
	i.want(t, 0, "start", "run_arping=false")
	i.want(t, 0, "start") // it is here already: nobody is asked
	i.want(t, 0, "stop")

	six := newInstance(agent, "ip=2001:db8::9")
	if r := six.want(t, 1, "start"); !strings.Contains(r.stderr, "duplicate") {
		t.Errorf("the reason does not speak of a duplicate: %s", r.stderr)
	}
	if out := sh(t, "ip -6 addr show eth0; ip addrlabel list"); strings.Contains(out, "2001:db8::9") {
		t.Errorf("the duplicate or its label stayed behind:\n%s", out)
	}
	six.want(t, 7, "probe")
	six.want(t, 0, "start", "nodad=true")
	six.want(t, 0, "stop")

	// IPaddr2's monitor calls an address good that duplicate address detection has found in use.
	sh(t, "ip -6 addr add 2001:db8::9/64 dev eth0; sleep 2.5; ip -6 addr show eth0 | grep -q dadfailed")
	if r := six.want(t, 7, "monitor"); !strings.Contains(r.stderr, "duplicate address detection failed") {
		t.Errorf("%s", r.stderr)
	}
	six.want(t, 0, "stop")

	if n := listenAtPeer(t, "e0", netip.MustParseAddr("10.0.0.100")); true {
		free := newInstance(agent, "ip=10.0.0.100")
		if r := free.want(t, 0, "start"); r.took > time.Second {
			t.Errorf("asking the network took %v", r.took)
		}
		if got, _, _ := n.count("probe", netip.MustParseAddr("10.0.0.100")); got != 3 {
			t.Errorf("%d probes, want 3", got)
		}
		free.want(t, 0, "stop")
	}
}

// A monitor that meets duplicate address detection, which the kernel repeats when a link comes back, waits for it.
func TestMonitorWaitsForDuplicateAddressDetection(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	i := newInstance(install(t), "ip=2001:db8::100")
	i.want(t, 0, "start")
	sh(t, "ip -6 addr del 2001:db8::100/64 dev eth0; ip -6 addr add 2001:db8::100/64 dev eth0; ip -6 addr show eth0 | grep 2001:db8::100 | grep -q tentative")
	i.want(t, 0, "monitor")
}

func TestNamespace(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	agent := install(t)
	i := newInstance(agent, "ip=10.0.0.100", "network_namespace=peer")
	i.want(t, 7, "probe")
	i.want(t, 0, "start")
	if out := sh(t, "ip -n peer addr show e0"); !strings.Contains(out, "10.0.0.100/24") {
		t.Errorf("not in the namespace:\n%s", out)
	}
	i.want(t, 0, "monitor")
	i.want(t, 0, "stop")
	i.want(t, 7, "monitor")
	gone := newInstance(agent, "ip=10.0.0.100", "network_namespace=nosuch")
	gone.want(t, 5, "start")
	gone.want(t, 7, "probe")
	gone.want(t, 7, "monitor")
	gone.want(t, 0, "stop")
	gone.want(t, 0, "validate-all")
	gone.want(t, 5, "validate-all", "OCF_CHECK_LEVEL=10")
}

// With kill_connections_on_stop the peer of a connection learns at once that it is over.
func TestStopResetsConnections(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	i := newInstance(install(t), "ip=10.0.0.100", "kill_connections_on_stop=true")
	for _, listen := range []string{"10.0.0.100:7000", "[::]:7001"} {
		i.want(t, 0, "start")
		server, err := net.Listen("tcp", listen)
		if err != nil {
			t.Fatal(err)
		}
		_, port, _ := net.SplitHostPort(server.Addr().String())
		client := exec.Command("ip", "netns", "exec", "peer", "bash", "-c", "exec 3<>/dev/tcp/10.0.0.100/"+port+"; echo connected; read -r x <&3; echo ended")
		out, err := client.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := client.Start(); err != nil {
			t.Fatal(err)
		}
		conn, err := server.Accept()
		if err != nil {
			t.Fatal(err)
		}
		buffer := make([]byte, 64)
		_, _ = out.Read(buffer)
		i.want(t, 0, "stop")
		ended := make(chan error, 1)
		go func() { _, err := out.Read(buffer); ended <- err }()
		select {
		case <-ended:
		case <-time.After(3 * time.Second):
			t.Errorf("%s: the client still waits", listen)
		}
		_ = client.Process.Kill()
		_ = client.Wait()
		conn.Close()
		server.Close()
	}
}
