// SPDX-License-Identifier: Apache-2.0

package picture

import (
	"slices"
	"strings"

	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/mon"
)

// entries puts instances back into the containers that they are in.
func entries(c *cib.CIB, instances []mon.Resource) []Entry {
	list := []Entry{}
	for _, r := range instances {
		leaf := Entry{ID: r.ID, Kind: "primitive", Agent: r.Agent, Role: r.Role, Nodes: r.Nodes, Remarks: remarks(c, r)}
		list = place(list, r.Path, leaf)
	}
	return list
}

// place adds a leaf below a path; containers that are not there yet are made.
func place(list []Entry, path []mon.Container, leaf Entry) []Entry {
	if len(path) == 0 {
		return append(list, leaf)
	}
	i := len(list) - 1 // what belongs together stands together
	if i < 0 || list[i].ID != path[0].ID || list[i].Kind != path[0].Kind {
		list = append(list, Entry{ID: path[0].ID, Kind: path[0].Kind, Promoted: path[0].MultiState, Agent: path[0].Image})
		i++
	}
	list[i].Entries = place(list[i].Entries, path[1:], leaf)
	return list
}

func remarks(c *cib.CIB, r mon.Resource) []string {
	var words []string
	add := func(is bool, word string) {
		if is {
			words = append(words, word)
		}
	}
	add(r.Failed && !r.FailureIgnored, "FAILED")
	add(r.FailureIgnored, "failure ignored")
	add(r.Blocked, "BLOCKED")
	add(r.Orphaned, "ORPHANED")
	add(!r.Managed, "unmanaged")
	add(r.Pending != "", r.Pending)
	if p, ok := c.Primitive(strings.SplitN(r.ID, ":", 2)[0]); ok && strings.EqualFold(p.Meta["target-role"], "Stopped") {
		words = append(words, "disabled")
	}
	return words
}

// instancesOf are all leaves below an entry.
func (e Entry) instancesOf() []Entry {
	if e.Kind == "primitive" {
		return []Entry{e}
	}
	var all []Entry
	for _, inner := range e.Entries {
		all = append(all, inner.instancesOf()...)
	}
	return all
}

// plain tells whether a role needs no words of its own in a clone's summary.
func (e Entry) plain() bool {
	return len(e.Remarks) == 0 && slices.Contains([]string{"Started", "Stopped", "Promoted", "Unpromoted"}, e.Role)
}
