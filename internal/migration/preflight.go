// SPDX-License-Identifier: Apache-2.0

package migration

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Level is how grave a finding is. A run is refused while there is a FAIL.
type Level string

// The levels.
const (
	Pass Level = "PASS"
	Warn Level = "WARN"
	Fail Level = "FAIL"
)

// Finding is a line of the preflight table.
type Finding struct {
	Level Level  `json:"level"`
	Check string `json:"check"`
	Node  string `json:"node,omitempty"`
	Text  string `json:"text"`
}

// Refused reports whether one of the findings forbids the run.
func Refused(all []Finding) bool {
	return slices.ContainsFunc(all, func(f Finding) bool { return f.Level == Fail })
}

// minFree is the room in bytes that the run needs, by folder.
const minFree = 150 << 20

// maxSkew is how much the clocks may differ before logs and certificates become useless.
const maxSkew = 5 * time.Second

// table collects findings.
type table []Finding

func (t *table) add(l Level, check, node, format string, args ...any) {
	*t = append(*t, Finding{l, check, node, fmt.Sprintf(format, args...)})
}

// say adds PASS with good, or FAIL with bad if it is not empty.
func (t *table) say(check, node, good, bad string) {
	if bad != "" {
		t.add(Fail, check, node, "%s", bad)
		return
	}
	t.add(Pass, check, node, "%s", good)
}

// Preflight judges whether a run in this direction may begin on the node of here, with its peer; there is nil if the
// peer is left out (--local-only). continued is a run that was interrupted: then what it did itself is no reason against it.
func Preflight(d Direction, here Facts, there *Facts, link Link, continued bool) []Finding {
	var t table
	nodes := []Facts{here}
	t.pair(d, here, there, link, continued)
	if there != nil {
		nodes = append(nodes, *there)
	}
	for _, f := range nodes {
		if !continued {
			t.stack(d, f)
			t.services(d, f)
		}
		t.packages(d, f)
		t.disk(f)
		t.config(d, f)
	}
	if there != nil {
		t.link(here, *there, link)
	}
	if d == Forward {
		t.translation(here)
	}
	return t
}

// pair is the roles: this node is the standby one, its peer has the addresses.
func (t *table) pair(d Direction, here Facts, there *Facts, link Link, continued bool) {
	if there == nil {
		if link.Reachable {
			t.add(Fail, "peer", here.Node, "the peer answers: leave --local-only away, or both nodes may run the resources")
		} else {
			t.add(Warn, "peer", here.Node, "only this node is changed. Keep the peer off the network until it is on the same stack: its old one would take the addresses too")
		}
		return
	}
	if continued {
		t.add(Pass, "role", here.Node, "continues the interrupted run")
		return
	}
	old := map[Direction]string{Forward: "Heartbeat", Backward: "pacemaker"}[d]
	switch {
	case len(here.Shared) == 0:
		t.add(Fail, "role", here.Node, "no shared addresses in the configuration, so it cannot be told which node is active")
	case len(here.Held) > 0:
		t.add(Fail, "role", here.Node, "this is the active node (it has %s): run it on the standby node %s", addresses(here), there.Node)
	case len(there.Held) < len(here.Shared):
		t.add(Fail, "role", there.Node, "%s has %d of the %d shared addresses: one node must be active, with all of them", there.Node, len(there.Held), len(here.Shared))
	default:
		t.add(Pass, "role", here.Node, "this is the standby node, %s is active under %s", there.Node, old)
	}
	if d == Forward && here.Configuration != there.Configuration {
		t.add(Fail, "haresources", "", "haresources differs between %s and %s: Heartbeat wants the same on both", here.Node, there.Node)
	}
}

func addresses(f Facts) string {
	var all []string
	for _, a := range f.Held {
		all = append(all, a.String())
	}
	return strings.Join(all, ", ")
}

// stack is what is installed and runs.
func (t *table) stack(d Direction, f Facts) {
	from, to, fromName, toName := f.Heartbeat, f.Pacemaker, "Heartbeat", "pacemaker"
	if d == Backward {
		from, to, fromName, toName = to, from, toName, fromName
	}
	switch {
	case to.Package != "" && from.Package == "":
		t.add(Fail, "stack", f.Node, "%s is on %s already: the pair is half migrated. Continue or roll back on the node where the run was begun", f.Node, toName)
	case f.Journal.Begun() && d == Forward:
		t.add(Fail, "stack", f.Node, "%s has a journal of an interrupted run: continue or roll back on the node where it was begun", f.Node)
	case from.Package == "":
		t.add(Fail, "stack", f.Node, "%s is not installed: there is nothing to leave", fromName)
	case !from.Active:
		t.add(Fail, "stack", f.Node, "%s does not run: start it and see why it was down", fromName)
	case to.Active:
		t.add(Fail, "stack", f.Node, "%s runs as well: stop it", toName)
	case f.Resources == "transition" && d == Forward:
		t.add(Fail, "stack", f.Node, "Heartbeat is just moving resources: wait until it has settled")
	default:
		t.add(Pass, "stack", f.Node, "%s runs, %s does not", fromName, toName)
	}
	if d == Forward && len(f.Fences) > 0 {
		t.add(Fail, "fencing", f.Node, "Heartbeat has a fencing device (%s) and would shoot the node that leaves: take it out of ha.cf and reload first", strings.Join(f.Fences, "; "))
	}
	if d == Backward && f.SavedError != "" {
		t.add(Fail, "saved", f.Node, "%s", f.SavedError)
	}
	if len(from.Failed) > 0 {
		t.add(Fail, "resources", f.Node, "failed: %s", strings.Join(from.Failed, ", "))
	}
}

