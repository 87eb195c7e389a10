// SPDX-License-Identifier: Apache-2.0

package main

import (
	"time"

	"ocf-oci/internal/ocf"
)

// evidence is everything that a judgement rests on.
type evidence struct {
	view    view
	trouble *wrong // why the supervisor could not be asked; nil if it could
	started mark   // what this node remembers
	now     time.Duration
	since   map[string]time.Duration // when a service was first seen down; on the clock of now
	grace   time.Duration
}

// mark is this node's memory of the last start.
type mark int

const (
	notStarted  mark = iota
	halfStarted      // a start has begun, and did not end well
	isStarted
	forgotten // it cannot be read
)

// verdict is what a monitor answers.
type verdict struct {
	result  ocf.Result
	stray   []member // services that run where they should not
	excused []member // services that are down and still have time
}

func split(members []member) (up, down, unclear []member) {
	for _, m := range members {
		switch m.life {
		case alive:
			up = append(up, m)
		case dead:
			down = append(down, m)
		default:
			unclear = append(unclear, m)
		}
	}
	return up, down, unclear
}

// probe tells whether the resource is active here. What runs by halves is only ours if this node has started it: else a
// stray service on a standby would make the cluster believe that the resource is active twice.
func probe(e evidence) verdict {
	members := e.view.judged()
	up, _, unclear := split(members)
	ours := e.started == isStarted || e.started == halfStarted
	switch {
	case len(unclear) > 0 && ours:
		return verdict{}
	case len(unclear) > 0, len(members) == 0 && e.trouble != nil:
		if ours {
			return verdict{}
		}
		if e.trouble != nil {
			return verdict{result: e.trouble.result(ocf.ErrInstalled)}
		}
		return verdict{result: reasonUnclear.Result(ocf.ErrInstalled, list(unclear))}
	case len(up) == 0:
		return verdict{result: ocf.NotRunningQuiet()}
	case len(up) == len(members), ours, e.started == forgotten:
		return verdict{}
	}
	return verdict{result: reasonStray.Result(ocf.NotRunning, len(up), len(members), list(up)), stray: up}
}

// recurring tells how a started resource is.
func recurring(e evidence) verdict {
	members := e.view.judged()
	if len(members) == 0 {
		return verdict{result: e.trouble.result(ocf.ErrGeneric)}
	}
	_, _, unclear := split(members)
	if len(unclear) > 0 {
		if e.trouble != nil {
			return verdict{result: e.trouble.result(ocf.ErrGeneric)}
		}
		return verdict{result: reasonUnclear.Result(ocf.ErrGeneric, list(unclear))}
	}
	var bad, excused []member
	living := 0
	for _, m := range members {
		if m.life == alive {
			living++
		}
		if isUp(m) {
			continue
		}
		begin, known := e.since[m.name]
		restarting := e.trouble == nil && (m.kept && !m.passive || m.pending == toStart) && m.pending != toStop
		if restarting && (!known || e.now-begin < e.grace) {
			excused = append(excused, m)
		} else {
			bad = append(bad, m)
		}
	}
	switch {
	case len(bad) == 0 && e.trouble != nil:
		return verdict{result: reasonUnwatched.Result(ocf.Degraded, len(members), e.trouble.text())}
	case len(bad) == 0:
		return verdict{excused: excused}
	case living == 0 && len(excused) == 0:
		return verdict{result: reasonAllDown.Result(ocf.NotRunning, len(members), list(bad))}
	}
	return verdict{result: reasonSomeDown.Result(ocf.ErrGeneric, len(bad), len(members), list(bad)), excused: excused}
}

// isUp tells whether a service runs and does its work.
func isUp(m member) bool { return m.life == alive && !m.failing }

// runs tells whether a start has succeeded: the supervisor has seen it run since it was ordered.
func runs(m member, ordered time.Time) bool {
	if m.once {
		return !ordered.IsZero() && !m.kept && !m.failing && m.pending == nothing
	}
	if !m.counts {
		return m.kept && m.pending == nothing
	}
	fresh := ordered.IsZero() || m.seen.IsZero() || m.seen.After(ordered)
	return isUp(m) && m.settled && m.pending == nothing && fresh
}

// ended tells whether a service is gone for good. Without a supervisor that answers only its processes count.
func ended(m member, answered bool) bool {
	if answered && !m.missing && (m.kept || m.pending != nothing) {
		return false
	}
	return m.life == dead || !m.counts && len(m.ids) == 0
}
