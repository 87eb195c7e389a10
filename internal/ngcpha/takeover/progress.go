// SPDX-License-Identifier: Apache-2.0

package takeover

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/mon"
)

// Progress is how far a hand-over is.
type Progress struct {
	Text string // what is going on, for people; it changes when a phase does
	Done bool   // everything runs on the target, and only there
	// Failed says why it will not come to that without help; empty if it still can.
	Failed string
	// Busy: something of it still runs or stops elsewhere, so the constraint must not lapse.
	Busy bool
}

// Judge looks at a hand-over that is under way. before are the members that may not run on the target because of
// failures from before it began; a new one is the end of it.
func Judge(c *cib.CIB, s mon.State, g Goal, before []string, now time.Time) Progress {
	for _, group := range g.groups() {
		for _, b := range bannedMembers(c, group, g.To, now) {
			if !slices.Contains(before, b.resource) {
				return Progress{Failed: fmt.Sprintf("%s failed on %s and may not run there any more (%s of %s failures)%s", b.resource, g.To, b.count, b.threshold, b.why), Busy: true}
			}
		}
	}
	if n, ok := s.Node(g.To); !ok || !n.Online {
		return Progress{Failed: g.To + " has left the cluster", Busy: true}
	}
	p := Progress{Done: true}
	var phases []string
	for _, group := range g.groups() {
		at := placementOf(s, group, g.To)
		if at.blocked != "" {
			return Progress{Failed: at.blocked, Busy: true}
		}
		p.Done = p.Done && at.complete
		p.Busy = p.Busy || !at.complete
		phases = append(phases, group+" "+at.text)
	}
	p.Text = strings.Join(phases, ", ")
	return p
}

// BannedNow are the resources of the goal that may not run on the target at this moment.
func BannedNow(c *cib.CIB, g Goal, now time.Time) []string {
	var names []string
	for _, group := range g.groups() {
		for _, b := range bannedMembers(c, group, g.To, now) {
			names = append(names, b.resource)
		}
	}
	return names
}

// placement is where a group is.
type placement struct {
	complete bool // all of it on the target, nothing going on
	text     string
	blocked  string // a member that can neither stop nor start
}

func placementOf(s mon.State, group, to string) placement {
	var p placement
	members := s.In(group)
	on := map[string]int{}
	moving, here := 0, 0
	for _, r := range members {
		if r.Blocked && r.Failed {
			p.blocked = fmt.Sprintf("%s is blocked on %s after a failure, and the cluster will not touch it; mend it there, then: ngcp-ha failcounts clear %[1]s", r.ID, strings.Join(r.Nodes, ", "))
		}
		started := r.Role == "Started" || r.Role == "Promoted" || r.Role == "Unpromoted"
		busy := !started && r.Role != "Stopped" || r.Failed && !r.FailureIgnored || r.Pending != "" && r.Pending != "Monitoring"
		if busy {
			moving++
		}
		for _, n := range r.Nodes {
			on[n]++
		}
		if started && !busy && slices.Equal(r.Nodes, []string{to}) {
			here++
		}
	}
	p.complete = len(members) > 0 && here == len(members)
	switch elsewhere := others(on, to); {
	case p.complete:
		p.text = "runs on " + to
	case len(elsewhere) > 0 && moving > 0:
		p.text = "is leaving " + strings.Join(elsewhere, ", ")
	case len(elsewhere) > 0:
		p.text = "runs on " + strings.Join(elsewhere, ", ")
	case on[to] > 0 || moving > 0:
		p.text = "is starting on " + to
	default:
		p.text = "is stopped"
	}
	return p
}

func others(on map[string]int, to string) []string {
	var names []string
	for n := range on {
		if n != to {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return names
}
