// SPDX-License-Identifier: Apache-2.0

package failcounts

import (
	"slices"

	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/mon"
)

// Pair is a resource on a node.
type Pair struct {
	Resource string `json:"resource"`
	Node     string `json:"node"`
}

// ToClear are the pairs that have failures to forget: counted ones, and failed actions that the scheduler holds against
// them; names and node restrict them. (An operation history alone does not tell: a probe that found a resource running
// where it was not expected stands there as a failure too.)
func ToClear(c *cib.CIB, actions []mon.Failure, names []string, node string) ([]Pair, error) {
	if node != "" {
		if err := known("node", node, nodesOf(c)); err != nil {
			return nil, err
		}
	}
	var wanted []string
	for _, name := range names {
		if err := known("resource", name, append(ids(c), removed(c)...)); err != nil {
			return nil, err
		}
		wanted = append(wanted, name)
		for _, p := range c.In(name) {
			wanted = append(wanted, p.ID)
		}
	}
	var pairs []Pair
	add := func(resource, on string) {
		if base := instance.ReplaceAllString(resource, ""); base != resource {
			if _, ok := c.Primitive(base); ok {
				resource = base
			}
		}
		pair := Pair{resource, on}
		if (node == "" || node == on) && (len(names) == 0 || slices.Contains(wanted, resource)) && !slices.Contains(pairs, pair) {
			pairs = append(pairs, pair)
		}
	}
	for _, f := range c.FailCounts {
		add(f.Resource, f.Node)
	}
	for _, a := range actions {
		if resource := a.Resource(); resource != "" {
			add(resource, a.Node)
		}
	}
	return pairs, nil
}

// removed are the ids that have counts but are not in the configuration.
func removed(c *cib.CIB) []string {
	var list []string
	for _, f := range c.FailCounts {
		list = append(list, f.Resource)
	}
	return list
}

// Attributes are the node attributes that hold the counts of a pair. crm_resource cleans up nothing that is no longer in
// the configuration, so that these are all that is left to remove.
func Attributes(c *cib.CIB, p Pair) []string {
	var names []string
	for _, f := range c.FailCounts {
		if f.Resource != p.Resource || f.Node != p.Node {
			continue
		}
		suffix := f.Resource
		if f.Operation != "" {
			suffix += "#" + f.Operation
		}
		names = append(names, "fail-count-"+suffix, "last-failure-"+suffix)
	}
	return names
}
