// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"time"

	"ocf-oci/internal/ocf"
	"ocf-oci/internal/process"
)

// stop has the services stopped and waits until every process has ended. What the supervisor does not end is ended
// without it. Neither a parameter nor a file nor the supervisor alone makes it fail, only a service that still runs.
func stop(ctx context.Context, call *ocf.Call) ocf.Result {
	s, bad := readSettings(call.Request)
	if bad != nil {
		call.Log.Warn(bad.text())
	}
	memory := remember(call.Request)
	note, _, err := memory.read()
	if err != nil {
		call.Log.Warn(err.Error())
	}
	sup, bad := choose(call, s, note)
	var left []member
	if sup == nil {
		call.Log.Warn(bad.text())
		left, _, _ = split(remembered(note))
	} else {
		left, bad = stopAll(ctx, call, sup, note)
	}
	if len(left) > 0 {
		result := reasonRemain.Result(ocf.ErrGeneric, len(left), max(len(left), len(note.Processes)), list(left))
		if bad != nil {
			result = reasonRemain.Result(ocf.ErrGeneric, len(left), max(len(left), len(note.Processes)), list(left)+": "+bad.text())
		}
		return result
	}
	if err := memory.forget(); err != nil {
		call.Log.Warn(err.Error())
	}
	return ocf.OK()
}

// remembered are the services by what was recorded of their processes at the last start.
func remembered(note record) []member {
	var all []member
	for _, name := range sorted(note.Processes) {
		if len(note.Processes[name]) == 0 {
			continue
		}
		m := member{name: name, text: "known from its start", counts: true, life: dead}
		m.addLiving(note.Processes[name])
		all = append(all, m)
	}
	return all
}

// addLiving adds those of the processes that still live.
func (m *member) addLiving(ids []process.ID) {
	for _, id := range ids {
		lives, err := id.Lives()
		if err != nil && m.life == dead {
			m.life = unknown
		}
		known := false
		for _, have := range m.ids {
			known = known || have == id
		}
		if lives && !known {
			m.life, m.ids = alive, append(m.ids, id)
		}
	}
}

// ending is a stop under way.
type ending struct {
	call    *ocf.Call
	sup     supervisor
	note    record
	began   time.Time
	total   time.Duration
	ordered map[string]time.Time    // when the supervisor was told
	blind   time.Time               // when it took the order although it tells nothing; zero: it has not
	tracked map[string][]process.ID // every process ever seen of a service
	had     map[string]bool         // services that were seen to have processes, now or at their start
	forced  map[string]*force
	refused string    // why the last order was not taken
	state   daemon    // of a supervisor that cannot be asked
	rescued time.Time // when that was found out; zero: not yet
}

// stopAll returns the services that still run when the time is over, or as soon as nothing more can be done.
func stopAll(ctx context.Context, call *ocf.Call, sup supervisor, note record) ([]member, *wrong) {
	e := &ending{call: call, sup: sup, note: note, began: time.Now(), total: call.Budget.Remaining(),
		ordered: map[string]time.Time{}, tracked: map[string][]process.ID{}, had: map[string]bool{}, forced: map[string]*force{}}
	var left []member
	var trouble *wrong
	looked := false
	for {
		v, bad := e.look(ctx)
		if ctx.Err() != nil && looked {
			return stillThere(left, trouble), trouble
		}
		left, trouble, looked = e.left(v, bad), bad, true
		if len(left) == 0 {
			return nil, nil
		}
		if bad == nil {
			bad = e.ask(ctx, left)
			trouble = bad
		}
		if bad == nil {
			e.rescued = time.Time{}
		} else if !e.without(ctx, left, bad) {
			return left, bad
		}
		if sleep(ctx, pause) != nil {
			return stillThere(left, trouble), trouble
		}
	}
}

// look asks a supervisor that is known to be no use only for a moment, in case it comes back: the time is needed.
func (e *ending) look(ctx context.Context) (view, *wrong) {
	if !e.rescued.IsZero() && (e.state == gone || e.state == frozen) {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, pause)
		defer cancel()
	}
	return e.sup.look(ctx)
}

