// SPDX-License-Identifier: Apache-2.0

package takeover

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/mon"
)

// Groups are what moves, by the ids in the cluster.
type Groups struct {
	VIPs          string
	Services      string
	PingAttribute string
}

// Goal is a hand-over.
type Goal struct {
	Groups
	To string
	// From is where the addresses are; empty if they run nowhere.
	From string
	// WithServices: the services are expected to run as well. They are not if the configuration does not have them, or
	// keeps them stopped; Without says why.
	WithServices bool
	Without      string
}

// ToActive is the goal of making node the active one.
func ToActive(c *cib.CIB, s mon.State, g Groups, node string) (Goal, error) {
	goal := Goal{Groups: g, To: node, From: holder(s, g.VIPs)}
	if len(c.In(g.VIPs)) == 0 {
		return goal, fmt.Errorf("the cluster has no resource %s; name the group of shared addresses with --vips or in the settings", g.VIPs)
	}
	goal.WithServices, goal.Without = expected(c, g.Services)
	return goal, nil
}

// ToStandby is the goal of making node hand over, to the best of the others: it is online, may run resources, and has
// the highest ping score. If nobody qualifies the first other node is the goal, and Preflight says what is wrong with it.
func ToStandby(c *cib.CIB, s mon.State, g Groups, node string) (Goal, error) {
	others := slices.Clone(s.Nodes)
	others = slices.DeleteFunc(others, func(n mon.Node) bool { return n.Name == node || n.Type == "ping" || n.Type == "remote" })
	if len(others) == 0 {
		return Goal{}, fmt.Errorf("the cluster has no node but %s to hand over to", node)
	}
	rank := func(n mon.Node) int {
		score, _ := strconv.Atoi(n.Attributes[g.PingAttribute])
		if !n.Online || n.Standby || n.StandbyOnFail || n.Maintenance || n.Unclean || n.Pending {
			score -= 1 << 30
		}
		return score
	}
	slices.SortStableFunc(others, func(a, b mon.Node) int { return rank(b) - rank(a) })
	to := others[0].Name
	if at := holder(s, g.VIPs); at != "" && at != node {
		to = at // already somewhere else
	}
	return ToActive(c, s, g, to)
}

// Holds tells whether a node has any of the goal's resources.
func (g Goal) Holds(s mon.State, node string) bool {
	for _, group := range g.groups() {
		for _, r := range s.In(group) {
			if slices.Contains(r.Nodes, node) {
				return true
			}
		}
	}
	return false
}

func (g Goal) groups() []string {
	if g.WithServices {
		return []string{g.VIPs, g.Services}
	}
	return []string{g.VIPs}
}

// holder is the node that has the most of a group.
func holder(s mon.State, group string) string {
	count := map[string]int{}
	best := ""
	for _, r := range s.In(group) {
		for _, n := range r.Nodes {
			count[n]++
			if count[n] > count[best] {
				best = n
			}
		}
	}
	return best
}

// expected tells whether a group is meant to run.
func expected(c *cib.CIB, group string) (bool, string) {
	members := c.In(group)
	if len(members) == 0 {
		return false, fmt.Sprintf("the cluster has no resource %s", group)
	}
	for _, p := range members {
		if strings.EqualFold(p.Meta["target-role"], "Stopped") {
			return false, p.ID + " is kept stopped (target-role=Stopped)"
		}
	}
	return true, ""
}
