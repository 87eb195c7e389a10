// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"slices"
	"syscall"
	"time"

	"ocf-oci/internal/process"
)

// force is how a service is ended without its supervisor: by its stop program, then SIGTERM, then SIGKILL.
type force struct {
	began   time.Time
	step    time.Duration // between the means
	program chan bool     // whether the stop program did well; nil if it was not run
	ran     *bool
	sent    syscall.Signal // the last signal
	since   time.Time      // when that was sent first
}

// ranWell tells whether the stop program has ended, and well.
func (f *force) ranWell() bool {
	select {
	case ok := <-f.program:
		f.ran = &ok
	default:
	}
	return f.ran != nil && *f.ran
}

// force takes the next step with a service, if its time has come.
func (e *ending) force(ctx context.Context, m member, withProgram bool) {
	f := e.forced[m.name]
	if f == nil {
		f = &force{began: time.Now(), step: min(max(e.call.Budget.Remaining()/8, 100*time.Millisecond), 5*time.Second)}
		e.forced[m.name] = f
		if withProgram {
			f.program = make(chan bool, 1)
			e.call.Log.Warn("running the stop program of " + m.name)
			e.call.Go(func() {
				had, err := e.sup.endAlone(ctx, m.name)
				if err != nil && ctx.Err() == nil {
					e.call.Log.Warn("the stop program of " + m.name + ": " + err.Error())
				}
				f.program <- had && err == nil
			})
		}
	}
	patience := time.Duration(0)
	if f.program != nil {
		patience = 2 * f.step
	}
	switch {
	case time.Since(f.began) < patience:
	case f.sent == 0:
		e.signal(f, m, terminate)
	case f.sent == terminate && time.Since(f.since) >= 2*f.step:
		e.signal(f, m, kill)
	default: // a new process may have come
		for _, id := range m.ids {
			if e.isOurs(m, id) {
				_ = id.Signal(f.sent)
			}
		}
	}
}

// isOurs tells whether a process may be signalled: it is what a pidfile names without doubt, or was recorded as the
// service's while that ran.
func (e *ending) isOurs(m member, id process.ID) bool {
	return !m.doubt || slices.Contains(e.note.Processes[m.name], id)
}

func (e *ending) signal(f *force, m member, sig syscall.Signal) {
	f.sent, f.since = sig, time.Now()
	for _, id := range m.ids {
		if !e.isOurs(m, id) {
			e.call.Log.Warn("this process began after its pidfile was written, so it may be another program's, and gets no signal: see what it is, and remove the pidfile",
				"service", m.name, "process", id.PID)
			continue
		}
		e.call.Log.Warn("sending "+sig.String()+" to a service that has not ended", "service", m.name, "process", id.PID)
		if err := id.Signal(sig); err != nil {
			e.call.Log.Warn(err.Error())
		}
	}
}
