// SPDX-License-Identifier: Apache-2.0

package migration

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// words writes a plan as "1:do1 2:release", held orders with a star.
func words(plan []Action) string {
	var all []string
	for _, a := range plan {
		who := 1
		if a.Second {
			who = 2
		}
		w := fmt.Sprintf("%d:%s", who, a.Order.Verb)
		if a.Order.Step != 0 {
			w += fmt.Sprint(int(a.Order.Step))
		}
		if a.Order.Held {
			w += "*"
		}
		all = append(all, w)
	}
	return strings.Join(all, " ")
}

// The plans, written by hand: the standby node is through all its steps before the active one lets go, and that lets go
// before its stack is stopped.
func TestPlan(t *testing.T) {
	for _, c := range []struct {
		name string
		s    Situation
		want string
	}{
		{"there", Situation{Direction: Forward}, "1:do1* 1:do2* 1:do3* 1:do4* 1:do5* 1:do6* 1:do7* 1:do8* 2:do1 2:do2 2:do3 1:ready 2:release 2:do4 2:do5 2:do6 2:do7 2:do8 2:await 1:await"},
		{"back", Situation{Direction: Backward}, "1:undo8* 1:undo7* 1:undo6* 1:undo5* 1:undo4* 1:undo3* 2:release 2:undo8 2:undo7 2:undo6 2:undo5 2:undo4 2:undo3 2:await 1:await"},
		{"there, alone", Situation{Direction: Forward, Alone: true}, "1:do1* 1:do2* 1:do3* 1:release 1:do4* 1:do5* 1:do6* 1:do7* 1:do8* 1:take 1:await"},
		{"back, alone", Situation{Direction: Backward, Alone: true}, "1:release 1:undo8* 1:undo7* 1:undo6* 1:undo5* 1:undo4* 1:undo3* 1:take 1:await"},
		{"back to an active node that never left", Situation{Direction: Backward, Arrived: true}, "2:undo3 2:take 1:undo8 1:undo7 1:undo6 1:undo5 1:undo4 1:undo3 2:await 1:await"},
		{"there again, to an active node that never left", Situation{Direction: Forward, Arrived: true}, "2:take 1:do1 1:do2 1:do3 1:do4 1:do5 1:do6 1:do7 1:do8 2:await 1:await"},
	} {
		if d := cmp.Diff(c.want, words(Plan(c.s))); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

// journal is one with the first n steps done, and the next begun.
func journal(done, begun int) Journal {
	j := Journal{Steps: map[Step]Record{}}
	for s := 1; s <= done; s++ {
		j.Steps[Step(s)] = Record{Begun: time.Unix(1, 0), Done: time.Unix(2, 0)}
	}
	for s := done + 1; s <= begun; s++ {
		j.Steps[Step(s)] = Record{Begun: time.Unix(1, 0)}
	}
	return j
}

func TestJudge(t *testing.T) {
	taken := journal(8, 8)
	taken.Taken = true
	run := func(d Direction) Run { return Run{Direction: d, First: "sp2", Second: "sp1", Begun: time.Unix(1, 0)} }
	for _, c := range []struct {
		name   string
		d      Direction
		before Run
		sp1    Journal
		sp2    Journal
		alone  bool
		first  string
		s      Situation
	}{
		{"fresh", Forward, Run{}, Journal{}, Journal{}, false, "sp2", Situation{Direction: Forward}},
		{"fresh rollback", Backward, Run{}, journal(8, 8), journal(8, 8), false, "sp2", Situation{Direction: Backward}},
		{"go on", Forward, run(Forward), journal(3, 3), taken, false, "sp2", Situation{Direction: Forward}},
		{"turn round before the hand-over", Backward, run(Forward), journal(2, 3), journal(8, 8), false, "sp2", Situation{Direction: Backward, Arrived: true}},
		{"turn round at once", Backward, run(Forward), Journal{}, journal(3, 4), false, "sp2", Situation{Direction: Backward, Arrived: true}},
		{"turn round after the hand-over", Backward, run(Forward), journal(3, 4), taken, false, "sp1", Situation{Direction: Backward}},
		{"turn a rollback round before the hand-over", Forward, run(Backward), journal(8, 8), journal(5, 6), false, "sp2", Situation{Direction: Forward, Arrived: true}},
		{"turn a rollback round after the hand-over", Forward, run(Backward), journal(4, 8), Journal{Taken: true, Steps: map[Step]Record{}}, false, "sp1", Situation{Direction: Forward}},
		{"go on with a rollback after the hand-over, the other node nearly through", Backward, run(Backward), journal(3, 3), Journal{Taken: true, Steps: map[Step]Record{}}, false, "sp2", Situation{Direction: Backward}},
		{"go on with a rollback to an active node that never left", Backward, run(Backward), journal(2, 3), journal(5, 6), false, "sp2", Situation{Direction: Backward, Arrived: true}},
		{"alone", Backward, run(Forward), Journal{}, taken, true, "sp2", Situation{Direction: Backward, Alone: true}},
	} {
		first, _, s := Judge(c.d, c.before, "sp2", "sp1", c.sp2, c.sp1, c.alone)
		if first != c.first || s != c.s {
			t.Errorf("%s: first %s, %+v; want %s, %+v", c.name, first, s, c.first, c.s)
		}
	}
}
