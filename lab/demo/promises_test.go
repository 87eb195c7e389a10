// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"strings"
	"testing"
	"time"
)

func TestPromisesHold(t *testing.T) {
	if broken := Check(sample()); len(broken) > 0 {
		t.Errorf("a good demo broke promises: %q", broken)
	}
}

// Each promise, broken once: the checker must say so, and name the event.
func TestBrokenPromisesAreFound(t *testing.T) {
	one := 5 * time.Millisecond
	for _, tt := range []struct {
		name  string
		spoil func(*Outcome)
		want  []string
	}{
		{"one packet lost before the first event", func(o *Outcome) { lose(o, toAddress, 5*time.Second, 5*time.Second+one) }, []string{"before the first event 1 packet"}},
		{"one packet lost by the planned move", func(o *Outcome) { lose(o, toAddress, 11*time.Second, 11*time.Second+one) }, []string{"planned move", "1 packet to the address"}},
		{"one lost through the router", func(o *Outcome) { lose(o, "through_router", 11*time.Second, 11*time.Second+one) }, []string{"planned move", "1 packet through the routers"}},
		{"one lost on the way back", func(o *Outcome) { lose(o, "through_router_back", 11*time.Second, 11*time.Second+one) }, []string{"planned move", "1 packet through the routers"}},
		{"loss after the views agreed", func(o *Outcome) { lose(o, toAddress, 20*time.Second, 21*time.Second) }, []string{"planned move", "200 packets"}},
		{"loss in the brown-out", func(o *Outcome) { lose(o, toAddress, 30*time.Second, 30*time.Second+one) }, []string{"429 and 500", "1 packet"}},
		{"loss at the return", func(o *Outcome) { lose(o, "through_router_back", 80*time.Second, 80*time.Second+one) }, []string{"comes back", "1 packet"}},
		{"the planned move moved nothing", func(o *Outcome) { o.Report.Events[0].To = "vrouter1" }, []string{"planned move", "stayed on vrouter1"}},
		{"the brown-out moved the address", func(o *Outcome) { o.Report.Events[1].To = "vrouter3" }, []string{"429", "moved from vrouter2 to vrouter3"}},
		{"the crash moved nothing", func(o *Outcome) { o.Report.Events[2].To = "vrouter2" }, []string{"power", "stayed on vrouter2"}},
		{"nobody after the crash", func(o *Outcome) { o.Report.Events[2].To = "" }, []string{"power", "somebody must hold"}},
		{"the return moved the address", func(o *Outcome) { o.Report.Events[3].To = "vrouter2" }, []string{"comes back", "moved from vrouter3"}},
		{"moved between two events", func(o *Outcome) { o.Report.Events[2].From = "vrouter1" }, []string{"power", `"vrouter1" held`}},
		{"not served again after the crash", func(o *Outcome) { lose(o, toAddress, 55*time.Second, 75*time.Second) }, []string{"power", "not served"}},
		{"one direction not served again", func(o *Outcome) { lose(o, "through_router_back", 74*time.Second, 75*time.Second) }, []string{"power", "pod → isv is not served"}},
		{"the views never agreed", func(o *Outcome) { o.Moments[2].Unsettled = "not within 1m0s" }, []string{"power", "did not agree", "1m0s"}},
		{"an event is missing", func(o *Outcome) { o.Report.Events, o.Moments = o.Report.Events[:2], o.Moments[:2] }, []string{"2 events of 4"}},
		{"an event of another kind", func(o *Outcome) { o.Report.Events[3].Kind = Planned }, []string{"kind planned instead of return"}},
		{"nothing was sent", func(o *Outcome) { o.Recording.Streams[0].Packets = nil; o.measure() }, []string{"no packets were sent (0 to the address"}},
		{"nothing was sent through the routers", func(o *Outcome) {
			o.Recording.Streams = o.Recording.Streams[:1]
			o.measure()
		}, []string{"0 through the routers"}},
		{"a fault hit nothing", func(o *Outcome) { o.Strikes[1].Hits = 0 }, []string{"hit no request"}},
		{"no faults", func(o *Outcome) { o.Strikes = nil }, []string{"no fault was set"}},
		{"a failed monitor", func(o *Outcome) { o.collect([]Reading{{Node: "vrouter2", Op: "monitor", Code: 7, key: "k"}}) }, []string{"monitor on vrouter2 returned 7"}},
	} {
		o := sample()
		tt.spoil(&o)
		broken := Check(o)
		found := false
		for _, b := range broken {
			all := true
			for _, w := range tt.want {
				all = all && strings.Contains(b, w)
			}
			found = found || all
		}
		if !found {
			t.Errorf("%s: want a sentence with %q, got %q", tt.name, tt.want, broken)
		}
	}
}
