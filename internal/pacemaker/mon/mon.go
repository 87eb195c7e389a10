// SPDX-License-Identifier: Apache-2.0

// Package mon reads what pacemaker believes at this moment: crm_mon(8) as XML, from pacemaker 1.1 on.
package mon

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"ocf-oci/internal/command"
	"ocf-oci/internal/pacemaker/cib"
)

// State is the cluster in the eyes of one node.
type State struct {
	Summary   Summary
	Nodes     []Node
	Resources []Resource // instances of primitives, in groups and clones too, in the order of the configuration
	Failures  []Failure
}

// Summary is what crm_mon prints at the top. Times are as crm_mon words them.
type Summary struct {
	Stack             string // corosync
	DC                string // name of the coordinator; empty if there is none
	DCVersion         string
	Quorum            bool
	LastUpdate        string
	LastChange        string
	ChangedBy         string // "root via crm_resource on sp1", as far as known
	NodesConfigured   int
	Resources         int // configured instances
	StonithEnabled    bool
	MaintenanceMode   bool
	StopAllResources  bool
	NoQuorumPolicy    string
	OptionsKnown      bool // pacemaker told the options
	MixedVersions     bool
	ResourcesDisabled int
}

// Node is a member and what it is allowed to do.
type Node struct {
	Name          string
	ID            string
	Type          string // member, remote, ping
	Online        bool
	Standby       bool // set by an administrator
	StandbyOnFail bool // set by an operation with on-fail=standby
	Maintenance   bool
	Pending       bool // joining
	Unclean       bool
	Shutdown      bool
	Attributes    map[string]string
}

// Resource is one instance of a primitive.
type Resource struct {
	ID             string
	Agent          string // ocf:heartbeat:IPaddr, with single colons on every version
	Role           string // Started, Stopped, Starting, Stopping, Migrating, Promoted, Unpromoted; old words are translated
	Pending        string // operation that is in flight, if the cluster records it ("Starting", "Monitoring")
	Failed         bool
	FailureIgnored bool
	Blocked        bool
	Orphaned       bool
	Managed        bool
	Nodes          []string    // where it is active
	Path           []Container // what it is in, from the outside in
}

// Container holds resources.
type Container struct {
	Kind string // group, clone, bundle, replica
	ID   string
	// MultiState is a promotable clone; Image that of a bundle.
	MultiState bool
	Image      string
}

// Failure is a failed action.
type Failure struct {
	Operation string `json:"operation"` // p_vip_start_0 or, before 2.0.3, as op_key says
	Node      string `json:"node"`
	Status    string `json:"status"`           // "error", "Timed Out"
	Code      string `json:"code"`             // "not running"
	Reason    string `json:"reason,omitempty"` // the agent's
	When      string `json:"when,omitempty"`
}

// Resource is the one whose operation failed: RESOURCE_OPERATION_INTERVAL without the last two. It is empty for keys of
// another form.
func (f Failure) Resource() string {
	key, interval, ok := cutLast(f.Operation, "_")
	if !ok || interval == "" || strings.Trim(interval, "0123456789") != "" {
		return ""
	}
	for _, twoWords := range []string{"_migrate_to", "_migrate_from"} {
		if resource, ok := strings.CutSuffix(key, twoWords); ok {
			return resource
		}
	}
	resource, _, _ := cutLast(key, "_")
	return resource
}

func cutLast(text, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(text, sep); i >= 0 {
		return text[:i], text[i+len(sep):], true
	}
	return "", "", false
}

// element is any XML element: the schema differs between versions, and what is not known is passed over.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []element  `xml:",any"`
}

// maxDepth is far above any nesting that crm_mon makes.
const maxDepth = 64

// Query asks the live cluster, within ctx, or the CIB in a file if env has CIB_file. The error wraps cib.ErrNoCluster if
// there is none.
func Query(ctx context.Context, env []string) (State, error) {
	text, err := Raw(ctx, env)
	if err != nil {
		return State{}, err
	}
	return Parse(text)
}

