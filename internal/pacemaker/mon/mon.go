// SPDX-License-Identifier: Apache-2.0

// Package mon reads what pacemaker believes at this moment: crm_mon(8) as XML, from pacemaker 1.1 on.
package mon

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"os/exec"

	"ocf-oci/internal/command"
	"ocf-oci/internal/pacemaker/cib"
)

// State is the cluster in the eyes of one node.
type State struct {
	Nodes     []Node
	Resources []Resource // instances of primitives, in groups and clones too
}

// Node is a member and what it is allowed to do.
type Node struct {
	Name        string            `xml:"name,attr"`
	Online      bool              `xml:"online,attr"`
	Standby     bool              `xml:"standby,attr"`
	Maintenance bool              `xml:"maintenance,attr"`
	Unclean     bool              `xml:"unclean,attr"`
	Attributes  map[string]string `xml:"-"`
}

// Resource is one instance of a primitive.
type Resource struct {
	ID      string   `xml:"id,attr"`
	Role    string   `xml:"role,attr"` // Started, Stopped, Starting, Stopping, Migrating ...
	Failed  bool     `xml:"failed,attr"`
	Managed bool     `xml:"managed,attr"`
	Nodes   []string `xml:"-"` // where it is active
	On      []struct {
		Name string `xml:"name,attr"`
	} `xml:"node"`
}

type document struct {
	Nodes      []Node    `xml:"nodes>node"`
	Resources  container `xml:"resources"`
	Attributes []struct {
		Node  string `xml:"name,attr"`
		Pairs []struct {
			Name  string `xml:"name,attr"`
			Value string `xml:"value,attr"`
		} `xml:"attribute"`
	} `xml:"node_attributes>node"`
}

type container struct {
	Resources []Resource  `xml:"resource"`
	Groups    []container `xml:"group"`
	Clones    []container `xml:"clone"`
	Bundles   []container `xml:"bundle"`
	Replicas  []container `xml:"replica"`
}

// Query asks the live cluster, within ctx. The error wraps cib.ErrNoCluster if there is none.
func Query(ctx context.Context, env []string) (State, error) {
	var last error
	// Before pacemaker 2.0.3 there is only --as-xml; pacemaker 3.0 no longer has it.
	for _, how := range [][]string{{"--one-shot", "--show-node-attributes", "--inactive", "--output-as=xml"}, {"--one-shot", "--show-node-attributes", "--inactive", "--as-xml"}} {
		out, err := command.Run(ctx, command.Command{Name: "crm_mon", Args: how, Env: env, Limit: 64 << 20})
		if err == nil {
			return Parse(out.Stdout)
		}
		if errors.Is(err, exec.ErrNotFound) || out.ExitCode == 102 || out.ExitCode == 107 {
			return State{}, fmt.Errorf("%w: %w", cib.ErrNoCluster, err)
		}
		if last == nil {
			last = err
		}
	}
	return State{}, fmt.Errorf("asking pacemaker what runs where: %w", last)
}

// Parse reads the XML of crm_mon, in the form of pacemaker 1.1 or later.
func Parse(text []byte) (State, error) {
	var doc document
	if err := xml.Unmarshal(text, &doc); err != nil {
		return State{}, fmt.Errorf("crm_mon printed no XML that can be read: %w", err)
	}
	s := State{Nodes: doc.Nodes, Resources: doc.Resources.all()}
	for i := range s.Nodes {
		s.Nodes[i].Attributes = map[string]string{}
		for _, set := range doc.Attributes {
			if set.Node != s.Nodes[i].Name {
				continue
			}
			for _, p := range set.Pairs {
				s.Nodes[i].Attributes[p.Name] = p.Value
			}
		}
	}
	return s, nil
}

func (c container) all() []Resource {
	var list []Resource
	for _, r := range c.Resources {
		for _, n := range r.On {
			r.Nodes = append(r.Nodes, n.Name)
		}
		r.On = nil
		list = append(list, r)
	}
	for _, kind := range [][]container{c.Groups, c.Clones, c.Bundles, c.Replicas} {
		for _, inner := range kind {
			list = append(list, inner.all()...)
		}
	}
	return list
}
