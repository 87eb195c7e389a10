// SPDX-License-Identifier: Apache-2.0

package takeover

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ocf-oci/internal/ngcpha/failcounts"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/mon"
	"ocf-oci/internal/pacemaker/simulate"
)

// Objection is a reason not to begin.
type Objection struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
	Fix    string `json:"fix"`    // a command for a shell, or what to do, after #
	Always bool   `json:"always"` // --force does not help
}

func (o Objection) String() string { return o.Reason + "\n   " + o.Fix }

// Preflight lists what speaks against the goal, the worst first.
func Preflight(c *cib.CIB, s mon.State, g Goal, now time.Time) []Objection {
	var list []Objection
	object := func(always bool, id, fix, format string, args ...any) {
		list = append(list, Objection{ID: id, Reason: fmt.Sprintf(format, args...), Fix: fix, Always: always})
	}
	if s.Summary.DC == "" {
		object(true, "no-dc", "# wait for the election of a coordinator; ngcp-ha status shows it", "the cluster has no coordinator (DC), so nobody would act")
	} else if !s.Summary.Quorum {
		object(false, "no-quorum", "# bring the other nodes back; corosync-quorumtool shows who is missing", "this part of the cluster has no quorum")
	}
	n, ok := s.Node(g.To)
	switch {
	case !ok:
		object(true, "no-node", "ngcp-ha node show", "the cluster has no node %s", g.To)
		return list
	case n.Unclean:
		object(true, "unclean", "# fence "+g.To+", or confirm that it is off: stonith_admin --confirm "+g.To, "%s is unclean: the cluster does not know its state", g.To)
	case !n.Online:
		object(true, "offline", "# start corosync and pacemaker on "+g.To, "%s is offline", g.To)
	case n.Pending:
		object(true, "joining", "# wait until it has joined, or start pacemaker there", "pacemaker on %s has not joined the cluster: it is starting, or does not run", g.To)
	}
	if n.Unclean || !n.Online || n.Pending {
		return list // whatever else it seems to be, it is not that for sure
	}
	if n.Standby || n.StandbyOnFail {
		object(false, "standby", "ngcp-ha node online "+quote(g.To), "%s is in standby: it may run no resources", g.To)
	}
	for _, node := range s.Nodes {
		if node.Maintenance && !s.Summary.MaintenanceMode && (node.Name == g.To || node.Name == g.From) {
			object(false, "node-maintenance", "crm_attribute --node "+quote(node.Name)+" --name maintenance --delete", "%s is in maintenance: nothing is started or stopped there", node.Name)
		}
	}
	if s.Summary.MaintenanceMode {
		object(false, "maintenance", "ngcp-ha maintenance off", "the cluster is in maintenance mode: nothing is started or stopped")
	}
	if s.Summary.StopAllResources {
		object(false, "stop-all", "crm_attribute --type crm_config --name stop-all-resources --delete", "stop-all-resources is set: nothing runs")
	}
	list = append(list, unmanaged(c, s, g)...)
	list = append(list, bans(c, g, now)...)
	list = append(list, failed(c, g, now)...)
	if o, worse := ping(s, g); worse {
		list = append(list, o)
	}
	return list
}

func unmanaged(c *cib.CIB, s mon.State, g Goal) []Objection {
	var list []Objection
	for _, p := range c.In(g.VIPs) {
		if strings.EqualFold(p.Meta["target-role"], "Stopped") {
			list = append(list, Objection{ID: "stopped", Reason: p.ID + " is kept stopped (target-role=Stopped)",
				Fix: "crm_resource --resource " + quote(p.ID) + " --meta --set-parameter target-role --parameter-value Started"})
		}
	}
	if s.Summary.MaintenanceMode {
		return list
	}
	for _, group := range g.groups() {
		for _, r := range s.In(group) {
			if !r.Managed && !inMaintenance(s, r) {
				list = append(list, Objection{ID: "unmanaged", Reason: r.ID + " is unmanaged: nobody would start or stop it",
					Fix: "ngcp-ha maintenance off " + quote(r.ID) + " # or set its is-managed to true"})
			}
		}
	}
	return list
}

// inMaintenance: the whole node is, which has been said already.
func inMaintenance(s mon.State, r mon.Resource) bool {
	return slices.ContainsFunc(r.Nodes, func(name string) bool { n, _ := s.Node(name); return n.Maintenance })
}

