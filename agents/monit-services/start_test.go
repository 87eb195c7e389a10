// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"ocf-oci/internal/ocf"
	"ocf-oci/internal/process"
)

// script is a supervisor that shows one view after the other, the last one again and again.
type script struct {
	views  []view
	looks  int
	orders int
}

func (s *script) look(context.Context) (view, *wrong) {
	v := s.views[min(s.looks, len(s.views)-1)]
	s.looks++
	return v, nil
}

func (s *script) order(context.Context, verb, []string) *wrong { s.orders++; return nil }
func (*script) name() string                                   { return "script" }
func (*script) endAlone(context.Context, string) (bool, error) { return false, nil }
func (*script) rescue(context.Context, *wrong) daemon          { return gone }
func (*script) silence() error                                 { return nil }

// one is a service with this process.
func one(pid int) view {
	return view{[]member{{name: "a", counts: true, life: alive, kept: true, settled: true, ids: []process.ID{{PID: pid, Start: 1}}}}}
}

// A process that lives when the supervisor looks, and is another one half a second later, has not been started well.
func TestStartHoldsOn(t *testing.T) {
	down := view{[]member{{name: "a", counts: true, life: dead}}}
	for _, c := range []struct {
		what   string
		views  []view
		orders int
		pid    int // in the end; 0: it is late
	}{
		{"runs already", []view{one(10)}, 0, 10},
		{"starts and stays", []view{down, one(10)}, 1, 10},
		{"crashes once", []view{down, one(10), one(11), one(11)}, 1, 11},
		{"is down at the second look", []view{down, one(10), down, one(12)}, 1, 12},
		{"crashes again and again", []view{down, one(10), one(11), one(12), one(13), one(14), one(15), one(16), one(17), one(18), one(19), one(20), one(21), one(22), one(23)}, 1, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			s := &script{views: c.views}
			v, bad := startAll(ctx, &ocf.Call{Log: slog.New(slog.DiscardHandler)}, s)
			switch {
			case c.pid == 0 && (bad == nil || bad.reason != reasonNotStarted):
				t.Errorf("%s: %+v", c.what, bad)
			case c.pid != 0 && (bad != nil || v.members[0].ids[0].PID != c.pid):
				t.Errorf("%s: %+v %+v", c.what, v, bad)
			}
			if s.orders != c.orders {
				t.Errorf("%s: %d orders", c.what, s.orders)
			}
		})
	}
}

// What runs to its end is ordered once, and done when it is inactive again; a failure is no end.
func TestStartOfWhatRunsToItsEnd(t *testing.T) {
	with := func(change func(*member)) view {
		m := member{name: "once", once: true, life: dead}
		change(&m)
		return view{append(one(10).members, m)}
	}
	idle := with(func(*member) {})
	for _, c := range []struct {
		what  string
		views []view
		done  bool
	}{
		{"ends well", []view{idle, with(func(m *member) { m.pending = toStart }), with(func(m *member) { m.kept, m.life = true, alive }), idle}, true},
		{"is over at once", []view{idle, idle}, true},
		{"fails", []view{idle, with(func(m *member) { m.failing = true })}, false},
		{"does not end", []view{idle, with(func(m *member) { m.kept, m.life = true, alive })}, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			s := &script{views: c.views}
			_, bad := startAll(ctx, &ocf.Call{Log: slog.New(slog.DiscardHandler)}, s)
			if (bad == nil) != c.done || s.orders == 0 || c.done && s.orders != 1 {
				t.Errorf("%s: %d orders, %+v", c.what, s.orders, bad)
			}
		})
	}
}
