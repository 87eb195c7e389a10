// SPDX-License-Identifier: Apache-2.0

package ocf

import (
	"context"
	"runtime/debug"
	"time"
)

// watch runs the handler and returns its result, or the one for lateness when
// the handler has not returned by the time end is used up. The handler then
// still runs (it may hang in a system call that nothing interrupts); the end of
// the process ends it.
func watch(a *Agent, call *Call, handle Handler, end *Budget) Result {
	ctx, cancel := call.Budget.Context(context.Background())
	defer cancel()
	done := make(chan Result, 1)
	go func() {
		finished := false
		defer func() {
			// A panic, or a runtime.Goexit, which recover does not see.
			if cause := recover(); cause != nil || !finished {
				call.Log.Debug("panic", "cause", cause, "stack", string(debug.Stack()))
				done <- ReasonPanic.Result(fallback(call.Kind()), call.Kind(), cause)
			}
		}()
		result := handle(ctx, call)
		finished = true
		done <- result
	}()
	over, stop := end.Context(context.Background())
	defer stop()
	select {
	case result := <-done:
		return result
	case <-over.Done():
		// Both may have happened while the process was paused.
		select {
		case result := <-done:
			return result
		default:
			return lateness(a, call)
		}
	}
}

// lateness is the result of an action that did not finish in time.
func lateness(a *Agent, call *Call) Result {
	kind := call.Kind()
	if result, ok := a.Late[kind]; ok {
		return result
	}
	_, hard := limits(call.Timeout)
	return ReasonLate.Result(fallback(kind), kind, hard.Round(time.Millisecond), call.Timeout)
}

// speakDeadline is how long the last words may take.
const speakDeadline = 50 * time.Millisecond

// inTime runs f but does not wait for it longer than speakDeadline: the pipe may
// be full, the log's lock be held by a hung handler.
func inTime(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(speakDeadline):
	}
}
