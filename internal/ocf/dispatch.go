// SPDX-License-Identifier: Apache-2.0

package ocf

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"ocf-oci/internal/version"
	"ocf-oci/metadata"
)

// Handler carries out one action. It must return when ctx ends; if it does not,
// Main speaks for it and the process ends.
type Handler func(ctx context.Context, call *Call) Result

// Call is what a handler gets.
type Call struct {
	*Request
	Log    *slog.Logger
	Budget *Budget // ends with the handler's ctx
	Stdout io.Writer
	Stderr io.Writer

	panics chan any // from Go to the watchdog
}

// Go runs f in a goroutine of its own. Unlike after a go statement, a panic in f
// does not end the process with exit code 2, which pacemaker would take for a
// wrong configuration, but ends the action as a panic of the handler does.
func (c *Call) Go(f func()) {
	go func() {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if c.panics == nil { // not made by Main
				panic(cause)
			}
			c.Log.Debug("panic", "cause", cause, "stack", string(debug.Stack()))
			c.panics <- cause
		}()
		f()
	}()
}

// Agent is a resource agent: what it tells about itself and what it does.
type Agent struct {
	Meta     *metadata.Agent
	Handlers map[string]Handler // by action; meta-data, usage and help are built in

	// Late replaces the result of an action that did not finish in time, by
	// kind of action (Request.Kind). Without an entry it is ReasonLate with 5
	// for a probe, 7 for a monitor with role=Stopped, and 1 for all else.
	Late map[string]Result
}

// Reasons of the dispatcher itself.
var (
	ReasonUnknownAction = NewReason("unknown-action", "the action %q does not exist", "call the agent with \"usage\" to see those it knows")
	ReasonNoAction      = NewReason("no-action", "no action was given", "call the agent with \"usage\" to see those it knows")
	ReasonNoInstance    = NewReason("no-instance", "OCF_RESOURCE_INSTANCE is not set", "set it to the resource's name, as pacemaker does")
	ReasonMetaData      = NewReason("meta-data-broken", "the meta-data cannot be printed: %v", "report this as a bug")
	ReasonPanic         = NewReason("internal-error", "internal error in %s: %v", "report this as a bug together with the agent's log")
	ReasonLate          = NewReason("out-of-time", "%s did not finish within %s -- timeout %s", "see the log for what it waited for, or raise the timeout")
	ReasonForbidden     = NewReason("forbidden-code", "%s ended with %s (%s), which pacemaker would take for something else", "report this as a bug together with the agent's log")
)

// Main carries out the action args[0] of an agent, args being os.Args[1:] (any
// further arguments are ignored, as the standard says), and returns the exit
// code for os.Exit. The caller must exit at once: after a hung handler that is
// what ends it.
func Main(a *Agent, args []string, environ []string, stdout, stderr io.Writer) int {
	started := bootTime()
	// With a receiver in place, writing to a pipe that nobody reads any more
	// fails instead of killing the process; children still get the default.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)

	action := ""
	if len(args) > 0 {
		action = args[0]
	}
	switch action {
	case "meta-data":
		return printMetaData(a, stdout, stderr)
	case "usage", "help", "--help":
		printUsage(a, stdout)
		return int(Success)
	case "--version":
		_, _ = fmt.Fprintf(stdout, "ocf:%s:%s %s\n", a.Meta.Provider, a.Meta.Name, version.String())
		return int(Success)
	}
	r := NewRequest(a.Meta, action, environ)
	s := newSink(r, stderr)
	soft, hard := limits(r.Timeout)
	end := &Budget{deadline: started + hard, now: bootTime}
	handle, known := a.Handlers[action]
	switch {
	case action == "":
		printUsage(a, stderr)
		return finish(r, s, end, ReasonNoAction.Result(ErrArgs))
	case !known:
		return finish(r, s, end, ReasonUnknownAction.Result(ErrUnimplemented, action))
	}
	if r.noInstance && !harmlessWithoutInstance(action) {
		return finish(r, s, end, ReasonNoInstance.Result(ErrArgs))
	}
	call := &Call{
		Request: r, Log: slog.New(newHandler(s)), Stdout: stdout, Stderr: stderr,
		Budget: &Budget{deadline: started + soft, now: bootTime},
		panics: make(chan any),
	}
	return finish(r, s, end, watch(a, call, traced(handle, s), end))
}

// traced is a handler with its prologue and epilogue. They are part of what the
// watchdog watches, since a log or a trace may hang like anything else.
func traced(handle Handler, s *sink) Handler {
	return func(ctx context.Context, call *Call) Result {
		call.Log = newLogger(call.Request, s)
		if call.noInstance {
			call.Log.Warn(ReasonNoInstance.Text())
		}
		if call.Action == "validate-all" {
			warnUnknown(call.Request, call.Log)
		}
		call.Log.Log(ctx, LevelTrace, "action begins", "action", call.Kind(), "instance", call.Instance,
			"level", call.CheckLevel, "timeout", call.Timeout, "budget", call.Budget.Remaining())
		result := handle(ctx, call)
		call.Log.Log(ctx, LevelTrace, "action ends", "code", int(result.Code), "reason", result.Text,
			"left", call.Budget.Remaining())
		return result
	}
}

// harmlessWithoutInstance tells for which actions a missing instance name must
// not decide: the exit code 2, which the shell library gives, would stop a
// healthy resource from a probe or monitor, and fence the node from a stop.
func harmlessWithoutInstance(action string) bool {
	return action == "monitor" || action == "status" || action == "stop"
}

func warnUnknown(r *Request, log *slog.Logger) {
	for _, name := range r.Unknown() {
		if near, ok := r.meta.Nearest(name); ok {
			log.Warn("unknown parameter " + name + "; did you mean " + near + "?")
			continue
		}
		log.Warn("unknown parameter " + name + "; it has no effect")
	}
}

// finish prints and logs the reason of a result, at the latest when end is used
// up, and returns its exit code.
func finish(r *Request, s *sink, end *Budget, result Result) int {
	kind := r.Kind()
	if code := permitted(kind, result.Code); code != result.Code {
		result = ReasonForbidden.Result(code, kind, result.Code, result.Text)
	}
	if result.Code == Success {
		return int(Success)
	}
	text := oneLine(result.Text)
	if text == "" {
		text = kind + " ended with " + result.Code.String()
	}
	prefix := r.or("OCF_EXIT_REASON_PREFIX", "ocf-exit-reason:")
	level, debug := reasonLevel(kind, result)
	inTime(end.Remaining(),
		func() { _, _ = io.WriteString(s.stderr, prefix+text+"\n") },
		func() {
			if !debug || s.debug() {
				s.write(level+": "+text, debug, true)
			}
		})
	return int(result.Code)
}

// reasonLevel returns the level at which a reason is logged, and whether that is
// debug. The shell library logs all as errors, which makes every probe of a
// standby look like one.
func reasonLevel(kind string, result Result) (string, bool) {
	switch {
	case result.Reason == ReasonNotRunning && kind != "monitor":
		return "DEBUG", true
	case result.Code == NotRunning && kind != "monitor":
		return "INFO", false
	case result.Code == Degraded || result.Code == DegradedPromoted:
		return "WARNING", false
	default:
		return "ERROR", false
	}
}
