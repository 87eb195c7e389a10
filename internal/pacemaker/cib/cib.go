// SPDX-License-Identifier: Apache-2.0

package cib

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Limit is how many bytes a file with a CIB may have.
const Limit = 16 << 20

// CIB is a cluster's configuration.
type CIB struct {
	// Properties are the cluster options of crm_config.
	Properties map[string]string
	// ResourceDefaults are the meta attributes of rsc_defaults, OperationDefaults those of op_defaults.
	ResourceDefaults, OperationDefaults map[string]string
	Nodes                               []Node // of the configuration, in its order
	Constraints                         []Constraint
	FailCounts                          []FailCount
	// States are what the cluster knows of each node that it has seen, remote ones included.
	States []NodeState
	// Header are the attributes of the document: epoch, validate-with, have-quorum, dc-uuid, cib-last-written ...
	Header map[string]string

	primitives []Primitive
	containers []Container
}

// Node is a member of the cluster.
type Node struct {
	ID, Name string
	Type     string // member, remote, ping; empty is member
	// Attributes are the permanent ones; those of reboot's lifetime are in NodeState.
	Attributes map[string]string
}

// NodeState is the status section's word on a node.
type NodeState struct {
	ID, Name string
	Remote   bool // a remote or guest node
	// InMembership, Controller, Join and Expected are in_ccm, crmd, join and expected as written: "true" or, since
	// pacemaker 3.0, a time.
	InMembership, Controller, Join, Expected string
	// Attributes are the transient ones (lifetime reboot).
	Attributes map[string]string
	// Failures are the failed operations in the node's history that have not been cleaned up.
	Failures []FailedOperation
}

// FailedOperation is an entry of an operation history under last_failure.
type FailedOperation struct {
	Resource   string // without a clone's instance number, as in FailCount
	Operation  string // start, monitor
	IntervalMS string // 20000
	Code       string // the agent's, as a number
	Reason     string // the agent's
	When       time.Time
}

// FailCount is how often an operation of a resource failed on a node.
type FailCount struct {
	Node, Resource string
	Operation      string    // start_0, monitor_20000; empty before pacemaker 1.1.17
	Count          string    // a number, or INFINITY
	Last           time.Time // of the last failure; zero if not known
}

// Container is a group, clone or bundle, or a template of none of these.
type Container struct {
	ID, Kind string // group, clone, master, bundle
	// Meta are its meta attributes, with those of the containers around it.
	Meta    map[string]string
	Parents []Parent
}

// Containers returns all groups, clones and bundles in the order of the document.
func (c *CIB) Containers() []Container { return c.containers }

// Container returns one by its id.
func (c *CIB) Container(id string) (Container, bool) {
	i := slices.IndexFunc(c.containers, func(o Container) bool { return o.ID == id })
	if i < 0 {
		return Container{}, false
	}
	return c.containers[i], true
}

// In returns the primitives that an id stands for: itself, or those in the container.
func (c *CIB) In(id string) []Primitive {
	var list []Primitive
	for _, p := range c.primitives {
		if p.ID == id || slices.ContainsFunc(p.Parents, func(o Parent) bool { return o.ID == id }) {
			list = append(list, p)
		}
	}
	return list
}

// State returns what is known of a node.
func (c *CIB) State(node string) (NodeState, bool) {
	i := slices.IndexFunc(c.States, func(s NodeState) bool { return s.Name == node })
	if i < 0 {
		return NodeState{}, false
	}
	return c.States[i], true
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
	Rules     []Rule // at the top of it
}

// Rule is a rule of a constraint. Only what names nodes, attributes and an end of time is read; Plain says whether
// that is all there is to it.
type Rule struct {
	ID, Score, ScoreAttribute, BooleanOp, Role string
	Expressions                                []Expression
	// End is the end attribute of a date expression with operation lt, as written; empty if there is none.
	End   string
	Plain bool
}

// Expression compares a node attribute.
type Expression struct{ Attribute, Operation, Value string }

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
	header := map[string]string{}
	for _, a := range doc.Attrs {
		header[a.Name.Local] = a.Value
	}
	c := &CIB{Header: header, Properties: map[string]string{}, ResourceDefaults: map[string]string{}}
	for _, section := range doc.Configuration.Children {
		switch section.XMLName.Local {
		case "crm_config":
			c.Properties, _ = b.merge(section, "cluster_property_set")
		case "rsc_defaults":
			c.ResourceDefaults, _ = b.merge(section, "meta_attributes")
		case "op_defaults":
			c.OperationDefaults, _ = b.merge(section, "meta_attributes")
		case "nodes":
			for _, n := range section.Children {
				if n.XMLName.Local != "node" {
					continue
				}
				attributes, _ := b.merge(n, "instance_attributes")
				c.Nodes = append(c.Nodes, Node{ID: n.attr("id"), Name: cmp.Or(n.attr("uname"), n.attr("id")), Type: n.attr("type"), Attributes: attributes})
			}
		case "constraints":
			for _, e := range section.Children {
				c.Constraints = append(c.Constraints, constraintOf(e))
			}
		case "resources":
			for _, e := range section.Children {
				c.primitives = append(c.primitives, b.resources(e, nil, nil)...)
			}
			c.containers = b.containers
		}
	}
	for _, state := range doc.Status.Children {
		if state.XMLName.Local == "node_state" {
			c.addState(b, state)
		}
	}
	return c, nil
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
		if child.XMLName.Local == "rule" {
			c.HasRule = true
			c.Rules = append(c.Rules, ruleOf(child))
		}
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
