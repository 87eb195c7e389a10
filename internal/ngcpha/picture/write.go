// SPDX-License-Identifier: Apache-2.0

package picture

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Write prints the picture in the form of section 9.5 of the handbook.
func (p Picture) Write(w io.Writer) {
	line := func(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }
	if p.Stack != "" {
		line("Stack: %s", p.Stack)
	}
	quorum := "partition WITHOUT quorum"
	if p.Quorum {
		quorum = "partition with quorum"
	}
	if p.DC == "" {
		line("Current DC: NONE")
	} else {
		line("Current DC: %s (version %s) - %s", p.DC, or(p.DCVersion, "unknown"), quorum)
	}
	if p.LastUpdate != "" {
		line("Last updated: %s", p.LastUpdate)
	}
	if p.LastChange != "" {
		line("Last change: %s", p.LastChange)
	}
	line("%s configured", plural(len(p.Nodes), "node"))
	line("%s configured", plural(p.Instances, "resource"))
	p.writeNodes(w)
	line("Full list of resources:")
	columns := columnsOf(p.Resources)
	for _, e := range p.Resources {
		e.write(w, "", columns)
	}
	if len(p.Resources) == 0 {
		line("    none")
	}
	if len(p.Failures) > 0 {
		line("Failed actions:")
	}
	for _, f := range p.Failures {
		reason := ""
		if f.Reason != "" {
			reason = ": " + f.Reason
		}
		line("    %s on %s: %s (%s), %s%s", f.Operation, f.Node, f.Code, f.Status, f.When, reason)
	}
	for _, warning := range p.Warnings {
		line("!! %s", warning.Text)
		line("   %s", warning.Fix)
	}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// writeNodes lists nodes by what they are, as crm_mon does.
func (p Picture) writeNodes(w io.Writer) {
	byType := func(types ...string) (online, offline []string, rest []Node) {
		for _, n := range p.Nodes {
			if !slices.Contains(types, n.Type) {
				continue
			}
			switch n.State {
			case "online":
				online = append(online, n.Name)
			case "offline":
				offline = append(offline, n.Name)
			default:
				rest = append(rest, n)
			}
		}
		return online, offline, rest
	}
	online, offline, rest := byType("", "member")
	for _, n := range rest {
		fmt.Fprintf(w, "Node %s: %s\n", n.Name, n.Text)
	}
	list(w, "Online", online)
	list(w, "OFFLINE", offline)
	online, offline, rest = byType("remote", "ping")
	for _, n := range rest {
		fmt.Fprintf(w, "Remote node %s: %s\n", n.Name, n.Text)
	}
	list(w, "RemoteOnline", online)
	list(w, "RemoteOFFLINE", offline)
}

func list(w io.Writer, what string, names []string) {
	if len(names) > 0 {
		fmt.Fprintf(w, "%s: [ %s ]\n", what, strings.Join(names, " "))
	}
}

// columns are the widths of names and agents, the same for the whole list.
type columns struct{ name, agent int }

func columnsOf(list []Entry) columns {
	var c columns
	for _, e := range list {
		switch e.Kind {
		case "primitive":
			c.name, c.agent = max(c.name, len(e.ID)+1), max(c.agent, len(agentText(e.Agent))+8)
		case "clone":
		default:
			inner := columnsOf(e.Entries)
			c.name, c.agent = max(c.name, inner.name), max(c.agent, inner.agent)
		}
	}
	return c
}

func (e Entry) write(w io.Writer, indent string, c columns) {
	switch e.Kind {
	case "group":
		fmt.Fprintf(w, "%sResource Group: %s\n", indent, e.ID)
		e.writeMembers(w, indent+"    ", c)
	case "clone":
		e.writeClone(w, indent)
	case "bundle", "replica":
		name := map[string]string{"bundle": "Container bundle", "replica": "Replica"}[e.Kind]
		image := ""
		if e.Agent != "" {
			image = " [" + e.Agent + "]"
		}
		fmt.Fprintf(w, "%s%s: %s%s\n", indent, name, e.ID, image)
		e.writeMembers(w, indent+"    ", c)
	default:
		fmt.Fprintf(w, "%s%s\n", indent, e.text(c))
	}
}

func (e Entry) writeMembers(w io.Writer, indent string, c columns) {
	for _, m := range e.Entries {
		if m.Kind == "primitive" {
			fmt.Fprintf(w, "%s%s\n", indent, m.text(c))
		} else {
			m.write(w, indent, c)
		}
	}
}

// agentText has the two colons of the handbook.
func agentText(agent string) string {
	if rest, ok := strings.CutPrefix(agent, "ocf:"); ok {
		return "ocf::" + rest
	}
	return agent
}

// text is a resource on one line.
func (e Entry) text(c columns) string {
	remarks := ""
	if len(e.Remarks) > 0 {
		remarks = " (" + strings.Join(e.Remarks, ", ") + ")"
	}
	return strings.TrimRight(fmt.Sprintf("%-*s%-*s%s %s%s", c.name, e.ID, c.agent, "("+agentText(e.Agent)+"):", e.Role, strings.Join(e.Nodes, " "), remarks), " ")
}

// writeClone sums up the instances by role, and names those that are in trouble.
func (e Entry) writeClone(w io.Writer, indent string) {
	all := e.instancesOf()
	inner := ""
	if len(e.Entries) > 0 {
		inner, _, _ = strings.Cut(e.Entries[0].ID, ":")
	}
	header := ""
	if e.Promoted {
		header = " (promotable)"
	}
	if shared := sharedRemark(all); shared != "" {
		header += " (" + shared + ")"
		for i := range all {
			all[i].Remarks = nil
		}
	}
	fmt.Fprintf(w, "%sClone Set: %s [%s]%s\n", indent, e.ID, inner, header)
	roles := map[string][]string{}
	stopped := 0
	for _, one := range all {
		switch {
		case !one.plain():
			fmt.Fprintf(w, "%s    %s\n", indent, one.text(columnsOf([]Entry{one})))
		case len(one.Nodes) == 0:
			stopped++
		}
		if one.plain() {
			for _, n := range one.Nodes {
				if !slices.Contains(roles[one.Role], n) {
					roles[one.Role] = append(roles[one.Role], n)
				}
			}
		}
	}
	for _, role := range []string{"Promoted", "Unpromoted", "Started"} {
		if nodes := roles[role]; len(nodes) > 0 {
			slices.Sort(nodes)
			fmt.Fprintf(w, "%s    %s: [ %s ]\n", indent, role, strings.Join(nodes, " "))
		}
	}
	if stopped > 0 {
		fmt.Fprintf(w, "%s    Stopped: %d of %d\n", indent, stopped, len(all))
	}
}

// sharedRemark is what all instances have in common and is about all of them: that they are unmanaged or disabled.
func sharedRemark(all []Entry) string {
	if len(all) == 0 || len(all[0].Remarks) != 1 || all[0].Remarks[0] != "unmanaged" && all[0].Remarks[0] != "disabled" {
		return ""
	}
	for _, one := range all {
		if !slices.Equal(one.Remarks, all[0].Remarks) {
			return ""
		}
	}
	return all[0].Remarks[0]
}