// Raw is Query without reading the answer.
func Raw(ctx context.Context, env []string) ([]byte, error) {
	var last error
	// Before pacemaker 2.0.3 there is only --as-xml; pacemaker 3.0 no longer has it.
	for _, how := range [][]string{{"--one-shot", "--show-node-attributes", "--inactive", "--output-as=xml"}, {"--one-shot", "--show-node-attributes", "--inactive", "--as-xml"}} {
		out, err := command.Run(ctx, command.Command{Name: "crm_mon", Args: how, Env: env, Limit: 64 << 20})
		if err == nil {
			return out.Stdout, nil
		}
		if errors.Is(err, exec.ErrNotFound) || out.ExitCode == 102 || out.ExitCode == 107 {
			return nil, fmt.Errorf("%w: %w", cib.ErrNoCluster, err)
		}
		if last == nil {
			last = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, fmt.Errorf("asking pacemaker what runs where: %w", last)
}

// Parse reads the XML of crm_mon, in the form of pacemaker 1.1 or later.
func Parse(text []byte) (State, error) {
	var doc element
	if err := xml.Unmarshal(text, &doc); err != nil {
		return State{}, fmt.Errorf("crm_mon printed no XML that can be read: %w", err)
	}
	if root := doc.XMLName.Local; root != "crm_mon" && root != "pacemaker-result" {
		return State{}, fmt.Errorf("crm_mon printed <%s> instead of <pacemaker-result> or <crm_mon>", root)
	}
	// A CIB that it cannot use is an error in the text of an answer that says OK (2.1.5).
	if !slices.ContainsFunc(doc.Children, func(c element) bool { return c.XMLName.Local == "nodes" }) {
		return State{}, fmt.Errorf("crm_mon told of no nodes%s", doc.complaint())
	}
	return stateOf(doc), nil
}

// ParseWithin reads the nodes and resources inside another element of pacemaker's XML output, such as
// revised_cluster_status of crm_simulate. It is false if there is no such element.
func ParseWithin(text []byte, name string) (State, bool, error) {
	var doc element
	if err := xml.Unmarshal(text, &doc); err != nil {
		return State{}, false, fmt.Errorf("pacemaker printed no XML that can be read: %w", err)
	}
	for _, c := range doc.Children {
		if c.XMLName.Local == name {
			return stateOf(c), true, nil
		}
	}
	return State{}, false, nil
}

func stateOf(doc element) State {
	var s State
	for _, section := range doc.Children {
		switch section.XMLName.Local {
		case "summary":
			s.Summary = summaryOf(section)
		case "nodes":
			for _, n := range section.Children {
				if n.XMLName.Local == "node" {
					s.Nodes = append(s.Nodes, nodeOf(n))
				}
			}
		case "resources":
			s.Resources = resourcesIn(section, nil)
		case "failures":
			for _, f := range section.Children {
				if f.XMLName.Local == "failure" {
					s.Failures = append(s.Failures, failureOf(f))
				}
			}
		}
	}
	for _, section := range doc.Children {
		if section.XMLName.Local == "node_attributes" {
			s.attributes(section)
		}
	}
	return s
}

// attributes are given by node, in a section of their own.
func (s *State) attributes(section element) {
	for _, set := range section.Children {
		i := slices.IndexFunc(s.Nodes, func(n Node) bool { return n.Name == set.attr("name") })
		if i < 0 {
			continue
		}
		for _, p := range set.Children {
			s.Nodes[i].Attributes[p.attr("name")] = p.attr("value")
		}
	}
}

// Node returns a node by its name.
func (s State) Node(name string) (Node, bool) {
	i := slices.IndexFunc(s.Nodes, func(n Node) bool { return n.Name == name })
	if i < 0 {
		return Node{}, false
	}
	return s.Nodes[i], true
}

// In returns the instances that a resource or container of that id stands for.
func (s State) In(id string) []Resource {
	var list []Resource
	for _, r := range s.Resources {
		if same(r.ID, id) || slices.ContainsFunc(r.Path, func(c Container) bool { return same(c.ID, id) }) {
			list = append(list, r)
		}
	}
	return list
}

// same compares an instance's name with a resource's: p:0 and p are the same.
func same(instance, id string) bool {
	base, number, ok := strings.Cut(instance, ":")
	return instance == id || ok && base == id && strings.Trim(number, "0123456789") == ""
}
