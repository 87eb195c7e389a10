// SPDX-License-Identifier: Apache-2.0

package cib

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
)

// CIB is a cluster's configuration.
type CIB struct {
	// Properties are the cluster options of crm_config.
	Properties map[string]string
	// ResourceDefaults are the meta attributes of rsc_defaults.
	ResourceDefaults map[string]string
	Nodes            []Node
	Constraints      []Constraint
	FailCounts       []FailCount

	primitives []Primitive
}

// Node is a member of the cluster.
type Node struct{ ID, Name string }

// FailCount is how often an operation of a resource failed on a node.
type FailCount struct {
	Node, Resource string
	Operation      string // start_0, monitor_20000; empty before pacemaker 1.1.17
	Count          string // a number, or INFINITY
}

// Primitive is a resource that an agent runs.
type Primitive struct {
	ID, Class, Provider, Type string
	// Params and Meta are what applies on every node, a template's values included; groups' and clones' meta attributes
	// are inherited. Resource defaults are not.
	Params, Meta map[string]string
	Operations   []Operation
	// Parents are the containers from the outside in: a clone, then a group.
	Parents []Parent
	// Ruled are the ids of sets that have a rule and were left out.
	Ruled []string
}

// Agent is class:provider:type.
func (p Primitive) Agent() string {
	if p.Provider == "" {
		return p.Class + ":" + p.Type
	}
	return p.Class + ":" + p.Provider + ":" + p.Type
}

// Cloned reports whether a clone holds it.
func (p Primitive) Cloned() bool {
	return slices.ContainsFunc(p.Parents, func(c Parent) bool { return c.Kind == "clone" || c.Kind == "master" })
}

// Parent is a container of resources.
type Parent struct{ ID, Kind string } // group, clone, master, bundle

// Operation is an op element.
type Operation struct{ ID, Name, Interval, Timeout, Role, OnFail, Enabled string }

// Constraint is any element of the constraints section, with its attributes.
type Constraint struct {
	Kind  string // rsc_location, rsc_colocation, rsc_order, rsc_ticket
	ID    string
	Attrs map[string]string
	// Resources are all that it names, those in resource sets included.
	Resources []string
	HasRule   bool
}

// Primitives returns all primitives in the order of the document, those in groups, clones and bundles included.
func (c *CIB) Primitives() []Primitive { return c.primitives }

// Primitive returns one by its id.
func (c *CIB) Primitive(id string) (Primitive, bool) {
	i := slices.IndexFunc(c.primitives, func(p Primitive) bool { return p.ID == id })
	if i < 0 {
		return Primitive{}, false
	}
	return c.primitives[i], true
}

// Parse reads a CIB as cibadmin prints it.
func Parse(text []byte) (*CIB, error) {
	var doc document
	if err := xml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("the cluster's configuration is no XML that can be read: %w", err)
	}
	b := builder{sets: map[string]nvset{}, templates: map[string]element{}}
	b.collect(doc.Configuration)
	c := &CIB{Properties: map[string]string{}, ResourceDefaults: map[string]string{}}
	for _, section := range doc.Configuration.Children {
		switch section.XMLName.Local {
		case "crm_config":
			c.Properties, _ = b.merge(section, "cluster_property_set")
		case "rsc_defaults":
			c.ResourceDefaults, _ = b.merge(section, "meta_attributes")
		case "nodes":
			for _, n := range section.Children {
				c.Nodes = append(c.Nodes, Node{ID: n.attr("id"), Name: cmp.Or(n.attr("uname"), n.attr("id"))})
			}
		case "constraints":
			for _, e := range section.Children {
				c.Constraints = append(c.Constraints, constraintOf(e))
			}
		case "resources":
			for _, e := range section.Children {
				c.primitives = append(c.primitives, b.resources(e, nil, nil)...)
			}
		}
	}
	for _, state := range doc.Status.Children {
		c.FailCounts = append(c.FailCounts, failCounts(state, cmp.Or(state.attr("uname"), state.attr("id")))...)
	}
	return c, nil
}

// failCounts reads the transient node attributes fail-count-RESOURCE#OPERATION.
func failCounts(e element, node string) []FailCount {
	var list []FailCount
	for _, child := range e.Children {
		name, ok := strings.CutPrefix(child.attr("name"), "fail-count-")
		if child.XMLName.Local == "nvpair" && ok && child.attr("value") != "0" {
			resource, operation, _ := strings.Cut(name, "#")
			list = append(list, FailCount{node, resource, operation, child.attr("value")})
		}
		list = append(list, failCounts(child, node)...)
	}
	return list
}

func constraintOf(e element) Constraint {
	c := Constraint{Kind: e.XMLName.Local, ID: e.attr("id"), Attrs: map[string]string{}}
	for _, a := range e.Attrs {
		c.Attrs[a.Name.Local] = a.Value
		switch a.Name.Local {
		case "rsc", "with-rsc", "first", "then":
			c.Resources = append(c.Resources, a.Value)
		}
	}
	for _, child := range e.Children {
		c.HasRule = c.HasRule || child.XMLName.Local == "rule"
		for _, ref := range child.Children {
			if ref.XMLName.Local == "resource_ref" {
				c.Resources = append(c.Resources, ref.attr("id"))
			}
		}
	}
	return c
}

func firstLine(b []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(b)), "\n")
	return strings.TrimSpace(line)
}
