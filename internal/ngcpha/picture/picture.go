// SPDX-License-Identifier: Apache-2.0

// Package picture is the cluster as the handbook shows it, the same from every node, and below it, loudly, whatever an
// administrator should not overlook.
package picture

import (
	"fmt"
	"strings"
	"time"

	"ocf-oci/internal/ngcpha/failcounts"
	"ocf-oci/internal/ngcpha/takeover"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/mon"
)

// Picture is everything that status shows.
type Picture struct {
	Stack       string        `json:"stack,omitempty"`
	DC          string        `json:"dc,omitempty"`
	DCVersion   string        `json:"dc_version,omitempty"`
	Quorum      bool          `json:"quorum"`
	LastUpdate  string        `json:"last_update,omitempty"`
	LastChange  string        `json:"last_change,omitempty"`
	Maintenance bool          `json:"maintenance"`
	Nodes       []Node        `json:"nodes"`
	Resources   []Entry       `json:"resources"` // top-level ones
	Instances   int           `json:"instances"`
	Failures    []mon.Failure `json:"failed_actions"`
	Warnings    []Warning     `json:"warnings"`
}

// Node is a member and its state.
type Node struct {
	Name  string `json:"name"`
	State string `json:"state"` // online, standby, maintenance, offline, unclean, joining
	Type  string `json:"type,omitempty"`
	// Text is the state with why, for a node that is not simply online.
	Text  string `json:"text"`
	Ping  string `json:"ping,omitempty"` // the connectivity score
	Count int    `json:"resources"`      // instances that run there
}

// Entry is a resource, or a container with its entries.
type Entry struct {
	ID       string   `json:"id"`
	Kind     string   `json:"kind"` // primitive, group, clone, bundle
	Agent    string   `json:"agent,omitempty"`
	Role     string   `json:"role,omitempty"`
	Nodes    []string `json:"nodes,omitempty"`
	Remarks  []string `json:"remarks,omitempty"` // FAILED, blocked, unmanaged, disabled, orphaned
	Promoted bool     `json:"promotable,omitempty"`
	Entries  []Entry  `json:"entries,omitempty"`
}

// Warning is something that should not be overlooked, with the line that mends it.
type Warning struct {
	ID   string `json:"id"`
	Text string `json:"text"`
	Fix  string `json:"fix"`
}

// Draw makes the picture. ping is the node attribute with the connectivity score.
func Draw(c *cib.CIB, s mon.State, ping string, now time.Time) (Picture, error) {
	m := s.Summary
	p := Picture{Stack: m.Stack, DC: m.DC, DCVersion: m.DCVersion, Quorum: m.Quorum, LastUpdate: m.LastUpdate,
		LastChange: strings.TrimSpace(m.LastChange + " " + m.ChangedBy), Maintenance: m.MaintenanceMode || truth(c.Properties["maintenance-mode"]),
		Nodes: []Node{}, Resources: entries(c, s.Resources), Instances: len(s.Resources), Failures: s.Failures, Warnings: []Warning{}}
	if p.Failures == nil {
		p.Failures = []mon.Failure{}
	}
	for _, n := range s.Nodes {
		p.Nodes = append(p.Nodes, nodeOf(n, c, s, ping))
	}
	return p, p.warn(c, s, now)
}

// truth reads a boolean as pacemaker does.
func truth(text string) bool {
	switch strings.ToLower(text) {
	case "true", "on", "yes", "y", "1":
		return true
	}
	return false
}

func nodeOf(n mon.Node, c *cib.CIB, s mon.State, ping string) Node {
	out := Node{Name: n.Name, Type: n.Type, Ping: n.Attributes[ping]}
	for _, r := range s.Resources {
		for _, at := range r.Nodes {
			if at == n.Name {
				out.Count++
			}
		}
	}
	switch {
	case n.Unclean && n.Online:
		out.State, out.Text = "unclean", "UNCLEAN (online)"
	case n.Unclean:
		out.State, out.Text = "unclean", "UNCLEAN (offline)"
	case n.Pending:
		out.State, out.Text = "joining", "joining"
	case !n.Online:
		out.State, out.Text = "offline", "OFFLINE"
	case n.StandbyOnFail:
		out.State, out.Text = "standby", "standby (an operation failed, on-fail=standby)"
	case n.Standby:
		out.State, out.Text = "standby", "standby"+lifetimeOf(c, n.Name)
	case n.Maintenance:
		out.State, out.Text = "maintenance", "maintenance"
	default:
		out.State, out.Text = "online", "online"
	}
	if out.State == "standby" && out.Count > 0 {
		out.Text += ", still with resources"
	}
	return out
}

