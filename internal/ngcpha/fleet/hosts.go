// SPDX-License-Identifier: Apache-2.0

// Package fleet runs a command on many hosts of an NGCP platform: all, the active ones, the inactive ones, single nodes
// or pairs. What a host is, is asked once before anything runs. A host that does not answer is unknown, and never
// inactive.
package fleet

import (
	"fmt"
	"slices"
	"strings"

	"ocf-oci/internal/ngcpconfig"
	"ocf-oci/internal/ngcpha/activity"
)

// Host is a node and the pair that it belongs to.
type Host struct {
	Name string `json:"host"`
	Pair string `json:"pair"`
}

// Hosts orders the settings' pairs by name.
func Hosts(pairs map[string][]string) []Host {
	var list []Host
	var names []string
	for pair := range pairs {
		names = append(names, pair)
	}
	slices.Sort(names)
	for _, pair := range names {
		for _, host := range pairs[pair] {
			list = append(list, Host{host, pair})
		}
	}
	return list
}

// Named makes hosts of names alone, with the pairs of NGCP's naming: sp1 and sp2 are sp, prx01a and prx01b are prx01.
func Named(names []string) []Host {
	var list []Host
	for _, n := range names {
		list = append(list, Host{n, ngcpconfig.Pair(n)})
	}
	return list
}

// Roles reads NGCP_HOSTS of /etc/default/ngcp-roles: NGCP_HOSTS="sp1 sp2".
func Roles(text []byte) []string {
	for line := range strings.Lines(string(text)) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "export ")
		if value, ok := strings.CutPrefix(line, "NGCP_HOSTS="); ok {
			return strings.FieldsFunc(strings.Trim(value, `"'`), func(r rune) bool { return r == ' ' || r == ',' || r == '\t' })
		}
	}
	return nil
}

// Selection is which hosts are wanted.
type Selection struct {
	// Hosts are candidates. With State set only those count that are in it.
	Hosts []Host
	State activity.Activity // Active, Standby, or empty for any
}

// Select reads a selector: all, active, inactive, or names of nodes and pairs, with commas between them.
func Select(selector string, hosts []Host) (Selection, error) {
	switch selector {
	case "all":
		return Selection{Hosts: hosts}, nil
	case "active":
		return Selection{Hosts: hosts, State: activity.Active}, nil
	case "inactive":
		return Selection{Hosts: hosts, State: activity.Standby}, nil
	}
	var chosen []Host
	for name := range strings.SplitSeq(selector, ",") {
		name = strings.TrimPrefix(name, "pair:")
		found := false
		for _, h := range hosts {
			if h.Name != name && h.Pair != name {
				continue
			}
			found = true
			if !slices.Contains(chosen, h) {
				chosen = append(chosen, h)
			}
		}
		if !found {
			return Selection{}, fmt.Errorf("%q is neither all, active, inactive nor a node or pair; known are %s", name, known(hosts))
		}
	}
	return Selection{Hosts: chosen}, nil
}

func known(hosts []Host) string {
	var names []string
	for _, h := range hosts {
		names = append(names, h.Name+" ("+h.Pair+")")
	}
	if len(names) == 0 {
		return "none; list them under hosts in /etc/ngcp-ha.yaml"
	}
	return strings.Join(names, ", ")
}

// Plan is who runs the command, and who is left out although it was asked for.
type Plan struct {
	Run  []Host
	Left []Left
}

// Left is a host of which nobody can tell whether it is wanted.
type Left struct {
	Host
	State  activity.Activity `json:"state"`
	Reason string            `json:"reason"`
}

// Decide makes the plan from what the hosts said of themselves.
func (s Selection) Decide(said map[string]activity.Verdict) Plan {
	if s.State == "" {
		return Plan{Run: s.Hosts}
	}
	var p Plan
	for _, h := range s.Hosts {
		switch v := said[h.Name]; v.Activity {
		case s.State:
			p.Run = append(p.Run, h)
		case activity.Active, activity.Standby:
		default:
			if v.Activity == "" {
				v = activity.Verdict{Activity: activity.Unknown, Reason: "it was not asked"}
			}
			p.Left = append(p.Left, Left{h, v.Activity, v.Reason})
		}
	}
	return p
}

// Word is what a host's answer to "ngcp-check-active -v" means. Anything but one of the known words, with the code that
// goes with it, is unknown.
func Word(stdout string, code int, failure error) activity.Verdict {
	word := strings.TrimSpace(stdout)
	codes := map[activity.Activity]int{activity.Active: 0, activity.Standby: 1, activity.Transition: 2}
	if want, ok := codes[activity.Activity(word)]; ok && (code == want || word == "transition" && code != 0) {
		return activity.Verdict{Activity: activity.Activity(word), Reason: "it says " + word}
	}
	reason := fmt.Sprintf("ngcp-check-active ended with %d and said %q", code, word)
	if failure != nil {
		reason = failure.Error()
	}
	return activity.Verdict{Activity: activity.Unknown, Reason: reason}
}
