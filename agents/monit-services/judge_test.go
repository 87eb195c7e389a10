// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"ocf-oci/internal/ocf"
)

func drawMember(t *rapid.T, name string) member {
	m := member{name: name, text: "x", counts: true, life: life(rapid.IntRange(0, 2).Draw(t, "life")),
		kept: rapid.Bool().Draw(t, "kept"), settled: rapid.Bool().Draw(t, "settled"), failing: rapid.Bool().Draw(t, "failing"), passive: rapid.Bool().Draw(t, "passive"),
		pending: verb(rapid.IntRange(0, 3).Draw(t, "pending"))}
	return m
}

func drawEvidence(t *rapid.T) evidence {
	e := evidence{started: mark(rapid.IntRange(0, 3).Draw(t, "mark")), now: time.Hour, grace: time.Minute, since: map[string]time.Duration{}}
	for _, name := range []string{"a", "b", "c"}[:rapid.IntRange(0, 3).Draw(t, "members")] {
		e.view.members = append(e.view.members, drawMember(t, name))
		if rapid.Bool().Draw(t, "seen") {
			e.since[name] = time.Hour - time.Duration(rapid.IntRange(0, 120).Draw(t, "age"))*time.Second
		}
	}
	if len(e.view.members) == 0 || rapid.Bool().Draw(t, "trouble") {
		e.trouble = &wrong{reason: reasonDown, code: ocf.ErrGeneric, args: []any{"gone"}}
	}
	return e
}

// What a probe and a monitor may never say, whatever they see.
func TestJudgements(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawEvidence(t)
		up, down, unclear := split(e.view.members)
		ours := e.started == isStarted || e.started == halfStarted
		all := len(e.view.members)

		switch code := probe(e).result.Code; code {
		case ocf.Success:
			if len(up) < all && !ours && e.started != forgotten || len(unclear) == 0 && all > 0 && len(up) == 0 {
				t.Fatalf("active: %+v", e)
			}
		case ocf.NotRunning:
			if len(unclear) > 0 || len(up) == all || len(up) > 0 && ours {
				t.Fatalf("not active: %+v", e)
			}
		case ocf.ErrInstalled:
			if len(unclear) == 0 && all > 0 {
				t.Fatalf("cannot tell: %+v", e)
			}
		default:
			t.Fatalf("a probe says %v: %+v", code, e)
		}

		switch code := recurring(e).result.Code; code {
		case ocf.Success:
			for _, m := range e.view.members {
				begin, seen := e.since[m.name]
				restarting := (m.kept && !m.passive || m.pending == toStart) && m.pending != toStop && (!seen || e.now-begin < e.grace)
				if m.life == unknown || (m.life == dead || m.failing) && !restarting {
					t.Fatalf("well: %+v", e)
				}
			}
			if e.trouble != nil {
				t.Fatalf("nobody looks after them: %+v", e)
			}
		case ocf.Degraded:
			if len(up) != all || e.trouble == nil {
				t.Fatalf("degraded: %+v", e)
			}
		case ocf.NotRunning:
			if len(down) != all {
				t.Fatalf("none runs: %+v", e)
			}
		case ocf.ErrGeneric:
		default:
			t.Fatalf("a monitor says %v: %+v", code, e)
		}
	})
}

// When a start is ordered, and when again.
func TestMustOrder(t *testing.T) {
	long, now := time.Now().Add(-time.Minute), time.Now()
	up := member{counts: true, life: alive, kept: true, settled: true}
	for _, c := range []struct {
		what    string
		change  func(*member)
		ordered time.Time
		busy    bool
		want    bool
	}{
		{"not yet ordered", func(m *member) { m.kept = false }, time.Time{}, false, true},
		{"monit has not looked at it yet", func(m *member) { m.settled = false }, time.Time{}, false, true},
		{"queued", func(m *member) { m.kept, m.pending = false, toStart }, time.Time{}, true, false},
		{"just ordered", func(m *member) { m.kept = false }, now, false, false},
		{"forgotten", func(m *member) { m.kept = false }, long, false, true},
		{"idle, and has not looked since", func(m *member) { m.settled = false }, long, false, true},
		{"works on others", func(m *member) { m.settled = false }, long, true, false},
		{"fails, and is restarted", func(m *member) { m.failing = true }, long, false, false},
	} {
		m := up
		c.change(&m)
		if got := mustOrder(m, c.ordered, c.busy); got != c.want {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}

// Start and stop never take one for the other.
func TestEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawMember(t, "a")
		if runs(m, time.Time{}) && (ended(m, true) || ended(m, false)) {
			t.Fatalf("runs and has ended: %+v", m)
		}
		if m.life == unknown && (runs(m, time.Time{}) || ended(m, true)) {
			t.Fatalf("unknown is neither: %+v", m)
		}
		if (m.kept || m.pending != nothing) && ended(m, true) {
			t.Fatalf("it may be started again: %+v", m)
		}
		if m.life == alive && ended(m, false) {
			t.Fatalf("a living process has ended: %+v", m)
		}
	})
	// Data from before the order says nothing.
	m := member{counts: true, life: alive, kept: true, settled: true, seen: time.Unix(100, 0)}
	if runs(m, time.Unix(101, 0)) || !runs(m, time.Unix(99, 0)) {
		t.Error("old data count")
	}
}
