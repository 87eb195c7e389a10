// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"maps"
	"slices"
	"time"

	"ocf-oci/internal/ocf"
	"ocf-oci/internal/process"
)

// monitor tells whether the resource runs. A probe always looks at the services; a recurring monitor of a started
// resource only if monitor_services is full.
func monitor(ctx context.Context, call *ocf.Call) ocf.Result {
	s, bad := readSettings(call.Request)
	first := call.Kind() != "monitor" // a probe, a monitor of the stopped role, or status
	if bad != nil {
		if !first {
			return bad.result(ocf.ErrGeneric)
		}
		call.Log.Warn(bad.text())
	}
	memory := remember(call.Request)
	note, started, err := memory.read()
	if err != nil {
		call.Log.Warn(err.Error())
	}
	s.decideDepth(call)
	if !first && !s.full && started == isStarted {
		return ocf.OK()
	}
	e := evidence{started: started, grace: s.grace, since: map[string]time.Duration{}}
	for name, seconds := range note.Down {
		e.since[name] = time.Duration(seconds * float64(time.Second))
	}
	sup, bad := choose(call, s, note)
	e.view, e.trouble = lookPatiently(ctx, call, sup, bad, note)
	e.now = bootTime()
	if first {
		for i := range e.view.members { // one that has lost its pidfile runs all the same
			e.view.members[i].addLiving(note.Processes[e.view.members[i].name])
		}
		v := probe(e)
		if len(v.stray) > 0 {
			call.Log.Warn(v.result.Text)
		}
		return v.result
	}
	v := recurring(e)
	if len(v.excused) > 0 {
		call.Log.Info("waiting until these services run again: " + list(v.excused))
	}
	next := record{Backend: note.Backend, Started: started == isStarted || v.result.Code == ocf.Success && len(v.excused) == 0, Processes: processes(e.view.members), Down: downSince(e)}
	if next.Backend == "" && sup != nil {
		next.Backend = sup.name() // somebody else started them, and we take them over
	}
	next.keep(note, e.trouble == nil)
	if !next.equal(note) {
		memory.update(call, started, next)
	}
	return v.result
}

// lookPatiently looks at the services, again for a moment if the supervisor is just being restarted.
func lookPatiently(ctx context.Context, call *ocf.Call, sup supervisor, bad *wrong, note record) (view, *wrong) {
	if sup == nil {
		return view{remembered(note)}, bad
	}
	giveUp := time.Now().Add(min(call.Budget.Remaining()*15/100, 2*time.Second))
	for {
		v, bad := sup.look(ctx)
		if bad == nil {
			return v, nil
		}
		if !bad.again || time.Now().After(giveUp) || sleep(ctx, pause) != nil {
			call.Log.Warn(bad.text())
			if len(v.members) == 0 {
				v.members = remembered(note)
			}
			return v, bad
		}
	}
}

// downSince is when each service that is down was first seen so.
func downSince(e evidence) map[string]float64 {
	all := map[string]float64{}
	for _, m := range e.view.judged() {
		if isUp(m) {
			continue
		}
		begin, known := e.since[m.name]
		if !known {
			begin = e.now
		}
		all[m.name] = begin.Seconds()
	}
	return all
}

func (r record) equal(other record) bool {
	return r.Started == other.Started && r.Backend == other.Backend && maps.Equal(r.Down, other.Down) &&
		maps.EqualFunc(r.Processes, other.Processes, func(a, b []process.ID) bool { return slices.Equal(a, b) })
}

// reload accepts changed parameters: every action reads them anew.
func reload(_ context.Context, call *ocf.Call) ocf.Result {
	if _, bad := readSettings(call.Request); bad != nil {
		return bad.result(ocf.ErrGeneric)
	}
	return ocf.OK()
}
