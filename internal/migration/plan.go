// SPDX-License-Identifier: Apache-2.0

package migration

// Action is a line of a plan: an order for one of the nodes. When a Release of the second node reports Released, the
// first node gets Take at once.
type Action struct {
	Second bool // for the second node
	Order  Order
}

// Situation is what a plan depends on.
type Situation struct {
	Direction Direction
	Alone     bool // only the first node is there
	// Arrived: the second node, which has the resources, is on the stack where the run goes. The first one joins it.
	Arrived bool
}

// Plan is everything that a run has to do, in order. Nodes skip what they have done, so the plan of a continued run is
// the same.
func Plan(s Situation) []Action {
	var plan []Action
	add := func(second bool, o Order) {
		o.Direction, o.Alone = s.Direction, s.Alone
		plan = append(plan, Action{second, o})
	}
	steps := func(second bool, from, to Step, held bool) {
		for n := from; n != to; {
			if s.Direction == Forward {
				add(second, Order{Verb: Do, Step: n, Held: held})
				n++
				continue
			}
			if n.Undo() != "" {
				add(second, Order{Verb: Undo, Step: n, Held: held})
			}
			n--
		}
	}
	from, middle, to := Save, RemoveHeartbeat, Start+1
	if s.Direction == Backward {
		from, middle, to = Start, Start, Save-1
	}
	switch {
	case s.Alone:
		// The addresses, if they are here, are down for as long as the change takes.
		steps(false, from, middle, true)
		add(false, Order{Verb: Release})
		steps(false, middle, to, true)
		add(false, Order{Verb: Take})
	case s.Arrived:
		if s.Direction == Backward {
			add(true, Order{Verb: Undo, Step: Disarm})
		}
		add(true, Order{Verb: Take, Ask: true}) // it may have let go of some
		steps(false, from, to, false)
		add(true, Order{Verb: Await})
	default:
		steps(false, from, to, true)
		steps(true, from, middle, false)
		if s.Direction == Forward {
			add(false, Order{Verb: Ready})
		}
		add(true, Order{Verb: Release}) // and the first node takes
		steps(true, middle, to, false)
		add(true, Order{Verb: Await})
	}
	add(false, Order{Verb: Await})
	return plan
}

// Judge tells how a run in a direction begins or goes on: who is first, and the situation. before is the last run, and
// here and there are the journals of the leading node and its peer; with alone there is none.
func Judge(d Direction, before Run, self, peer string, here, there Journal, alone bool) (first, second string, s Situation) {
	s = Situation{Direction: d, Alone: alone}
	if alone {
		return self, "", s
	}
	first, second = self, peer
	journals := map[string]Journal{self: here, peer: there}
	if !before.Unfinished() {
		return first, second, s
	}
	if before.Second != "" {
		first, second = before.First, before.Second
	}
	if before.Direction != d && journals[first].Taken {
		first, second = second, first // the resources were handed over: their holder goes last again
	}
	holder := journals[second]
	switch {
	case before.Direction == d && journals[first].Taken:
		// The resources have been handed over already, however far the other node has come since.
	case d == Backward:
		s.Arrived = holder.Steps[RemoveHeartbeat].Begun.IsZero()
	case before.Direction == Backward:
		s.Arrived = holder.Complete()
	}
	return first, second, s
}