// lifetimeOf says where the standby of a node is stored.
func lifetimeOf(c *cib.CIB, node string) string {
	for _, n := range c.Nodes {
		if n.Name == node && truth(n.Attributes["standby"]) {
			return " (forever)"
		}
	}
	if state, ok := c.State(node); ok && truth(state.Attributes["standby"]) {
		return " (until reboot)"
	}
	return ""
}

// warn lists what should not be overlooked, the worst first.
func (p *Picture) warn(c *cib.CIB, s mon.State, now time.Time) error {
	add := func(id, fix, format string, args ...any) {
		p.Warnings = append(p.Warnings, Warning{ID: id, Text: fmt.Sprintf(format, args...), Fix: fix})
	}
	if s.Summary.Stack != "" && s.Summary.DC == "" {
		add("no-dc", "# wait for the election of a coordinator", "no coordinator (DC): nothing is started or stopped")
	} else if s.Summary.DC != "" && !s.Summary.Quorum {
		add("no-quorum", "# bring the other nodes back; corosync-quorumtool shows who is missing", "this part of the cluster has NO QUORUM (no-quorum-policy=%s)", or(s.Summary.NoQuorumPolicy, "stop"))
	}
	if p.Maintenance {
		add("maintenance", "ngcp-ha maintenance off", "MAINTENANCE MODE: nothing is started, stopped or restarted")
	}
	if s.Summary.StopAllResources {
		add("stop-all", "crm_attribute --type crm_config --name stop-all-resources --delete", "stop-all-resources is set: nothing runs")
	}
	for _, n := range p.Nodes {
		switch n.State {
		case "unclean":
			add("unclean", "# fence "+n.Name+", or once it is surely off: stonith_admin --confirm "+n.Name, "%s is UNCLEAN: the cluster does not know its state and recovers nothing from it until it is fenced", n.Name)
		case "standby":
			add("standby", "ngcp-ha node online "+n.Name, "%s is in %s: it may run no resources", n.Name, n.Text)
		case "maintenance":
			if !p.Maintenance {
				add("node-maintenance", "crm_attribute --node "+n.Name+" --name maintenance --delete", "%s is in maintenance: nothing is started or stopped there", n.Name)
			}
		}
	}
	report, err := failcounts.Collect(c, nil, "", true, now)
	if err != nil {
		return err
	}
	for _, r := range report.Resources {
		for _, n := range r.Nodes {
			if n.Banned {
				add("banned", "ngcp-ha failcounts clear "+r.ID+" --node "+n.Node, "%s MAY NOT RUN ON %s: fail count %s, migration-threshold %s%s", r.ID, n.Node, n.Count, r.Threshold, expiry(n))
			}
		}
	}
	for _, l := range takeover.Leftovers(c, now) {
		what, fix := "keeps "+l.Resource+" on "+l.Node, "crm_resource --clear --resource "+l.Resource
		if l.Ban {
			what = "bans " + l.Resource + " from " + l.Node
		}
		switch {
		case l.Expired:
			add("expired-constraint", fix, "constraint %s has ended (%s) and does nothing more", l.ID, stamp(*l.End))
		case l.Owner != nil:
			add("handover", "# wait until it has ended", "%s is being made active from %s (constraint %s until %s)", l.Node, l.Owner.Node, l.ID, stamp(*l.End))
		case l.End != nil:
			add("constraint", fix, "constraint %s, left by a move or ban, %s until %s", l.ID, what, stamp(*l.End))
		default:
			add("constraint", fix, "constraint %s, left by a move or ban, %s FOREVER", l.ID, what)
		}
	}
	return nil
}

func expiry(n failcounts.Node) string {
	if n.Expires == nil {
		return ", until it is cleared"
	}
	return ", until " + stamp(*n.Expires)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
