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
				done <- panicked(call, cause)
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
	case cause := <-call.panics:
		return panicked(call, cause)
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

// panicked is the result of an action that ran into a bug.
func panicked(call *Call, cause any) Result {
	return ReasonPanic.Result(fallback(call.Kind()), call.Kind(), cause)
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

// inTime runs first and then second, and waits for them until left, or at least
// lastWords, is over: the pipe may be full, the log's lock be held by a handler
// that hangs. A first that is stuck does not keep second from trying.
func inTime(left time.Duration, first, second func()) {
	begun, done := make(chan struct{}), make(chan struct{}, 2)
	go func() {
		defer func() { done <- struct{}{} }()
		defer close(begun)
		first()
	}()
	go func() {
		defer func() { done <- struct{}{} }()
		select {
		case <-begun:
		case <-time.After(lastWords / 2):
		}
		second()
	}()
	over := time.After(max(left, lastWords))
	for range 2 {
		select {
		case <-done:
		case <-over:
			return
		}
	}
}