// services must be good: all that is watched works, and the active node runs the group ha.
func (t *table) services(_ Direction, f Facts) {
	if f.ServicesError != "" {
		t.add(Fail, "services", f.Node, "cannot be told: %s", f.ServicesError)
		return
	}
	var bad []string
	for _, s := range f.Services {
		if s.Bad || s.HA && len(f.Held) > 0 && !s.Running {
			bad = append(bad, s.Name+" ("+s.Text+")")
		}
	}
	if len(bad) > 0 {
		t.add(Fail, "services", f.Node, "not in a good state: %s", strings.Join(bad, ", "))
		return
	}
	t.add(Pass, "services", f.Node, "%d services in a good state", len(f.Services))
}

// leaving are the packages that may go when pacemaker comes: Heartbeat's, which conflict with it.
func leaving(name string) bool {
	return name == "heartbeat" || name == "heartbeat-2" || strings.HasPrefix(name, "heartbeat-2-") || strings.HasPrefix(name, "libheartbeat2")
}

func (t *table) packages(d Direction, f Facts) {
	if d == Backward {
		return // what was saved is looked at in stack
	}
	if f.PlanError != "" {
		t.add(Fail, "packages", f.Node, "corosync and pacemaker cannot be had: %s", f.PlanError)
	} else {
		var lost []string
		for _, p := range f.Plan.Remove {
			if !leaving(p) {
				lost = append(lost, p)
			}
		}
		if len(lost) > 0 {
			t.add(Fail, "packages", f.Node, "installing pacemaker would remove %s", strings.Join(lost, ", "))
		} else {
			t.add(Pass, "packages", f.Node, "%d new packages, %d upgrades, removes %s", len(f.Plan.Install), len(f.Plan.Upgrade), orNone(f.Plan.Remove))
		}
	}
	if f.PackageError != "" {
		t.add(Fail, "packages", f.Node, "Heartbeat cannot be saved: %s", f.PackageError)
	}
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

func (t *table) disk(f Facts) {
	var short []string
	for dir, free := range f.Free {
		if free < minFree {
			short = append(short, fmt.Sprintf("%s has %d MB free, %d are needed", dir, free>>20, minFree>>20))
		}
	}
	slices.Sort(short)
	t.say("disk", f.Node, "room enough", strings.Join(short, "; "))
}

// config.yml only says what somebody wrote there; what is installed is what counts.
func (t *table) config(d Direction, f Facts) {
	want := map[Direction]string{Forward: "heartbeat", Backward: "corosync"}[d]
	if f.GCS != "" && !strings.HasPrefix(f.GCS, want) {
		t.add(Warn, "config.yml", f.Node, "ha.gcs is %s although %s is installed; it will be set", f.GCS, want)
	}
}

func (t *table) link(here, there Facts, l Link) {
	t.say("ssh", here.Node, "reaches "+there.Node, l.SSHError)
	t.say("ssh", there.Node, "reaches "+here.Node, there.SSHError)
	if l.Skew > maxSkew {
		t.add(Warn, "clock", "", "the clocks differ by %s: check chrony or ntp", l.Skew.Round(time.Second/10))
	} else {
		t.add(Pass, "clock", "", "differ by less than %s", maxSkew)
	}
	var sizes []int
	for size := range l.UDP {
		sizes = append(sizes, size)
	}
	slices.Sort(sizes)
	for _, size := range sizes {
		if err := l.UDP[size]; err != nil {
			t.add(Fail, "network", "", "UDP port 5405 with %d bytes between the nodes: %v", size, err)
			return
		}
	}
	if len(sizes) > 0 {
		t.add(Pass, "network", "", "UDP port 5405 passes both ways, up to %d bytes", sizes[len(sizes)-1])
	}
}

func (t *table) translation(f Facts) {
	for _, e := range f.Untranslated {
		t.add(Fail, "translation", "", "%s", e)
	}
	for _, w := range f.Findings {
		t.add(Warn, "translation", "", "%s", w)
	}
	if len(f.Untranslated) == 0 {
		t.add(Pass, "translation", "", "%d directives without a full counterpart", len(f.Findings))
	}
}
