// SPDX-License-Identifier: Apache-2.0

package ocf

import "slices"

// Probe names the monitor without interval where a table is keyed by action:
// its exit codes mean something else to pacemaker than a recurring monitor's.
const Probe = "probe"

// StoppedMonitor likewise names the monitor with role=Stopped.
const StoppedMonitor = "stopped-monitor"

// Kind returns the action, or Probe or StoppedMonitor for such a monitor.
func (r *Request) Kind() string {
	switch {
	case r.Action == "monitor" && r.Role == "Stopped":
		return StoppedMonitor
	case r.IsProbe():
		return Probe
	default:
		return r.Action
	}
}

// allowed lists the exit codes that do no harm, by kind of action. From a probe,
// anything but 0, 5 and 7 makes pacemaker believe that the resource is active and
// failed here, so it stops the healthy one elsewhere; 2 to 6 from a recurring
// monitor ban the node or stop the resource everywhere; anything but 0 and 1
// from stop means nothing else than 1 and a stop that fails means fencing.
var allowed = map[string][]Code{
	Probe:          {Success, ErrInstalled, NotRunning, RunningPromoted},
	StoppedMonitor: {Success, NotRunning},
	"monitor":      {Success, ErrGeneric, NotRunning, RunningPromoted, FailedPromoted, Degraded, DegradedPromoted},
	"start":        {Success, ErrGeneric, ErrArgs, ErrUnimplemented, ErrPerm, ErrInstalled, ErrConfigured},
	"migrate_from": {Success, ErrGeneric, ErrArgs, ErrUnimplemented, ErrPerm, ErrInstalled, ErrConfigured},
	"stop":         {Success, ErrGeneric},
	"migrate_to":   {Success, ErrGeneric},
	"reload-agent": {Success, ErrGeneric},
	"validate-all": {Success, ErrGeneric, ErrArgs, ErrUnimplemented, ErrPerm, ErrInstalled, ErrConfigured},
}

// fallback is the code for an action that could not find out or did not finish.
func fallback(kind string) Code {
	switch kind {
	case Probe:
		return ErrInstalled
	case StoppedMonitor:
		return NotRunning
	default:
		return ErrGeneric
	}
}

// permitted returns the code if it is allowed for that kind of action, else the
// fallback.
func permitted(kind string, c Code) Code {
	codes, known := allowed[kind]
	if known && !slices.Contains(codes, c) {
		return fallback(kind)
	}
	return c
}
