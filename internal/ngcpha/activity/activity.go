// SPDX-License-Identifier: Apache-2.0

// Package activity decides whether a node of the pair is the active one: the one on which the shared addresses run.
package activity

import (
	"fmt"
	"slices"
	"strings"

	"ocf-oci/internal/pacemaker/mon"
)

// Activity is the answer, in the words of "ngcp-check-active -v".
type Activity string

// The four answers. Unknown is never standby.
const (
	Active     Activity = "active"     // every address runs here and nowhere else
	Standby    Activity = "standby"    // none of them is here, and none is on its way
	Transition Activity = "transition" // some are, or they are being started, stopped or recovered, or run twice
	Unknown    Activity = "unknown"    // nobody can tell
)

// Verdict is an answer and why.
type Verdict struct {
	Activity Activity
	Reason   string
}

// Judge decides for a node by what pacemaker believes; vips is the id of the group of shared addresses, or of a single one.
func Judge(s mon.State, vips, node string) Verdict {
	here, ok := s.Node(node)
	switch {
	case !ok:
		return Verdict{Unknown, fmt.Sprintf("the cluster has no node %s", node)}
	case here.Unclean:
		return Verdict{Unknown, fmt.Sprintf("the cluster does not know the state of %s (unclean)", node)}
	case !here.Online:
		return Verdict{Unknown, fmt.Sprintf("%s is offline in the cluster", node)}
	case here.Pending:
		return Verdict{Unknown, fmt.Sprintf("%s is still joining the cluster", node)}
	case s.Summary.DC == "" && s.Summary.Stack != "":
		return Verdict{Unknown, "the cluster has no coordinator (DC) at this moment, so what it tells may be old"}
	}
	members := s.In(vips)
	if len(members) == 0 {
		return Verdict{Unknown, fmt.Sprintf("the cluster has no resource %s; name the group of shared addresses with --vips or in the settings", vips)}
	}
	var in, out, moving []string
	for _, m := range members {
		switch {
		case inFlight(m), len(m.Nodes) > 1:
			moving = append(moving, m.ID)
		case slices.Contains(m.Nodes, node):
			in = append(in, m.ID)
		case len(m.Nodes) == 1:
			out = append(out, m.ID)
		}
	}
	switch {
	case len(moving) > 0:
		return Verdict{Transition, strings.Join(moving, ", ") + " is being started, stopped or recovered"}
	case len(in) == len(members):
		return Verdict{Active, fmt.Sprintf("all of %s runs on %s", vips, node)}
	case len(in) > 0:
		return Verdict{Transition, fmt.Sprintf("only %s of %s runs on %s", strings.Join(in, ", "), vips, node)}
	case len(out) == len(members):
		return Verdict{Standby, fmt.Sprintf("%s runs on %s", vips, members[0].Nodes[0])}
	case len(out) > 0:
		return Verdict{Transition, fmt.Sprintf("only %s of %s runs, and not on %s", strings.Join(out, ", "), vips, node)}
	}
	return Verdict{Standby, vips + " runs nowhere"}
}

// settled are the roles of a resource that nothing happens to.
var settled = map[string]bool{"": true, "Started": true, "Stopped": true, "Promoted": true, "Unpromoted": true}

// inFlight tells whether something happens, or has to happen, to a resource.
func inFlight(m mon.Resource) bool {
	pending := m.Pending != "" && m.Pending != "Monitoring"
	return pending || !settled[m.Role] || m.Failed && !m.FailureIgnored
}

// Lines are whose haresources there are, as far as that is known: lines for this node, and lines for others.
type Lines struct{ Own, Others, Known bool }

// OfHeartbeat translates what "cl_status rscstatus" prints on a pair that still runs Heartbeat 2. local are the resources
// of this node's lines in haresources, foreign those of the other's, so that one of them may be everything, or nothing.
func OfHeartbeat(word string, l Lines) Verdict {
	reason := "heartbeat says " + word
	has, lacks := l.Own, l.Others
	switch word {
	case "all":
		return Verdict{Active, reason}
	case "none":
		return Verdict{Standby, reason}
	case "transition":
		return Verdict{Transition, reason}
	case "foreign":
		has, lacks = l.Others, l.Own
	case "local":
	default:
		return Verdict{Unknown, fmt.Sprintf("heartbeat says %q, which is none of all, none, local, foreign, transition", word)}
	}
	switch {
	case !l.Known:
		return Verdict{Transition, reason + ", and haresources cannot be read, so nobody knows what that is"}
	case has && !lacks:
		return Verdict{Active, reason + ", which is all of haresources"}
	case !has && lacks:
		return Verdict{Standby, reason + ", and haresources has none of these"}
	case !has:
		return Verdict{Unknown, "haresources is empty"}
	}
	return Verdict{Transition, reason + ": only a part of haresources"}
}
