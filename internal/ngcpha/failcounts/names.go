// SPDX-License-Identifier: Apache-2.0

package failcounts

import (
	"fmt"
	"slices"
	"strings"

	"ocf-oci/internal/pacemaker/cib"
)

// UnknownError is a name that the cluster does not have.
type UnknownError struct {
	What, Name string // "node", "sp3"
	Known      []string
}

func (e *UnknownError) Error() string {
	if len(e.Known) == 0 {
		return fmt.Sprintf("the cluster has no %s %s; it has none at all", e.What, e.Name)
	}
	return fmt.Sprintf("the cluster has no %s %s; it has %s", e.What, e.Name, strings.Join(e.Known, ", "))
}

// known is an error unless name is one of all.
func known(what, name string, all []string) error {
	if slices.Contains(all, name) {
		return nil
	}
	return &UnknownError{What: what, Name: name, Known: all}
}

// ids are those of all resources, containers after what they hold.
func ids(c *cib.CIB) []string {
	var all []string
	for _, p := range c.Primitives() {
		all = append(all, p.ID)
	}
	for _, o := range c.Containers() {
		all = append(all, o.ID)
	}
	return all
}

// CheckNode and CheckResource return *UnknownError for a name that the cluster does not have.
func CheckNode(c *cib.CIB, name string) error { return known("node", name, nodesOf(c)) }

// CheckResource is CheckNode for primitives, groups, clones and bundles.
func CheckResource(c *cib.CIB, name string) error { return known("resource", name, ids(c)) }
