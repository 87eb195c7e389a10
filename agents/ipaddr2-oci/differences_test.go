// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"strings"
)

// difference is one step of a trial at which the agents did not do the same.
type difference struct {
	trial
	step, theirs, ours string
	all, original      trace
}

func (d difference) at(steps ...string) bool { return slices.Contains(steps, d.step) }

// gone: our agent left no trace of the address.
func (d difference) gone() bool {
	return d.step == stateStopped && !strings.Contains(d.ours, " "+d.ip+"/")
}

// A rule is an intended difference: where it applies, and what ours must do there. The reasons are those of
// docs/agents/IPaddr2-differences.md.
type rule struct {
	name    string
	applies func(difference) bool
}

var rules = []rule{
	{"a wrong parameter does not make probe, monitor and stop fail: 6 from a stop means fencing, from a probe it stops the resource everywhere", func(d difference) bool {
		switch d.step {
		case "probe":
			return d.problems() && (d.ours == "7" || d.stray && d.ours == "0")
		case "monitor", "monitor after stop":
			return d.problems() && (d.ours == "7" || d.value("nic") == "nosuch" && d.ours == "1")
		case "stop", "stop again":
			return d.problems() && d.ours == "0"
		case "start", "start again": // what the original's patterns let through, or refuse as a failure of this node
			return d.problems() && d.ours == "6"
		case stateStarted: // it went on with what it let through
			return d.problems() && d.all["start"] == "6" && d.original["start"] == "0"
		case stateStopped:
			return d.problems() && (d.ip == "" || d.gone())
		}
		return false
	}},
	{"an interface that does not exist here may exist on the next node: start is 5, not 6", func(d difference) bool {
		return d.value("nic") == "nosuch" && d.theirs == "6" && d.ours == "5" && d.at("start", "start again")
	}},
	{"a monitor says what is true of the address whether or not the routing table has a network for it", func(d difference) bool {
		return d.noRoute && d.theirs == "1" && d.ours == "7" && d.at("monitor", "monitor after stop")
	}},
	{"a label too long for the interface that was found is this node's matter: 5, not 6, and stop works", func(d difference) bool {
		return d.value("iflabel") != "" && d.value("nic") == "" && d.theirs == "6"
	}},
	{"the address in a wrong place is wrong, start removes it there and stop removes it everywhere", func(d difference) bool {
		if !d.stray {
			return false
		}
		switch d.step {
		case "probe":
			return d.ours == "7"
		case "start", "start again", "monitor":
			return d.ours == "0"
		case "stop", "stop again":
			return d.ours == "0"
		case "monitor after stop":
			return d.ours == "7"
		case stateStarted:
			return strings.Count(d.ours, " "+d.ip+"/") <= 1 // one copy; the local routes name it without a slash
		case stateStopped:
			return d.gone()
		}
		return false
	}},
	{"an interface without link cannot serve (check_link_status, since 4.17)", func(d difference) bool {
		return d.linkDown && d.value("check_link_status") == "true" && (d.ours == "1" && d.at("start", "start again") || d.ours == "7" && d.at("monitor"))
	}},
}

func intended(d difference) string {
	for _, r := range rules {
		if r.applies(d) {
			return r.name
		}
	}
	return ""
}
