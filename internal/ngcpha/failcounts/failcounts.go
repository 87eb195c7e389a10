// SPDX-License-Identifier: Apache-2.0

// Package failcounts reads the fail counts of a cluster's CIB: how often each resource failed on each node, by which
// operation, when last, when pacemaker will forget it, and where a resource may no longer run because of it.
//
// crm_failcount(8) cannot be asked for groups, clones and unknown names: it answers 0 for all of them.
package failcounts

import (
	"time"

	"ocf-oci/internal/pacemaker/cib"
)

// Report is the counts of some resources on all nodes, or on one.
type Report struct {
	Resources []Resource `json:"resources"`
	// Others are counts of what is not in the configuration: removed resources, and the parts of a bundle.
	Others []Resource `json:"others,omitempty"`
}

// Resource is a primitive, or the sum of a container's members.
type Resource struct {
	ID      string   `json:"resource"`
	Kind    string   `json:"kind"` // primitive, group, clone, master, bundle, removed
	Agent   string   `json:"agent,omitempty"`
	In      []string `json:"in,omitempty"`      // containers from the outside in
	Members []string `json:"members,omitempty"` // of a container
	// Threshold is migration-threshold: the count at which the resource may no longer run on a node. Infinity by default.
	Threshold Score `json:"migration_threshold,omitempty"`
	// FailureTimeout is after how many seconds without a failure pacemaker forgets the count; 0 is never.
	FailureTimeout float64 `json:"failure_timeout_seconds,omitempty"`
	Nodes          []Node  `json:"nodes"`

	timeout time.Duration
}

// Node is the count on one node.
type Node struct {
	Node  string `json:"node"`
	Count Score  `json:"count"`
	// Banned: the count has reached the threshold and has not expired, so the resource may not run there.
	Banned     bool        `json:"banned"`
	Expired    bool        `json:"expired,omitempty"` // it counts no more, and goes at the next recheck
	Last       *time.Time  `json:"last_failure,omitempty"`
	Expires    *time.Time  `json:"expires,omitempty"`
	Operations []Operation `json:"operations,omitempty"`
}

// Operation is the part of a count that one operation made.
type Operation struct {
	Resource   string     `json:"resource"`
	Operation  string     `json:"operation"`             // start, monitor; empty before pacemaker 1.1.17
	IntervalMS string     `json:"interval_ms,omitempty"` // 20000
	Count      Score      `json:"count"`
	Last       *time.Time `json:"last_failure,omitempty"`
	Reason     string     `json:"reason,omitempty"` // the agent's, of the last failure
}

// Nodes are the names of all nodes: members by their ids, then remote and guest nodes.
func Nodes(c *cib.CIB) []string { return nodesOf(c) }

// Collect reads the counts. Without names it reports every primitive, cloned ones only if all; names may be of
// primitives, groups, clones and bundles. node restricts it to one node. Names that do not exist are *UnknownError.
func Collect(c *cib.CIB, names []string, node string, all bool, now time.Time) (Report, error) {
	nodes := nodesOf(c)
	if node != "" {
		if err := known("node", node, nodes); err != nil {
			return Report{}, err
		}
		nodes = []string{node}
	}
	counts, err := readCounts(c)
	if err != nil {
		return Report{}, err
	}
	report := Report{Resources: []Resource{}}
	if len(names) == 0 {
		for _, p := range c.Primitives() {
			if all || !many(p) {
				r, err := primitive(c, p, nodes, counts, now)
				if err != nil {
					return Report{}, err
				}
				report.Resources = append(report.Resources, r)
			}
		}
		report.Others = others(c, nodes, counts)
		return report, nil
	}
	for _, name := range names {
		list, err := named(c, name, nodes, counts, all, now)
		if err != nil {
			return Report{}, err
		}
		report.Resources = append(report.Resources, list...)
	}
	return report, nil
}

// named returns the resource of a name; with all a container is followed by its members.
func named(c *cib.CIB, name string, nodes []string, counts []count, all bool, now time.Time) ([]Resource, error) {
	if p, ok := c.Primitive(name); ok {
		r, err := primitive(c, p, nodes, counts, now)
		return []Resource{r}, err
	}
	container, ok := c.Container(name)
	if !ok {
		for _, other := range others(c, nodes, counts) {
			if other.ID == name {
				return []Resource{other}, nil
			}
		}
		return nil, known("resource", name, ids(c))
	}
	sum := Resource{ID: name, Kind: container.Kind, In: parentsOf(container.Parents)}
	var members []Resource
	for _, p := range c.In(name) {
		r, err := primitive(c, p, nodes, counts, now)
		if err != nil {
			return nil, err
		}
		members = append(members, r)
		sum.Members = append(sum.Members, p.ID)
	}
	for i, n := range nodes {
		total := Node{Node: n}
		for _, m := range members {
			total.add(m.Nodes[i])
		}
		sum.Nodes = append(sum.Nodes, total)
	}
	if !all {
		members = nil
	}
	return append([]Resource{sum}, members...), nil
}

// add sums; a group is banned where a member is.
func (n *Node) add(m Node) {
	n.Count = n.Count.plus(m.Count)
	n.Banned = n.Banned || m.Banned
	n.Operations = append(n.Operations, m.Operations...)
	if m.Last != nil && (n.Last == nil || m.Last.After(*n.Last)) {
		n.Last = m.Last
	}
}

// many tells whether a resource may have several instances.
func many(p cib.Primitive) bool {
	if p.Cloned() {
		return true
	}
	for _, parent := range p.Parents {
		if parent.Kind == "bundle" {
			return true
		}
	}
	return false
}
