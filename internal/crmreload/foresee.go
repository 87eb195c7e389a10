// SPDX-License-Identifier: Apache-2.0

package crmreload

import (
	"cmp"
	"slices"
	"strings"

	"ocf-oci/internal/crmsyntax/diff"
)

// Kind is what happens to a resource or node.
type Kind string

// What can happen. The first six end something that runs.
const (
	Stop    Kind = "stop"
	Restart Kind = "restart"
	Move    Kind = "move"
	Migrate Kind = "migrate"
	Demote  Kind = "demote"
	Fence   Kind = "fence"
	Start   Kind = "start"
	Promote Kind = "promote"
	Reload  Kind = "reload"
)

// Step is what would happen to one resource, or with Fence to a node.
type Step struct {
	Kind     Kind   `json:"kind"`
	Resource string `json:"resource,omitempty"`
	From     string `json:"from,omitempty"` // where it runs
	To       string `json:"to,omitempty"`   // where it will
	Because  string `json:"because,omitempty"`
}

// Disrupts tells whether something that runs stops, if only for a moment.
func (s Step) Disrupts() bool {
	return slices.Contains([]Kind{Stop, Restart, Move, Migrate, Demote, Fence}, s.Kind)
}

// Same tells whether two steps are the same, whatever their reasons.
func (s Step) Same(o Step) bool {
	s.Because, o.Because = "", ""
	return s == o
}

// String tells the step in words: "p_vip_eth1 would restart on sp1".
func (s Step) String() string {
	text := s.Resource + " would "
	switch s.Kind {
	case Move, Migrate:
		text += string(s.Kind) + " from " + s.From + " to " + s.To
	case Demote:
		text += "be demoted on " + s.From
	case Promote:
		text += "be promoted on " + s.To
	case Reload:
		text += "take over its parameters on " + s.To
	case Fence:
		text = "node " + s.From + " would be fenced"
	default:
		text += string(s.Kind) + " on " + cmp.Or(s.From, s.To)
	}
	if s.Because != "" {
		text += " (" + s.Because + ")"
	}
	return text
}

// Foresee sums the actions of a transition up: a stop and a start of the same resource are a restart or a move.
func Foresee(actions []Action) []Step {
	stops, starts := of(actions, "stop"), of(actions, "start")
	var steps []Step
	add := func(kind Kind, resource, from, to string) {
		steps = append(steps, Step{Kind: kind, Resource: resource, From: from, To: to})
	}
	for _, a := range of(actions, "migrate_to") {
		to := ""
		for _, b := range of(actions, "migrate_from") {
			if b.Instance == a.Instance {
				to = b.Node
			}
		}
		add(Migrate, a.Resource, a.Node, to)
		stops = without(stops, func(b Action) bool { return b.Instance == a.Instance })
		starts = without(starts, func(b Action) bool { return b.Instance == a.Instance })
	}
	// take removes the first start that matches.
	take := func(match func(Action) bool) (Action, bool) {
		i := slices.IndexFunc(starts, match)
		if i < 0 {
			return Action{}, false
		}
		a := starts[i]
		starts = slices.Delete(slices.Clone(starts), i, i+1)
		return a, true
	}
	var left []Action
	for _, a := range stops {
		if _, ok := take(func(b Action) bool { return b.Resource == a.Resource && b.Node == a.Node }); ok {
			add(Restart, a.Resource, a.Node, a.Node)
		} else {
			left = append(left, a)
		}
	}
	for _, a := range left {
		if b, ok := take(func(b Action) bool { return b.Instance == a.Instance }); ok {
			add(Move, a.Resource, a.Node, b.Node)
		} else {
			add(Stop, a.Resource, a.Node, "")
		}
	}
	stopped := func(a Action) bool {
		return slices.ContainsFunc(steps, func(s Step) bool { return s.Resource == a.Resource && s.From == a.Node && s.Disrupts() })
	}
	for _, a := range of(actions, "demote") {
		if !stopped(a) {
			add(Demote, a.Resource, a.Node, "")
		}
	}
	for _, a := range of(actions, "stonith") {
		add(Fence, "", a.Node, "")
	}
	for _, a := range starts {
		add(Start, a.Resource, "", a.Node)
	}
	for _, a := range of(actions, "promote") {
		add(Promote, a.Resource, "", a.Node)
	}
	for _, a := range slices.Concat(of(actions, "reload"), of(actions, "reload-agent")) {
		add(Reload, a.Resource, "", a.Node)
	}
	return steps
}

func of(actions []Action, operation string) []Action {
	return without(actions, func(a Action) bool { return a.Operation != operation })
}

func without(actions []Action, drop func(Action) bool) []Action {
	return slices.DeleteFunc(slices.Clone(actions), drop)
}

// Unannounced returns the disruptions among steps that are not among others: what happens because of the file is what
// would not happen anyway. A resource that will be stopped on a node in any case is not disrupted once more by what
// else becomes of it.
func Unannounced(steps, others []Step) []Step {
	var news []Step
	for _, s := range steps {
		if s.Disrupts() && !slices.ContainsFunc(others, func(o Step) bool {
			return o.Disrupts() && o.Resource == s.Resource && o.From == s.From
		}) {
			news = append(news, s)
		}
	}
	return news
}

// Explain says of each step which change of its own definition brings it, if one does.
func Explain(steps []Step, changes diff.Changes) []Step {
	steps = slices.Clone(steps)
	for i, s := range steps {
		for _, c := range changes {
			if s.Resource == "" || c.ID != s.Resource {
				continue
			}
			switch c.What {
			case diff.Added:
				steps[i].Because = "new"
			case diff.Removed:
				steps[i].Because = "not in the file"
			default:
				names := make([]string, 0, len(c.Details))
				for _, d := range c.Details {
					names = append(names, d.Name)
				}
				steps[i].Because = strings.Join(names, ", ") + " changed"
			}
		}
	}
	return steps
}

// Late marks steps that only the loaded configuration has shown.
func Late(steps []Step) []Step {
	steps = slices.Clone(steps)
	for i := range steps {
		steps[i].Because = "found out only once it was loaded"
	}
	return steps
}

// About returns the steps of resources that are among those named; Fence has none and stays.
func About(steps []Step, resources []string) []Step {
	return slices.DeleteFunc(slices.Clone(steps), func(s Step) bool { return s.Resource != "" && !slices.Contains(resources, s.Resource) })
}
