// SPDX-License-Identifier: Apache-2.0

package mon

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

func (e element) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (e element) is(name string) bool { return e.attr(name) == "true" }

func (e element) number(name string) int {
	n, _ := strconv.Atoi(e.attr(name))
	return n
}

// complaint is what the errors of an answer say, after a colon.
func (e element) complaint() string {
	text := ""
	for _, status := range e.Children {
		for _, errors := range status.Children {
			for _, one := range errors.Children {
				if one.XMLName.Local == "error" && one.Text != "" {
					text += ": " + strings.TrimSpace(one.Text)
				}
			}
		}
	}
	return text
}

func summaryOf(e element) Summary {
	var s Summary
	for _, c := range e.Children {
		switch c.XMLName.Local {
		case "stack":
			s.Stack = c.attr("type")
		case "current_dc":
			s.DC, s.DCVersion, s.Quorum, s.MixedVersions = c.attr("name"), c.attr("version"), c.is("with_quorum"), c.is("mixed_version")
		case "last_update":
			s.LastUpdate = c.attr("time")
		case "last_change":
			s.LastChange, s.ChangedBy = c.attr("time"), changer(c)
		case "nodes_configured":
			s.NodesConfigured = c.number("number")
		case "resources_configured":
			s.Resources, s.ResourcesDisabled = c.number("number"), c.number("disabled")
		case "cluster_options":
			s.OptionsKnown = true
			s.StonithEnabled = c.is("stonith-enabled") || c.is("fencing-enabled") // the second name since 3.0.2
			s.MaintenanceMode, s.StopAllResources, s.NoQuorumPolicy = c.is("maintenance-mode"), c.is("stop-all-resources"), c.attr("no-quorum-policy")
		}
	}
	return s
}

// changer says who changed the configuration, as far as the cluster knows.
func changer(e element) string {
	var words []string
	for _, part := range [][2]string{{"by", "user"}, {"via", "client"}, {"on", "origin"}} {
		if v := e.attr(part[1]); v != "" {
			words = append(words, part[0], v)
		}
	}
	return strings.Join(words, " ")
}

func nodeOf(e element) Node {
	return Node{Name: e.attr("name"), ID: e.attr("id"), Type: e.attr("type"), Online: e.is("online"), Standby: e.is("standby"),
		StandbyOnFail: e.is("standby_onfail"), Maintenance: e.is("maintenance"), Pending: e.is("pending"),
		Unclean: e.is("unclean"), Shutdown: e.is("shutdown"), Attributes: map[string]string{}}
}

// resourcesIn returns the instances at and below e. Containers nest at most three deep; deeper ones are not pacemaker's.
func resourcesIn(e element, path []Container) []Resource {
	var list []Resource
	for _, c := range e.Children {
		switch kind := c.XMLName.Local; kind {
		case "resource":
			list = append(list, resourceOf(c, path))
		case "group", "clone", "bundle", "replica":
			if len(path) < maxDepth {
				list = append(list, resourcesIn(c, append(slices.Clone(path), Container{Kind: kind, ID: c.attr("id"), MultiState: c.is("multi_state"), Image: c.attr("image")}))...)
			}
		}
	}
	return list
}

// roles of pacemaker before 2.1, which some distributions kept.
var roles = map[string]string{"Master": "Promoted", "Slave": "Unpromoted"}

func resourceOf(e element, path []Container) Resource {
	r := Resource{ID: e.attr("id"), Agent: strings.ReplaceAll(e.attr("resource_agent"), "::", ":"), Role: e.attr("role"),
		Pending: e.attr("pending"), Failed: e.is("failed"), FailureIgnored: e.is("failure_ignored"), Blocked: e.is("blocked"),
		Orphaned: e.is("orphaned") || e.is("removed"), Managed: e.is("managed"), Path: path}
	r.Role = cmp.Or(roles[r.Role], r.Role)
	for _, n := range e.Children {
		if n.XMLName.Local == "node" {
			r.Nodes = append(r.Nodes, n.attr("name"))
		}
	}
	return r
}

func failureOf(e element) Failure {
	return Failure{Operation: cmp.Or(e.attr("op_key"), e.attr("id")), Node: e.attr("node"), Status: e.attr("status"),
		Code: e.attr("exitstatus"), Reason: e.attr("exitreason"), When: e.attr("last-rc-change")}
}
