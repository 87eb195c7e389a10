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

// lastWords is how long speaking may take when all time is used up.
const lastWords = 50 * time.Millisecond

// inTime runs the functions side by side and waits for them until left, or at
// least lastWords, is over: the pipe may be full, the log's lock be held by a
// handler that hangs.
func inTime(left time.Duration, speak ...func()) {
	done := make(chan struct{}, len(speak))
	for _, f := range speak {
		go func() {
			defer func() { done <- struct{}{} }()
			f()
		}()
	}
	over := time.After(max(left, lastWords))
	for range speak {
		select {
		case <-done:
		case <-over:
			return
		}
	}
}
