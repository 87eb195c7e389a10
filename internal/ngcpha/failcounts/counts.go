// SPDX-License-Identifier: Apache-2.0

package failcounts

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"ocf-oci/internal/ngcpha/span"
	"ocf-oci/internal/pacemaker/cib"
)

// count is one attribute of the status section.
type count struct {
	node string
	Operation
}

// instance is the number of a clone's instance at the end of a name.
var instance = regexp.MustCompile(`:[0-9]+$`)

func readCounts(c *cib.CIB) ([]count, error) {
	var list []count
	for _, f := range c.FailCounts {
		n, err := ParseScore(f.Count)
		if err != nil {
			return nil, fmt.Errorf("the fail count of %s on %s: %w; clear it with: crm_failcount -D -r %[1]s -N %[2]s", f.Resource, f.Node, err)
		}
		resource := f.Resource
		if base := instance.ReplaceAllString(resource, ""); base != resource {
			if _, ok := c.Primitive(base); ok {
				resource = base
			}
		}
		operation, interval := splitOperation(f.Operation)
		one := count{node: f.Node, Operation: Operation{Resource: resource, Operation: operation, IntervalMS: interval, Count: n}}
		if !f.Last.IsZero() {
			one.Last = &f.Last
		}
		one.Reason = reasonOf(c, f.Node, resource, operation, interval)
		list = append(list, one)
	}
	return list, nil
}

// splitOperation splits monitor_20000; an interval of 0 is left out.
func splitOperation(text string) (name, interval string) {
	i := strings.LastIndexByte(text, '_')
	if i < 0 {
		return text, ""
	}
	name, interval = text[:i], text[i+1:]
	if interval == "0" {
		interval = ""
	}
	return name, interval
}

// reasonOf is what the agent said at the last failure of an operation.
func reasonOf(c *cib.CIB, node, resource, operation, interval string) string {
	state, _ := c.State(node)
	for _, f := range state.Failures {
		if f.Resource == resource && f.Operation == operation && cmp.Or(interval, "0") == cmp.Or(f.IntervalMS, "0") {
			return f.Reason
		}
	}
	return ""
}

func primitive(c *cib.CIB, p cib.Primitive, nodes []string, counts []count, now time.Time) (Resource, error) {
	r := Resource{ID: p.ID, Kind: "primitive", Agent: p.Agent(), In: parentsOf(p.Parents), Threshold: Infinity}
	meta := func(name string) string { return cmp.Or(p.Meta[name], c.ResourceDefaults[name]) }
	if text := meta("migration-threshold"); text != "" {
		t, err := ParseScore(text)
		if err != nil {
			return r, fmt.Errorf("%s: migration-threshold: %w", p.ID, err)
		}
		if t > 0 { // 0 switches it off
			r.Threshold = t
		}
	}
	if text := meta("failure-timeout"); text != "" {
		d, err := span.Parse(text)
		if err != nil {
			return r, fmt.Errorf("%s: failure-timeout: %w", p.ID, err)
		}
		r.timeout, r.FailureTimeout = d, d.Seconds()
	}
	for _, n := range nodes {
		r.Nodes = append(r.Nodes, r.on(n, counts, now))
	}
	return r, nil
}

// on is the count on one node.
func (r *Resource) on(node string, counts []count, now time.Time) Node {
	n := Node{Node: node}
	for _, one := range counts {
		if one.node != node || one.Resource != r.ID {
			continue
		}
		n.add(Node{Count: one.Count, Last: one.Last, Operations: []Operation{one.Operation}})
	}
	// The scheduler forgets all counts of a resource on a node once the last failure of any operation is old enough.
	if r.timeout > 0 && n.Count > 0 && n.Last != nil {
		end := n.Last.Add(r.timeout)
		n.Expires, n.Expired = &end, now.After(end)
	}
	n.Banned = n.Count > 0 && n.Count >= r.Threshold && !n.Expired
	return n
}

// others are the counts that belong to no primitive of the configuration.
func others(c *cib.CIB, nodes []string, counts []count) []Resource {
	var list []Resource
	for _, one := range counts {
		if _, ok := c.Primitive(one.Resource); ok || slices.ContainsFunc(list, func(r Resource) bool { return r.ID == one.Resource }) {
			continue
		}
		r := Resource{ID: one.Resource, Kind: "removed", Threshold: Infinity}
		for _, n := range nodes {
			r.Nodes = append(r.Nodes, r.on(n, counts, time.Time{}))
		}
		list = append(list, r)
	}
	return list
}

func parentsOf(parents []cib.Parent) []string {
	var ids []string
	for _, p := range parents {
		ids = append(ids, p.ID)
	}
	return ids
}

// nodesOf returns members in the order of their numbers, else of the document, and then the others.
func nodesOf(c *cib.CIB) []string {
	members := slices.Clone(c.Nodes)
	number := func(n cib.Node) int { i, _ := strconv.Atoi(n.ID); return i }
	isRemote := func(n cib.Node) bool { return n.Type == "remote" }
	slices.SortStableFunc(members, func(a, b cib.Node) int {
		if isRemote(a) != isRemote(b) {
			return map[bool]int{true: 1, false: -1}[isRemote(a)]
		}
		return number(a) - number(b)
	})
	var names []string
	add := func(name string) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, n := range members {
		if n.Type != "ping" {
			add(n.Name)
		}
	}
	for _, s := range c.States {
		add(s.Name)
	}
	for _, p := range c.Primitives() {
		if p.Class == "ocf" && p.Provider == "pacemaker" && p.Type == "remote" {
			add(p.ID)
		}
		add(p.Meta["remote-node"]) // a guest node
	}
	return names
}
