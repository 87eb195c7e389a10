// SPDX-License-Identifier: Apache-2.0

package activity

import (
	"testing"

	"ocf-oci/internal/pacemaker/mon"
)

// group is a state with the two addresses, each given by role and nodes, on a pair that is well.
func group(members ...mon.Resource) mon.State {
	s := mon.State{Summary: mon.Summary{Stack: "corosync", DC: "sp2"}, Nodes: []mon.Node{{Name: "sp1", Online: true}, {Name: "sp2", Online: true}}}
	for _, m := range members {
		m.Path = []mon.Container{{Kind: "group", ID: "g_vips"}}
		s.Resources = append(s.Resources, m)
	}
	return s
}

func at(role string, nodes ...string) mon.Resource {
	return mon.Resource{ID: "vip", Role: role, Nodes: nodes}
}

func TestJudge(t *testing.T) {
	failed := at("Started", "sp1")
	failed.Failed = true
	ignored := failed
	ignored.FailureIgnored = true
	checked := at("Started", "sp1")
	checked.Pending = "Monitoring"
	for name, c := range map[string]struct {
		state mon.State
		want  Activity
	}{
		"all here":               {group(at("Started", "sp1"), at("Started", "sp1")), Active},
		"all there":              {group(at("Started", "sp2"), at("Started", "sp2")), Standby},
		"nowhere":                {group(at("Stopped"), at("Stopped")), Standby},
		"one of two here":        {group(at("Started", "sp1"), at("Stopped")), Transition},
		"one of two there":       {group(at("Stopped"), at("Started", "sp2")), Transition},
		"spread":                 {group(at("Started", "sp1"), at("Started", "sp2")), Transition},
		"twice":                  {group(at("Started", "sp1", "sp2"), at("Started", "sp1")), Transition},
		"starting":               {group(at("Started", "sp1"), at("Starting", "sp1")), Transition},
		"stopping":               {group(at("Stopping", "sp1"), at("Stopped")), Transition},
		"migrating":              {group(at("Migrating", "sp1"), at("Started", "sp1")), Transition},
		"failed":                 {group(failed, at("Started", "sp1")), Transition},
		"failure ignored":        {group(ignored, at("Started", "sp1")), Active},
		"being monitored":        {group(checked, at("Started", "sp1")), Active},
		"no such group":          {group(), Unknown},
		"a word of another time": {group(at("Hovering", "sp1")), Transition},
	} {
		if got := Judge(c.state, "g_vips", "sp1"); got.Activity != c.want || got.Reason == "" {
			t.Errorf("%s: %+v, want %s", name, got, c.want)
		}
	}
}

func TestJudgeDoesNotGuess(t *testing.T) {
	for name, spoil := range map[string]func(*mon.State){
		"not a member":   func(s *mon.State) { s.Nodes = s.Nodes[1:] },
		"offline":        func(s *mon.State) { s.Nodes[0].Online = false },
		"unclean":        func(s *mon.State) { s.Nodes[0].Unclean = true },
		"joining":        func(s *mon.State) { s.Nodes[0].Pending = true },
		"no coordinator": func(s *mon.State) { s.Summary.DC = "" },
	} {
		s := group(at("Started", "sp2"))
		spoil(&s)
		if got := Judge(s, "g_vips", "sp1"); got.Activity != Unknown {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestOfHeartbeat(t *testing.T) {
	own, others, both := Lines{Own: true, Known: true}, Lines{Others: true, Known: true}, Lines{Own: true, Others: true, Known: true}
	for _, c := range []struct {
		word  string
		lines Lines
		want  Activity
	}{
		{"all", both, Active}, {"none", own, Standby}, {"transition", own, Transition}, {"", own, Unknown}, {"This hb_status", own, Unknown},
		{"local", own, Active}, {"local", others, Standby}, {"local", both, Transition}, {"local", Lines{}, Transition}, {"local", Lines{Known: true}, Unknown},
		{"foreign", others, Active}, {"foreign", own, Standby}, {"foreign", both, Transition}, {"foreign", Lines{}, Transition},
	} {
		if got := OfHeartbeat(c.word, c.lines); got.Activity != c.want || got.Reason == "" {
			t.Errorf("%s %+v: %+v, want %s", c.word, c.lines, got, c.want)
		}
	}
}

func TestLinesOf(t *testing.T) {
	for text, want := range map[string]Lines{
		"SP1 IPaddr::192.0.2.1/24/eth0 monit-services\n": {Own: true, Known: true},
		"sp1 192.0.2.1 \\\n 192.0.2.2\n":                 {Own: true, Known: true},
		"sp1 a\nsp2 b\n":                                 {Own: true, Others: true, Known: true},
		"# nothing\n":                                    {Known: true},
	} {
		if got := linesOf([]byte(text), "sp1"); got != want {
			t.Errorf("%q: %+v", text, got)
		}
	}
}
