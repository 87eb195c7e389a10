// SPDX-License-Identifier: Apache-2.0

// Package scores says who would run where, and why: the scores are the scheduler's own, the reasons are what the
// configuration and the state of the nodes contribute to them.
package scores

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"ocf-oci/internal/ngcpha/failcounts"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/mon"
	"ocf-oci/internal/pacemaker/simulate"
)

// Row is a resource on a node.
type Row struct {
	Resource string   `json:"resource"`
	Node     string   `json:"node"`
	Score    string   `json:"score"` // a number, INFINITY or -INFINITY
	Running  bool     `json:"running"`
	Would    bool     `json:"would_run"` // the scheduler would have it run there
	Why      []string `json:"why"`
}

// Table joins scores and reasons. Clones are left out unless all is set.
func Table(c *cib.CIB, now mon.State, r simulate.Result, all bool, at time.Time) ([]Row, error) {
	report, err := failcounts.Collect(c, nil, "", true, at)
	if err != nil {
		return nil, err
	}
	rows := []Row{}
	for _, id := range order(r.Scores) {
		base, _, _ := strings.Cut(id, ":")
		p, ok := c.Primitive(base)
		if !ok || p.Cloned() && !all {
			continue
		}
		for _, node := range now.Nodes {
			score, ok := last(r.Scores, id, node.Name)
			if !ok {
				continue
			}
			row := Row{Resource: id, Node: node.Name, Score: score, Running: runs(now, id, node.Name), Would: would(r, id, node.Name), Why: []string{}}
			row.Why = append(row.Why, reasons(c, p, node, row.Running, report)...)
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// order are the ids in the order in which they first appear.
func order(scores []simulate.Score) []string {
	var ids []string
	for _, s := range scores {
		if !slices.Contains(ids, s.Resource) {
			ids = append(ids, s.Resource)
		}
	}
	return ids
}

// last is the score that decided.
func last(scores []simulate.Score, id, node string) (string, bool) {
	for _, s := range slices.Backward(scores) {
		if s.Resource == id && s.Node == node {
			return s.Score, true
		}
	}
	return "", false
}

// would tells whether the scheduler would have it run there: by the end of the simulation, else by the best score.
func would(r simulate.Result, id, node string) bool {
	if len(r.After.Nodes) > 0 {
		return runs(r.After, id, node)
	}
	best, at := failcounts.Score(-1), ""
	for _, s := range r.Scores {
		text, _ := last(r.Scores, id, s.Node)
		if score, err := failcounts.ParseScore(text); err == nil && s.Resource == id && score > best {
			best, at = score, s.Node
		}
	}
	return at == node
}

func runs(s mon.State, id, node string) bool {
	return slices.ContainsFunc(s.In(id), func(r mon.Resource) bool { return slices.Contains(r.Nodes, node) })
}

// reasons are what is for and against a node.
func reasons(c *cib.CIB, p cib.Primitive, node mon.Node, running bool, counts failcounts.Report) []string {
	var why []string
	say := func(format string, args ...any) { why = append(why, fmt.Sprintf(format, args...)) }
	switch {
	case !node.Online:
		say("the node is offline")
	case node.Standby || node.StandbyOnFail:
		say("the node is in standby")
	case node.Maintenance:
		say("the node is in maintenance")
	}
	for _, r := range counts.Resources {
		for _, n := range r.Nodes {
			if r.ID == p.ID && n.Node == node.Name && n.Banned {
				say("fail count %s has reached migration-threshold %s", n.Count, r.Threshold)
			}
		}
	}
	if sticky := cmp.Or(p.Meta["resource-stickiness"], c.ResourceDefaults["resource-stickiness"]); running && sticky != "" && sticky != "0" {
		say("runs here, resource-stickiness %s", sticky)
	} else if running {
		say("runs here")
	}
	names := []string{p.ID}
	for _, parent := range p.Parents {
		names = append(names, parent.ID)
	}
	for _, k := range c.Constraints {
		switch k.Kind {
		case "rsc_location":
			if slices.ContainsFunc(k.Resources, func(r string) bool { return slices.Contains(names, r) }) {
				why = append(why, location(k, node)...)
			}
		case "rsc_colocation":
			if slices.Contains(names, k.Attrs["rsc"]) {
				word := "with"
				if strings.HasPrefix(k.Attrs["score"], "-") {
					word = "apart from"
				}
				say("%s %s (%s, %s)", word, k.Attrs["with-rsc"], k.ID, cmp.Or(k.Attrs["score"], "INFINITY"))
			}
		}
	}
	for _, parent := range p.Parents {
		if members := c.In(parent.ID); parent.Kind == "group" && len(members) > 0 && members[0].ID != p.ID {
			say("with %s (group %s)", members[0].ID, parent.ID)
		}
	}
	return why
}

// location is what one location constraint says about a node.
func location(k cib.Constraint, node mon.Node) []string {
	if k.Attrs["node"] == node.Name {
		return []string{fmt.Sprintf("%s (%s)", k.Attrs["score"], k.ID)}
	}
	var why []string
	for _, r := range k.Rules {
		if r.ScoreAttribute != "" {
			value, ok := node.Attributes[r.ScoreAttribute]
			if !ok {
				value = "none"
			}
			why = append(why, fmt.Sprintf("%s=%s (%s)", r.ScoreAttribute, value, k.ID))
			continue
		}
		if len(r.Expressions) == 1 && r.Expressions[0].Attribute == "#uname" && r.Expressions[0].Operation == "eq" {
			if r.Expressions[0].Value == node.Name {
				until := ""
				if r.End != "" {
					until = " until " + r.End
				}
				why = append(why, fmt.Sprintf("%s%s (%s)", r.Score, until, k.ID))
			}
			continue
		}
		why = append(why, fmt.Sprintf("%s if its rule holds (%s)", r.Score, k.ID))
	}
	return why
}
