// SPDX-License-Identifier: Apache-2.0

package vipcheck

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ocf-oci/internal/finding"
	"ocf-oci/internal/pacemaker/cib"
)

// Cluster finds what is wrong in the configuration, for the given resources.
func Cluster(c *cib.CIB, resources []cib.Primitive) []finding.Finding {
	if len(resources) == 0 {
		return nil
	}
	list := properties(c)
	for _, p := range resources {
		list = append(list, definition(c, p)...)
		list = append(list, dependants(c, p)...)
		list = append(list, leftovers(c, p)...)
	}
	return list
}

func is(value string, words ...string) bool {
	return slices.Contains(words, strings.ToLower(value))
}

func properties(c *cib.CIB) []finding.Finding {
	var list []finding.Finding
	if is(c.Properties["stonith-enabled"], "false", "no", "off", "0", "n") || is(c.Properties["fencing-enabled"], "false", "no", "off", "0", "n") {
		list = append(list, finding.Finding{ID: "no-fencing", Severity: finding.Warning,
			Text: "fencing is off: when the nodes lose sight of each other both parts run the address and take it from one another",
			Fix:  "pcs property set stonith-enabled=true   # after a fence device is configured: pcs stonith create ..."})
	} else if !slices.ContainsFunc(c.Primitives(), func(p cib.Primitive) bool { return p.Class == "stonith" }) {
		list = append(list, finding.Finding{ID: "no-fence-device", Severity: finding.Error,
			Text: "fencing is on, but there is no fence device: pacemaker starts no resource, and can fence nobody",
			Fix:  "pcs stonith create fence AGENT ...   # 'pcs stonith list' shows the agents"})
	}
	if c.Properties["no-quorum-policy"] == "ignore" && len(c.Nodes) > 2 {
		list = append(list, finding.Finding{ID: "quorum-ignored", Severity: finding.Warning,
			Text: "a part of the cluster without quorum goes on: with three nodes or more quorum tells who may",
			Fix:  "pcs property set no-quorum-policy=stop"})
	}
	return list
}

// meta is a meta attribute as it applies to a resource.
func meta(c *cib.CIB, p cib.Primitive, name string) string {
	if v, ok := p.Meta[name]; ok {
		return v
	}
	return c.ResourceDefaults[name]
}

func definition(c *cib.CIB, p cib.Primitive) []finding.Finding {
	var list []finding.Finding
	timeout := meta(c, p, "failure-timeout")
	if timeout == "" || timeout == "0" || timeout == "0s" {
		list = append(list, finding.Finding{ID: "no-failure-timeout", Severity: finding.Error, Resource: p.ID,
			Text: "a failed start bans the node for ever: after a disturbance that hits all nodes the address stays down until somebody cleans up",
			Fix:  fmt.Sprintf("pcs resource meta %s failure-timeout=60s && pcs property set cluster-recheck-interval=60s", finding.Quote(p.ID))})
	}
	monitored := false
	for _, op := range p.Operations {
		if op.Name != "monitor" || is(op.Enabled, "false", "no", "off", "0") {
			continue
		}
		switch {
		case op.Role == "" || op.Role == "Started":
			monitored = monitored || op.Interval != "" && strings.Trim(op.Interval, "0smin") != ""
		case op.Role == "Stopped" && op.OnFail != "ignore":
			list = append(list, finding.Finding{ID: "stopped-monitor", Severity: finding.Error, Resource: p.ID,
				Text: "a monitor for role=Stopped restarts the healthy resource elsewhere whenever it fails on a standby",
				Fix:  "pcs resource op remove " + finding.Quote(op.ID)})
		}
	}
	if !monitored {
		list = append(list, finding.Finding{ID: "no-monitor", Severity: finding.Error, Resource: p.ID,
			Text: "no monitor is configured: nobody notices that the address is gone",
			Fix:  fmt.Sprintf("pcs resource op add %s monitor interval=20s timeout=20s", finding.Quote(p.ID))})
	}
	return list
}

// dependants finds a live migration that would not be one: what is ordered after the address stays on the old node until
// it has stopped (DESIGN 5).
func dependants(c *cib.CIB, p cib.Primitive) []finding.Finding {
	if !is(meta(c, p, "allow-migrate"), "true", "yes", "on", "1") {
		return nil
	}
	var names []string
	for _, k := range c.Constraints {
		involved := slices.ContainsFunc(k.Resources, func(r string) bool {
			return r == p.ID || slices.ContainsFunc(p.Parents, func(parent cib.Parent) bool { return parent.ID == r })
		})
		if k.Kind == "rsc_order" && involved {
			names = append(names, k.ID)
		}
	}
	if len(p.Parents) > 0 {
		group := p.Parents[len(p.Parents)-1].ID
		for _, other := range c.Primitives() {
			if other.ID != p.ID && len(other.Parents) > 0 && other.Parents[len(other.Parents)-1].ID == group && other.Agent() != p.Agent() {
				names = append(names, group)
				break
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []finding.Finding{{ID: "migrate-with-dependants", Severity: finding.Warning, Resource: p.ID,
		Text: "it may migrate live, but others are ordered after it (" + strings.Join(names, ", ") + "): during a planned move they stay behind on a node without the address",
		Fix:  fmt.Sprintf("pcs resource meta %s allow-migrate=false", finding.Quote(p.ID))}}
}

// leftovers finds what commands and failures have left behind.
func leftovers(c *cib.CIB, p cib.Primitive) []finding.Finding {
	var list []finding.Finding
	for _, k := range c.Constraints {
		if strings.HasPrefix(k.ID, "cli-") && slices.Contains(k.Resources, p.ID) {
			list = append(list, finding.Finding{ID: "cli-constraint", Severity: finding.Warning, Resource: p.ID,
				Text: "constraint " + k.ID + " was left behind by a move and binds the address to a node or bans it from one",
				Fix:  "crm_resource --clear --resource " + finding.Quote(p.ID)})
			break
		}
	}
	for _, f := range banned(c, p) {
		list = append(list, finding.Finding{ID: "banned-by-failures", Severity: finding.Error, Resource: p.ID,
			Text: fmt.Sprintf("%s may not run on %s: its fail count there is %s", p.ID, f.Node, f.Count),
			Fix:  fmt.Sprintf("crm_resource --cleanup --resource %s --node %s", finding.Quote(p.ID), finding.Quote(f.Node))})
	}
	return list
}

// infinity is pacemaker's (crm/common/scores.h).
const infinity = 1000000

// banned sums the fail counts of a resource's operations on each node, as pacemaker does, and returns those that have
// reached migration-threshold.
func banned(c *cib.CIB, p cib.Primitive) []cib.FailCount {
	threshold := number(meta(c, p, "migration-threshold"))
	if threshold == 0 {
		threshold = infinity // 0 switches it off, but for INFINITY
	}
	sums := map[string]int{}
	var nodes []string
	for _, f := range c.FailCounts {
		if f.Resource != p.ID {
			continue
		}
		if !slices.Contains(nodes, f.Node) {
			nodes = append(nodes, f.Node)
		}
		sums[f.Node] = min(sums[f.Node]+number(f.Count), infinity)
	}
	var list []cib.FailCount
	for _, node := range nodes {
		if n := sums[node]; n >= threshold {
			count := strconv.Itoa(n)
			if n == infinity {
				count = "INFINITY"
			}
			list = append(list, cib.FailCount{Node: node, Resource: p.ID, Count: count})
		}
	}
	return list
}

// number reads a score; what is none is 0.
func number(text string) int {
	if strings.TrimPrefix(text, "+") == "INFINITY" {
		return infinity
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return min(n, infinity)
}