// left are the members that have not ended.
func (e *ending) left(v view, bad *wrong) []member {
	members := v.members
	if len(members) == 0 {
		members = remembered(e.note)
	}
	var all []member
	for _, m := range members {
		m.addLiving(e.note.Processes[m.name])
		m.addLiving(e.tracked[m.name])
		e.tracked[m.name] = append(e.tracked[m.name][:0:0], m.ids...)
		if len(m.ids) > 0 || len(e.note.Processes[m.name]) > 0 {
			e.had[m.name] = true
		}
		if m.life == unknown && len(m.ids) == 0 && e.had[m.name] {
			m.life = dead // every process that it was known to have has ended
		}
		if f := e.forced[m.name]; f != nil && f.ranWell() && m.life == unknown {
			continue // nothing but its stop program can end it, and that has
		}
		if !ended(m, bad == nil) {
			all = append(all, m)
		}
	}
	return all
}

// stillThere takes the last look, at the processes alone. A supervisor that answers has not confirmed the end.
func stillThere(left []member, trouble *wrong) []member {
	var all []member
	for _, m := range left {
		ids := m.ids
		m.ids = nil
		if m.life == alive && len(ids) > 0 {
			m.life = dead
		}
		m.addLiving(ids)
		if m.life != dead || trouble == nil {
			all = append(all, m)
		}
	}
	return all
}

// spent tells whether that part of the time is over.
func (e *ending) spent(part float64) bool {
	return time.Since(e.began) > time.Duration(float64(e.total)*part)
}

// ask gives the order to a supervisor that answers, and helps with what it leaves alive. It returns why the supervisor
// will not obey, if that is for good.
func (e *ending) ask(ctx context.Context, left []member) *wrong {
	var now []member
	for _, m := range left {
		if m.kept && m.pending != toStop && time.Since(e.ordered[m.name]) > repeat {
			now = append(now, m)
		}
		finished := !m.kept && m.pending == nothing && m.life == alive
		if finished || e.spent(0.6) {
			e.force(ctx, m, !finished && e.sup.name() == "monit")
		}
	}
	if len(now) == 0 {
		return nil
	}
	if e.refused == "" {
		e.call.Log.Info("stopping " + list(now))
	}
	if bad := e.sup.order(ctx, toStop, names(now)); bad != nil {
		if bad.text() != e.refused {
			e.call.Log.Warn(bad.text())
		}
		if e.refused = bad.text(); bad.again {
			return nil
		}
		return bad
	}
	e.refused = ""
	for _, m := range now {
		e.ordered[m.name] = time.Now()
	}
	return nil
}

// without ends the services of a supervisor that cannot be asked. It is false if that must not be tried, because the
// supervisor lives and would start them again.
func (e *ending) without(ctx context.Context, left []member, bad *wrong) bool {
	if bad.reason != reasonDown && e.blind.IsZero() {
		// It may take orders although its answers are no use. If it lies still, this waits in its socket.
		if e.sup.order(ctx, toStop, names(left)) == nil {
			e.blind = time.Now()
			e.call.Log.Warn("the order to stop was taken, but: " + bad.text())
		}
	}
	switch {
	case !e.blind.IsZero():
		if !e.spent(0.5) {
			return true
		}
	case e.rescued.IsZero():
		e.rescued = time.Now()
		e.state = e.sup.rescue(ctx, bad)
		e.call.Log.Warn("ending the services without " + e.sup.name() + ": " + bad.text())
		if e.state == deaf || e.state == hostile {
			return true
		}
	case e.state == hostile:
		return time.Since(e.rescued) < min(5*time.Second, e.total/2)
	case e.state == deaf:
		if time.Since(e.rescued) < min(5*time.Second, e.total/4) {
			return true
		}
		e.call.Log.Warn("killing monit, which does not answer and might start the services again")
		if err := e.sup.silence(); err != nil {
			e.call.Log.Warn(err.Error())
			return false
		}
		e.state = gone
	}
	for _, m := range left {
		e.force(ctx, m, e.sup.name() == "monit")
	}
	return true
}
