// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"slices"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/crmreload"
	"ocf-oci/internal/ngcpha/takeover"
	"ocf-oci/internal/pacemaker/mon"
	"ocf-oci/internal/pacemaker/simulate"
)

// foresee simulates the hand-over.
func (h *handing) foresee(ctx context.Context, raw []byte, state mon.State, mark takeover.Mark) (simulate.Result, error) {
	if h.goal.From != h.goal.To {
		var err error
		if raw, err = mark.InjectInto(raw); err != nil {
			return simulate.Result{}, err
		}
	}
	env := commandline.Environ(h.c)
	result, err := simulate.Run(ctx, env, raw)
	if !errors.Is(err, simulate.ErrNoXML) {
		return result, err
	}
	// Before pacemaker 2.1 there is the transition graph only.
	graph, err := simulate.Graph(ctx, env, raw)
	if err != nil {
		return result, err
	}
	actions, err := crmreload.ReadGraph(graph)
	if err != nil {
		return result, err
	}
	return simulate.Result{After: played(state, actions)}, nil
}

// played is where primitives outside of clones run once the actions of a graph are done.
func played(state mon.State, actions []crmreload.Action) mon.State {
	state.Resources = slices.Clone(state.Resources)
	for i, r := range state.Resources {
		nodes := slices.Clone(r.Nodes)
		for _, a := range actions {
			if a.Resource == r.ID && (a.Operation == "stop" || a.Operation == "migrate_to") {
				nodes = slices.DeleteFunc(nodes, func(n string) bool { return n == a.Node })
			}
		}
		for _, a := range actions {
			if a.Resource == r.ID && (a.Operation == "start" || a.Operation == "migrate_from") && !slices.Contains(nodes, a.Node) {
				nodes = append(nodes, a.Node)
			}
		}
		state.Resources[i].Nodes = nodes
	}
	return state
}
