// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"maps"
	"slices"
	"time"

	"ocf-oci/internal/ocf"
)

const (
	// pause between two looks.
	pause = 200 * time.Millisecond
	// repeat is after how long an order is given again to a supervisor that has forgotten it (it was restarted).
	repeat = 3 * time.Second
	// steady is how long services that were just started must keep their processes.
	steady = 500 * time.Millisecond
)

// start has the services started, and waits until all of them run, as long as its time allows.
func start(ctx context.Context, call *ocf.Call) ocf.Result {
	s, bad := readSettings(call.Request)
	if bad != nil {
		return bad.result(bad.code)
	}
	memory := remember(call.Request)
	note, mark, _ := memory.read()
	sup, bad := choose(call, s, note)
	if bad != nil {
		return bad.result(bad.code)
	}
	if mark == notStarted || mark == forgotten {
		// Before the first service starts: if we are killed, the next probe shall know whose they are.
		if err := memory.write(record{Backend: sup.name()}); err != nil {
			return reasonState.Result(ocf.ErrGeneric, err)
		}
	}
	v, bad := startAll(ctx, call, sup)
	if bad != nil {
		if bad.code == ocf.ErrInstalled && mark == notStarted {
			_ = memory.forget() // nothing can have been started
		}
		return bad.result(bad.code)
	}
	if err := memory.write(record{Started: true, Backend: sup.name(), Processes: processes(v.members)}); err != nil {
		return reasonState.Result(ocf.ErrGeneric, err)
	}
	return ocf.OK()
}

// startAll gives the order, again if it was lost, until all run.
func startAll(ctx context.Context, call *ocf.Call, sup supervisor) (view, *wrong) {
	ordered := map[string]time.Time{}
	var last view
	var trouble *wrong // of the last look or order
	told, refused := "", ""
	for {
		v, bad := sup.look(ctx)
		if ctx.Err() != nil && len(last.members) == 0 {
			last, trouble = v, bad // better than nothing
		}
		if ctx.Err() != nil {
			return last, late(last, trouble, ordered)
		}
		last, trouble = v, bad
		var missing, waiting, now []member
		busy := slices.ContainsFunc(v.members, func(m member) bool { return m.pending != nothing })
		for _, m := range v.members {
			switch {
			case bad != nil:
			case m.missing:
				missing = append(missing, m)
			case !runs(m, ordered[m.name]):
				waiting = append(waiting, m)
				if mustOrder(m, ordered[m.name], busy) {
					now = append(now, m)
				}
			}
		}
		switch {
		case bad != nil && !bad.again:
			return v, bad
		case bad != nil:
			call.Log.Debug(bad.text())
		case len(missing) > 0:
			return v, &wrong{reason: reasonUnknown, code: ocf.ErrInstalled, args: []any{sup.name(), list(missing)}}
		case len(waiting) == 0:
			if len(ordered) == 0 || holds(ctx, sup, v) {
				return v, nil
			}
			continue
		case len(now) > 0:
			at := time.Now()
			if refused == "" {
				call.Log.Info("starting " + list(now))
			}
			if bad := sup.order(ctx, toStart, names(now)); bad != nil && !bad.again {
				return v, bad
			} else if bad != nil {
				if bad.text() != refused {
					call.Log.Warn(bad.text())
				}
				trouble, refused = bad, bad.text()
				break
			}
			refused = ""
			for _, m := range now {
				ordered[m.name] = at
			}
		}
		if text := list(waiting); text != told && bad == nil {
			call.Log.Log(ctx, ocf.LevelTrace, "waiting for "+text)
			told = text
		}
		if sleep(ctx, pause) != nil {
			return last, late(last, trouble, ordered)
		}
	}
}

// mustOrder tells whether a start must be ordered: it was not yet, or it was forgotten since. An order also makes an idle
// monit look at a service that it would look at only in its next cycle, or the one after.
func mustOrder(m member, ordered time.Time, busy bool) bool {
	switch {
	case m.pending == toStart:
		return false
	case ordered.IsZero():
		return true
	}
	return (!m.kept || !m.settled && !busy) && time.Since(ordered) > repeat
}

// holds looks a second time, so that a process that dies at once is not taken for a service that runs.
func holds(ctx context.Context, sup supervisor, before view) bool {
	if sleep(ctx, steady) != nil {
		return false
	}
	after, bad := sup.look(ctx)
	if bad != nil || len(after.members) != len(before.members) {
		return false
	}
	for i, m := range after.members {
		if m.once {
			continue
		}
		if !runs(m, time.Time{}) || !slices.Equal(first(m), first(before.members[i])) {
			return false
		}
	}
	return true
}

// first is the number of the first process: others of a unit come and go.
func first(m member) []int {
	if len(m.ids) == 0 {
		return nil
	}
	return []int{m.ids[0].PID}
}

// late says what was missing when the time was over.
func late(v view, trouble *wrong, ordered map[string]time.Time) *wrong {
	if trouble != nil {
		return trouble
	}
	var waiting []member
	for _, m := range v.members {
		if !runs(m, ordered[m.name]) {
			waiting = append(waiting, m)
		}
	}
	return &wrong{reason: reasonNotStarted, code: ocf.ErrGeneric, args: []any{len(waiting), len(v.members), list(waiting)}}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

// sorted are the keys of a map in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
