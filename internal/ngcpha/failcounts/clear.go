// SPDX-License-Identifier: Apache-2.0

package failcounts

import (
	"slices"

	"ocf-oci/internal/pacemaker/cib"
)

// Pair is a resource on a node.
type Pair struct {
	Resource string `json:"resource"`
	Node     string `json:"node"`
}

// ToClear are the pairs that have failures to forget, counted or only in the history; names and node restrict them.
func ToClear(c *cib.CIB, names []string, node string) ([]Pair, error) {
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
	for _, s := range c.States {
		for _, f := range s.Failures {
			add(f.Resource, s.Name)
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
