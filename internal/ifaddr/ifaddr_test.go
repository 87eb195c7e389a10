// SPDX-License-Identifier: Apache-2.0

package ifaddr

import (
	"context"
	"net/netip"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// inNamespace runs the test on a locked thread in a network namespace of its own with a pair of links v0 and v1.
func inNamespace(t *testing.T) *Handle {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root to make a network namespace")
	}
	runtime.LockOSThread()
	before, err := netns.Get()
	if err != nil {
		t.Fatal(err)
	}
	ns, err := netns.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := netns.Set(before); err != nil {
			t.Error(err)
		}
		ns.Close()
		before.Close()
		runtime.UnlockOSThread()
	})
	veth := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "v0"}, PeerName: "v1"}
	if err := netlink.LinkAdd(veth); err != nil {
		t.Fatal(err)
	}
	h, err := Open(func(op string, err error) { t.Log(op, err) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	for _, name := range []string{"lo", "v0", "v1"} {
		if err := h.SetUp(link(t, h, name)); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func table(t *testing.T, h *Handle) Table {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	tab, err := h.Table(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func link(t *testing.T, h *Handle, name string) Link {
	t.Helper()
	l, ok := table(t, h).ByName(name)
	if !ok {
		t.Fatalf("no link %s", name)
	}
	return l
}

func TestAddAndRemoveAreIdempotent(t *testing.T) {
	h := inNamespace(t)
	v0 := link(t, h, "v0")
	for _, text := range []string{"10.0.0.100/28", "10.0.0.100/32", "2001:db8::5/64"} {
		p := netip.MustParsePrefix(text)
		for range 2 {
			if err := h.Add(Assignment{Prefix: p, Link: v0.Index, LinkName: "v0"}); err != nil {
				t.Fatal(err)
			}
		}
		found := table(t, h).Find(p.Addr())
		if len(found) == 0 || found[len(found)-1].LinkName != "v0" {
			t.Fatalf("%s: found %+v", p, found)
		}
	}
	if got := len(table(t, h).Find(netip.MustParseAddr("10.0.0.100"))); got != 2 {
		t.Errorf("10.0.0.100 with two prefix lengths: found %d copies", got)
	}
	for _, ip := range []string{"10.0.0.100", "2001:db8::5"} {
		for _, a := range table(t, h).Find(netip.MustParseAddr(ip)) {
			for range 2 {
				if err := h.Remove(a); err != nil {
					t.Fatal(err)
				}
			}
		}
		if left := table(t, h).Find(netip.MustParseAddr(ip)); len(left) != 0 {
			t.Errorf("%s is still there: %+v", ip, left)
		}
	}
}

func TestAddSaysExactlyWhatIsAsked(t *testing.T) {
	h := inNamespace(t)
	v0 := link(t, h, "v0")
	plain := Assignment{Prefix: netip.MustParsePrefix("10.0.0.100/28"), Link: v0.Index}
	full := Assignment{Prefix: netip.MustParsePrefix("10.0.1.100/28"), Link: v0.Index,
		Broadcast: netip.MustParseAddr("10.0.1.255"), Label: "v0:vip", Metric: 77}
	for _, a := range []Assignment{plain, full} {
		if err := h.Add(a); err != nil {
			t.Fatal(err)
		}
	}
	got := table(t, h).Find(plain.Prefix.Addr())[0]
	if got.Broadcast.IsValid() || got.Label != "v0" {
		t.Errorf("a broadcast address or label was invented: %+v", got)
	}
	got = table(t, h).Find(full.Prefix.Addr())[0]
	if got.Broadcast != full.Broadcast || got.Label != "v0:vip" {
		t.Errorf("got %+v", got)
	}
}

func TestContainingPrefersTheLongestPrefix(t *testing.T) {
	tab := Table{
		Links: []Link{{Index: 1, Name: "a"}, {Index: 2, Name: "b", AltNames: []string{"bb"}}},
		Addresses: []Address{
			{Prefix: netip.MustParsePrefix("10.0.0.1/8"), Link: 1, LinkName: "a"},
			{Prefix: netip.MustParsePrefix("10.0.0.2/24"), Link: 2, LinkName: "b"},
			{Prefix: netip.MustParsePrefix("10.0.0.100/32"), Link: 1, LinkName: "a"},
		}}
	ip := netip.MustParseAddr("10.0.0.100")
	for _, c := range []struct {
		nic  string
		bits int
		want string
	}{{"", 0, "b"}, {"", 16, "a"}, {"a", 0, "a"}, {"bb", 0, "b"}, {"c", 0, ""}} {
		got, ok := tab.Containing(ip, c.nic, c.bits)
		if got.LinkName != c.want || ok != (c.want != "") {
			t.Errorf("nic=%q, at most /%d: got %q", c.nic, c.bits, got.LinkName)
		}
	}
}

// The kernel interrupts a dump when addresses change while it runs, and what it delivers then lacks addresses that were
// there all the time. A table must never lack one.
func TestAnAddressIsNeverMissedWhileOthersChange(t *testing.T) {
	h := inNamespace(t)
	v0 := link(t, h, "v0")
	const steady, tries = 1500, 40 // so many that one dump takes several messages
	first := netip.MustParsePrefix("10.0.0.1/32")
	if err := h.Add(Assignment{Prefix: first, Link: v0.Index}); err != nil {
		t.Fatal(err)
	}
	for i := range steady {
		p := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), 32)
		if err := h.Add(Assignment{Prefix: p, Link: v0.Index}); err != nil {
			t.Fatal(err)
		}
	}
	var interrupted atomic.Int64
	reader, err := Open(func(string, error) { interrupted.Add(1) })
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	stop := storm(t, Address{Prefix: first, Link: v0.Index})
	defer stop()
	for i := range tries {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		tab, err := reader.Table(ctx)
		cancel()
		seen := 0
		for _, a := range tab.Addresses {
			if netip.MustParsePrefix("10.1.0.0/16").Contains(a.Prefix.Addr()) {
				seen++
			}
		}
		if err == nil && seen != steady {
			t.Fatalf("dump %d: %d of %d addresses that never changed were seen", i, seen, steady)
		}
	}
	if interrupted.Load() == 0 {
		t.Errorf("no dump of %d was interrupted: the storm is too weak to prove anything", tries)
	}
	t.Logf("%d dumps, %d interrupted and repeated", tries, interrupted.Load())
}

// storm removes and adds one address for ever, on a thread of its own in the namespace of the caller.
func storm(t *testing.T, a Address) (stop func()) {
	space, err := netns.Get()
	if err != nil {
		t.Fatal(err)
	}
	end, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		defer space.Close()
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		if err := netns.Set(space); err != nil {
			t.Error(err)
			return
		}
		churn, err := Open(nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer churn.Close()
		for {
			select {
			case <-end:
				return
			case <-time.After(200 * time.Microsecond):
			}
			_ = churn.Remove(a)
			_ = churn.Add(Assignment{Prefix: a.Prefix, Link: a.Link})
		}
	}()
	return func() { close(end); <-done }
}

func TestAnEndedContextIsUnknownNotAbsent(t *testing.T) {
	h := inNamespace(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Table(ctx); err == nil {
		t.Error("a dump without time gave an answer")
	}
}
