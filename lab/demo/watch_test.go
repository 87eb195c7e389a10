// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ocf-oci/lab"
)

// on is a status in which everybody says that node holds both addresses.
func on(node string) lab.Status {
	s := lab.Status{Agree: true}
	for _, a := range []string{"10.0.0.100", "10.1.0.100"} {
		s.Addresses = append(s.Addresses, lab.AddressStatus{
			Address: netip.MustParseAddr(a), Region: node, Fabric: node, OS: []string{node}, Pacemaker: []string{node}, Managed: true, Agree: true,
		})
	}
	return s
}

func TestHolder(t *testing.T) {
	unmanaged, apart, split := on("vrouter1"), on("vrouter1"), on("vrouter1")
	for i := range unmanaged.Addresses {
		unmanaged.Addresses[i].Managed = false
	}
	apart.Addresses[1].Agree, apart.Addresses[1].Fabric = false, "vrouter2"
	split.Addresses[1] = on("vrouter2").Addresses[1]
	for _, tt := range []struct {
		name      string
		s         lab.Status
		node, why string
	}{
		{"one holder", on("vrouter1"), "vrouter1", ""},
		{"no resource", unmanaged, "", "manages no address"},
		{"views differ", apart, "", `10.1.0.100: region "vrouter1", network "vrouter2"`},
		{"the addresses are apart", split, "", "10.1.0.100 is on vrouter2"},
	} {
		node, why := holder(tt.s)
		if node != tt.node || (why == "") != (tt.why == "") || !strings.Contains(why, tt.why) {
			t.Errorf("%s: got %q, %q", tt.name, node, why)
		}
	}
}

func TestAbsent(t *testing.T) {
	node := func(name string, online ...string) lab.NodeStatus {
		return lab.NodeStatus{Name: name, Pacemaker: lab.PacemakerView{Online: online}}
	}
	s := lab.Status{Nodes: []lab.NodeStatus{node("a", "a", "b"), node("b", "a", "b"), {Name: "isv", Host: true}}}
	if why := absent(s); why != "" {
		t.Errorf("all are there, but %s", why)
	}
	s.Nodes[1] = node("b", "b")
	if why := absent(s); why != "b does not see a online" {
		t.Errorf("got %q", why)
	}
}

func TestSettledTakesTwoLooksFromNowOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatcher(nil)
		number := 0
		publish := func(s lab.Status) {
			number++
			w.publish(look{number: number, asked: w.now() - 10*time.Millisecond, got: w.now(), status: s})
		}
		publish(on("vrouter2")) // an old look, which must not count
		time.Sleep(time.Second)
		type answer struct {
			at  time.Duration
			err error
		}
		done := make(chan answer, 1)
		go func() {
			at, _, err := w.settled(t.Context(), held(func(node string) string {
				if node != "vrouter2" {
					return "it is on " + node
				}
				return ""
			}))
			done <- answer{at, err}
		}()
		for _, node := range []string{"vrouter1", "vrouter2", "vrouter1", "vrouter2"} {
			time.Sleep(time.Second)
			publish(on(node))
			synctest.Wait()
			if len(done) > 0 {
				t.Fatalf("settled after the look number %d", number)
			}
		}
		time.Sleep(time.Second)
		publish(on("vrouter2"))
		if got := <-done; got.err != nil || got.at != 5*time.Second {
			t.Errorf("settled at %s, %v; want 5s, when the first of two good looks in a row was complete", got.at, got.err)
		}
	})
}

func TestSettledSaysWhyNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatcher(nil)
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errors.New("not within 1m0s"))
		defer cancel()
		go func() {
			time.Sleep(time.Second)
			w.publish(look{number: 1, asked: w.now(), got: w.now(), status: lab.Status{}})
		}()
		_, _, err := w.settled(ctx, held(func(string) string { return "" }))
		if err == nil || !strings.Contains(err.Error(), "not within 1m0s: pacemaker manages no address") {
			t.Errorf("got %v", err)
		}
	})
}
