// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"fmt"
	"time"
)

// The demo promises: a planned move loses no packet; a brown-out of the API loses none, moves nothing and is no failure
// to pacemaker; after a crash a survivor serves the address again; the node's return moves nothing and loses no packet.

// servedAgain is how long every stream must be answered at the end of an event to be called served.
const servedAgain = 500 * time.Millisecond

// promises are what is said of each kind of event.
var promises = map[Kind]string{
	Planned:  "A planned move loses no packet, neither to the address nor through the routers.",
	Brownout: "A brown-out of the cloud's API loses none, moves nothing, and is no failure to pacemaker.",
	Crash:    "After a crash of the holder a surviving node serves the address again.",
	Return:   "The node's return moves nothing and loses no packet.",
}

// finding is a promise that did not hold, or that the demo cannot vouch for.
type finding struct {
	kind Kind // empty: it is about the demo as a whole
	text string
}

// Check returns a sentence for each promise that did not hold, or that the demo cannot vouch for. None: all held.
func Check(o Outcome) []string {
	var broken []string
	for _, f := range findings(o) {
		broken = append(broken, f.text)
	}
	return broken
}

func findings(o Outcome) []finding {
	var broken []finding
	kind := Kind("")
	say := func(format string, args ...any) { broken = append(broken, finding{kind, fmt.Sprintf(format, args...)}) }
	order := []Kind{Planned, Brownout, Crash, Return}
	if len(o.Report.Events) != len(order) {
		say("the demo has %d events of %d: it did not come to its end", len(o.Report.Events), len(order))
	}
	if address, through := o.Recording.traffic(o.window(-1)); address.Lost+through.Lost > 0 {
		say("before the first event %s were lost", packets(address.Lost+through.Lost))
	}
	for i, e := range o.Report.Events {
		if i >= len(order) || e.Kind != order[i] {
			say("event %d is of kind %s instead of %s", i+1, e.Kind, order[min(i, len(order)-1)])
			continue
		}
		kind = e.Kind
		for _, b := range checkEvent(e) {
			say("%s: %s", e.Name, b)
		}
		if why := o.Moments[i].Unsettled; why != "" {
			say("%s: the four views did not agree afterwards: %s", e.Name, why)
		}
		for _, b := range o.unserved(i) {
			say("%s: %s", e.Name, b)
		}
		kind = ""
	}
	for i := 1; i < len(o.Report.Events); i++ {
		if before, now := o.Report.Events[i-1], o.Report.Events[i]; before.To != now.From {
			kind = now.Kind
			say("%s: %q held the address at its beginning, not %q as before", now.Name, now.From, before.To)
		}
	}
	kind = Brownout
	for _, s := range o.Strikes {
		if s.Hits == 0 {
			say("the fault %s hit no request, so the brown-out proves nothing about it", s.Fault)
		}
	}
	if len(o.Strikes) == 0 {
		say("no fault was set in the brown-out")
	}
	for _, f := range o.Failures {
		say("pacemaker counted a failure: %s", f)
	}
	return broken
}

// checkEvent checks what one event promises by itself.
func checkEvent(e Event) []string {
	var broken []string
	say := func(format string, args ...any) { broken = append(broken, fmt.Sprintf(format, args...)) }
	if e.ToAddress.Sent == 0 || e.ThroughRouter.Sent == 0 {
		say("no packets were sent (%d to the address, %d through the routers)", e.ToAddress.Sent, e.ThroughRouter.Sent)
	}
	if e.From == "" || e.To == "" {
		say("somebody must hold the address before (%q) and after (%q)", e.From, e.To)
	}
	moved := e.From != e.To
	if mustMove := e.Kind == Planned || e.Kind == Crash; mustMove && !moved {
		say("the address stayed on %s", e.From)
	} else if !mustMove && moved {
		say("the address moved from %s to %s; it must stay", e.From, e.To)
	}
	if e.Kind != Crash && e.ToAddress.Lost+e.ThroughRouter.Lost > 0 {
		say("lost %s to the address and %s through the routers; none may be lost", packets(e.ToAddress.Lost), packets(e.ThroughRouter.Lost))
	}
	return broken
}

// unserved names the streams that were not answered at the end of event i.
func (o Outcome) unserved(i int) []string {
	from, to := o.window(i)
	var out []string
	for _, s := range o.Recording.Streams {
		if t := s.traffic(max(from, to-servedAgain), to); t.Sent == 0 || t.Lost > 0 {
			out = append(out, fmt.Sprintf("%s is not served at its end: %d of the last %d packets lost", s.Label, t.Lost, t.Sent))
		}
	}
	return out
}