// bans are location constraints that keep any of the resources from the target, and what tools left behind to keep the
// addresses elsewhere.
func bans(c *cib.CIB, g Goal, now time.Time) []Objection {
	var list []Objection
	names := map[string]bool{}
	for _, group := range g.groups() {
		names[group] = true
		for _, p := range c.In(group) {
			names[p.ID] = true
		}
	}
	tools := map[string]bool{}
	for _, l := range Leftovers(c, now) {
		tools[l.ID] = true
		against := l.Ban && (l.Node == "" || l.Node == g.To) || !l.Ban && l.Node != g.To
		if l.Expired || l.Owner != nil || !names[l.Resource] || !against {
			continue
		}
		what := "keeps " + l.Resource + " on " + l.Node
		if l.Ban {
			what = "bans " + l.Resource + " from " + l.Node
		}
		list = append(list, Objection{ID: "ban", Reason: fmt.Sprintf("constraint %s, left by a move or ban, %s", l.ID, what),
			Fix: "crm_resource --clear --resource " + quote(l.Resource)})
	}
	for _, k := range c.Constraints {
		if k.Kind != "rsc_location" || tools[k.ID] || !slices.ContainsFunc(k.Resources, func(r string) bool { return names[r] }) {
			continue
		}
		banned := k.Attrs["node"] == g.To && k.Attrs["score"] == "-INFINITY"
		for _, r := range k.Rules {
			node, ok := onlyNode(r)
			end, ends := parseEnd(r.End)
			banned = banned || ok && node == g.To && r.Score == "-INFINITY" && (!ends || now.Before(end))
		}
		if banned {
			list = append(list, Objection{ID: "ban", Reason: fmt.Sprintf("constraint %s bans %s from %s", k.ID, strings.Join(k.Resources, ", "), g.To),
				Fix: fmt.Sprintf(`cibadmin --delete --xpath "//rsc_location[@id='%s']"`, k.ID)})
		}
	}
	return list
}

// failed are fail counts because of which something may not run on the target.
func failed(c *cib.CIB, g Goal, now time.Time) []Objection {
	var list []Objection
	for _, group := range g.groups() {
		for _, b := range bannedMembers(c, group, g.To, now) {
			list = append(list, Objection{ID: "fail-count",
				Reason: fmt.Sprintf("%s may not run on %s: it failed there %s times, and its migration-threshold is %s%s", b.resource, g.To, b.count, b.threshold, b.why),
				Fix:    "ngcp-ha failcounts clear " + quote(b.resource) + " --node " + quote(g.To)})
		}
	}
	return list
}

// banned is a member that may not run on a node because of its failures.
type banned struct {
	resource         string
	count, threshold failcounts.Score
	why              string
}

func bannedMembers(c *cib.CIB, group, node string, now time.Time) []banned {
	var list []banned
	for _, p := range c.In(group) {
		r, err := failcounts.Collect(c, []string{p.ID}, node, false, now)
		if err != nil {
			continue // the node is not there; that has been said
		}
		n := r.Resources[0].Nodes[0]
		if !n.Banned {
			continue
		}
		b := banned{resource: p.ID, count: n.Count, threshold: r.Resources[0].Threshold}
		for _, o := range n.Operations {
			if o.Reason != "" {
				b.why = "; the last " + o.Operation + " said: " + o.Reason
			}
		}
		list = append(list, b)
	}
	return list
}

// ping tells whether the target has the worse connectivity.
func ping(s mon.State, g Goal) (Objection, bool) {
	if g.From == "" || g.From == g.To {
		return Objection{}, false
	}
	from, _ := s.Node(g.From)
	to, _ := s.Node(g.To)
	have, err := strconv.Atoi(from.Attributes[g.PingAttribute])
	if err != nil {
		return Objection{}, false // the holder has no score, so none can be worse
	}
	text, known := to.Attributes[g.PingAttribute]
	get, err := strconv.Atoi(text)
	o := Objection{ID: "ping", Fix: "# see which ping nodes " + g.To + " does not reach, or use --force"}
	switch {
	case !known || err != nil:
		o.Reason = fmt.Sprintf("%s has no %s score and %s has %d: the addresses would go back", g.To, g.PingAttribute, g.From, have)
	case get < have:
		o.Reason = fmt.Sprintf("the %s score of %s is %d, that of %s %d: the addresses would go back", g.PingAttribute, g.To, get, g.From, have)
	default:
		return Objection{}, false
	}
	return o, true
}

// Foresee objects if the scheduler, given the constraint, would not bring everything to the target. It catches what
// Preflight has no name for: rules, tickets, colocations.
func Foresee(r simulate.Result, g Goal) (Objection, bool) {
	if len(r.After.Nodes) == 0 {
		return Objection{}, false
	}
	var stay []string
	for _, group := range g.groups() {
		for _, m := range r.After.In(group) {
			if !slices.Equal(m.Nodes, []string{g.To}) {
				where := "nowhere"
				if len(m.Nodes) > 0 {
					where = "on " + strings.Join(m.Nodes, ", ")
				}
				stay = append(stay, m.ID+" "+where)
			}
		}
	}
	if len(stay) == 0 {
		return Objection{}, false
	}
	return Objection{ID: "scheduler", Reason: fmt.Sprintf("the scheduler would not bring everything to %s; it would have %s", g.To, strings.Join(stay, ", ")),
		Fix: "ngcp-ha scores # shows why"}, true
}

// quote protects a word from a shell.
func quote(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
