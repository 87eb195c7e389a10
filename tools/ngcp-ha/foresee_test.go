// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"testing"

	"ocf-oci/internal/crmreload"
	"ocf-oci/internal/pacemaker/mon"
)

func TestPlayed(t *testing.T) {
	state := mon.State{Resources: []mon.Resource{{ID: "moved", Nodes: []string{"a"}}, {ID: "stays", Nodes: []string{"a"}}, {ID: "stopped", Nodes: []string{"a"}},
		{ID: "started"}, {ID: "migrated", Nodes: []string{"a"}}, {ID: "restarted", Nodes: []string{"a"}}}}
	after := played(state, []crmreload.Action{
		{Operation: "start", Resource: "moved", Node: "b"}, {Operation: "stop", Resource: "moved", Node: "a"},
		{Operation: "monitor", Resource: "stays", Node: "b"}, {Operation: "stop", Resource: "stopped", Node: "a"}, {Operation: "start", Resource: "started", Node: "b"},
		{Operation: "migrate_to", Resource: "migrated", Node: "a"}, {Operation: "migrate_from", Resource: "migrated", Node: "b"},
		{Operation: "stop", Resource: "migrated", Node: "a"}, {Operation: "start", Resource: "migrated", Node: "b"},
		{Operation: "stop", Resource: "restarted", Node: "a"}, {Operation: "start", Resource: "restarted", Node: "a"},
	})
	want := map[string][]string{"moved": {"b"}, "stays": {"a"}, "stopped": {}, "started": {"b"}, "migrated": {"b"}, "restarted": {"a"}}
	for _, r := range after.Resources {
		if !slices.Equal(r.Nodes, want[r.ID]) {
			t.Errorf("%s: %v, want %v", r.ID, r.Nodes, want[r.ID])
		}
	}
	if !slices.Equal(state.Resources[0].Nodes, []string{"a"}) {
		t.Errorf("the state that was given has changed: %v", state.Resources[0])
	}
}
