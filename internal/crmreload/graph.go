// SPDX-License-Identifier: Apache-2.0

package crmreload

import (
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
)

// Action is something that pacemaker would do.
type Action struct {
	Operation string // start, stop, monitor, migrate_to, stonith …
	Resource  string // the primitive; empty for actions on nodes
	Instance  string // the primitive, or of a clone the instance, p_ping:0
	Node      string
}

// graph is a transition graph as crm_simulate --save-graph writes it, in every version since pacemaker 1.1.
type graph struct {
	Synapses []struct {
		Ops []struct {
			Operation string `xml:"operation,attr"`
			Node      string `xml:"on_node,attr"`
			Primitive struct {
				ID     string `xml:"id,attr"`
				LongID string `xml:"long-id,attr"`
			} `xml:"primitive"`
		} `xml:"action_set>rsc_op"`
		Events []struct {
			Operation string `xml:"operation,attr"`
			Node      string `xml:"on_node,attr"`
		} `xml:"action_set>crm_event"`
	} `xml:"synapse"`
}

// ErrUnreadable is a transition graph that is no XML: a parameter has a name that cannot be the name of an attribute, and
// pacemaker itself cannot read what it would do.
var ErrUnreadable = errors.New("crm_simulate wrote no transition graph that can be read")

// ReadGraph returns the actions of a transition graph. None: pacemaker has nothing to do.
func ReadGraph(text []byte) ([]Action, error) {
	var g graph
	if err := xml.Unmarshal(text, &g); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	var actions []Action
	for _, s := range g.Synapses {
		for _, op := range s.Ops {
			// Of an anonymous clone the id is that of the primitive in new versions, with the instance in old ones.
			id, _, _ := strings.Cut(op.Primitive.ID, ":")
			instance := op.Primitive.LongID
			if instance == "" {
				instance = op.Primitive.ID
			}
			actions = append(actions, Action{op.Operation, id, instance, op.Node})
		}
		for _, e := range s.Events {
			actions = append(actions, Action{Operation: e.Operation, Node: e.Node})
		}
	}
	return actions, nil
}
