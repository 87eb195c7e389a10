// SPDX-License-Identifier: Apache-2.0

package crmreload

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ocf-oci/internal/crmsyntax"
)

func parse(t *testing.T, text string) *crmsyntax.Configuration {
	t.Helper()
	cfg, err := crmsyntax.Parse("f.crm", []byte(text), crmsyntax.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

const base = `node 1: sp1
node 2: sp2
primitive a Dummy
primitive b Dummy
property stonith-enabled=false
`

// TestMake is the table of what is kept, written by hand: a live cluster and a file in crm syntax, and the changes and
// kept parts that must come out.
func TestMake(t *testing.T) {
	for _, c := range []struct {
		name, live, file string
		opt              Options
		changes          []string // lines of the changes; empty: nothing to write
		kept             []string // parts of the kept lines, in order
		warnings         []string
	}{
		{name: "the same", live: base, file: base},
		{name: "only spelled otherwise", live: base + "location l a 100: sp1", file: "property stonith-enabled=no\n# x\nlocation l a 100: sp1\nprimitive b ocf:heartbeat:Dummy\nprimitive a Dummy\nnode sp2\nnode sp1"},
		{name: "node standby", live: strings.Replace(base, "sp1", "sp1 attributes standby=on", 1), file: base, kept: []string{"standby=on of node sp1"}},
		{name: "node standby against the file", live: strings.Replace(base, "sp1", "sp1 attributes standby=on", 1),
			file: strings.Replace(base, "sp1", "sp1 attributes standby=off", 1), kept: []string{"standby=on of node sp1"}},
		{name: "node maintenance beside an attribute of the file", live: strings.Replace(base, "sp2", "sp2 attributes maintenance=true site=a", 1),
			file:    strings.Replace(base, "sp2", "sp2 attributes site=b", 1),
			changes: []string{"changed node sp2", "    attributes site: a -> b"}, kept: []string{"maintenance=true of node sp2"}},
		{name: "any other node attribute is the file's", live: strings.Replace(base, "sp1", "sp1 attributes site=a standby=off", 1), file: base,
			changes: []string{"changed node sp1", "    attributes site: removed, was a"}, kept: []string{"standby=off of node sp1"}},
		{name: "utilization", live: strings.Replace(base, "sp1", "sp1 utilization cpu=4", 1), file: base, kept: []string{"utilization of node sp1"}},
		{name: "utilization of the file", live: strings.Replace(base, "sp1", "sp1 utilization cpu=4", 1), file: strings.Replace(base, "sp1", "sp1 utilization cpu=8", 1),
			changes: []string{"changed node sp1", "    utilization cpu: 4 -> 8"}},
		{name: "members that the file lacks", live: base, file: strings.Replace(base, "node 2: sp2\n", "", 1), kept: []string{"node sp2"}},
		{name: "node ids of another cluster", live: base, file: strings.Replace(base, "1: sp1", "7: sp1", 1),
			warnings: []string{"f.crm:1:9: warning: the cluster knows node sp1 by the id 1, not 7"}},
		{name: "a node more", live: base, file: base + "node 3: sp3", changes: []string{"added node sp3"}},
		{name: "properties that pacemaker owns", live: base + "property cib-bootstrap-options: stonith-enabled=false", file: ""},
		{name: "moves are kept", live: base + "location cli-prefer-a a role=Started inf: sp1", file: base, kept: []string{"cli-prefer-a"}},
		{name: "moves are dropped", live: base + "location cli-prefer-a a role=Started inf: sp1", file: base, opt: Options{Moves: DropMoves},
			changes: []string{"removed location cli-prefer-a"}},
		{name: "a move of what is gone", live: base + "location cli-ban-b-on-sp1 b -inf: sp1", file: strings.Replace(base, "primitive b Dummy\n", "", 1),
			changes: []string{"removed primitive b", "removed location cli-ban-b-on-sp1"}, kept: []string{"not rsc_location cli-ban-b-on-sp1: it cannot be kept, since the file has no b"}},
		{name: "a move that the file has", live: base + "location cli-prefer-a a inf: sp1", file: base + "location cli-prefer-a a inf: sp2",
			changes: []string{"changed location cli-prefer-a", "    node: sp1 -> sp2"}},
		{name: "other constraints are the file's", live: base + "location l a 100: sp1", file: base, changes: []string{"removed location l"}},
		{name: "tickets", live: base + "rsc_ticket t T: a", file: base, kept: []string{"t: the file has no rsc_ticket"}},
		{name: "tickets of the file", live: base + "rsc_ticket t T: a", file: base + "rsc_ticket u T: a", changes: []string{"removed rsc_ticket t", "added rsc_ticket u"}},
		{name: "tickets of an earlier configuration", live: base + "rsc_ticket t T: a", file: base, opt: Options{Exact: true}, changes: []string{"removed rsc_ticket t"}},
		{name: "ACLs", live: base + "role r read xpath:/cib\nacl_target joe r", file: base, kept: []string{"ACLs"}},
		{name: "ACLs of the file", live: base + "role r read xpath:/cib", file: base + "role s read xpath:/cib", changes: []string{"removed role r", "added role s"}},
		{name: "defaults are the file's", live: base + "rsc_defaults resource-stickiness=100", file: base, changes: []string{"removed rsc_defaults"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.file == "" { // dc-version and its like are in no file
				c.file = c.live
				c.live = strings.ReplaceAll(c.live, "property stonith-enabled=false\n", "") + " dc-version=2.1.5 have-watchdog=false cluster-name=sp cluster-infrastructure=corosync last-lrm-refresh=5"
				c.file = strings.ReplaceAll(c.file, "property stonith-enabled=false\n", "") + " dc-version=1 last-lrm-refresh=4"
			}
			file, live := parse(t, c.file), parse(t, c.live)
			fileBefore, liveBefore := string(file.XML()), string(live.XML())
			p := Make(file, live, c.opt)
			want := strings.Join(c.changes, "\n")
			if got := p.Changes.String(); got != want {
				t.Errorf("changes:\n%s\nwant\n%s", got, want)
			}
			if len(p.Kept) != len(c.kept) {
				t.Errorf("kept %v, want %v", p.Kept, c.kept)
			}
			for i := range min(len(p.Kept), len(c.kept)) {
				if !strings.Contains(p.Kept[i].String(), c.kept[i]) {
					t.Errorf("kept %s, want %s", p.Kept[i], c.kept[i])
				}
			}
			if len(p.Warnings) != len(c.warnings) || len(c.warnings) > 0 && !strings.Contains(p.Warnings[0], c.warnings[0]) {
				t.Errorf("warnings %q", p.Warnings)
			}
			if string(file.XML()) != fileBefore || string(live.XML()) != liveBefore {
				t.Error("Make has changed what it was given")
			}
			// Loading the result again changes nothing, and it can be read by the parser's own rules.
			if again := Make(parse(t, p.Target.Text()), p.Target, Options{Moves: c.opt.Moves}); len(again.Changes) > 0 {
				t.Errorf("a second load changes\n%s", again.Changes)
			}
			uniqueIDs(t, p.Target)
		})
	}
}

func uniqueIDs(t *testing.T, cfg *crmsyntax.Configuration) {
	t.Helper()
	seen := map[string]bool{}
	for _, el := range cfg.Element().FindElements(".//*[@id]") {
		id := el.SelectAttrValue("id", "")
		if el.Tag == "node" || el.Tag == "role" || el.Tag == "resource_ref" {
			continue
		}
		if seen[id] {
			t.Errorf("the id %s is there twice", id)
		}
		seen[id] = true
	}
}

// Maintenance mode is no business of the file's.
func TestMaintenanceMode(t *testing.T) {
	for _, c := range []struct {
		live, file string
		want       string
		warns      bool
	}{
		{"", "", "", false},
		{"", "maintenance-mode=false", "", false},
		{"", "maintenance-mode=true", "", true},
		{"maintenance-mode=true", "maintenance-mode=false", "true", true},
		{"maintenance-mode=true", "maintenance-mode=yes", "true", false},
		{"maintenance-mode=on", "", "on", false},
		{"maintenance-mode=off", "maintenance-mode=true", "off", true},
		{"maintenance-mode=false", "", "false", false},
	} {
		live, file := parse(t, "node 1: n\nproperty x=1 "+c.live), parse(t, "node 1: n\nproperty x=1 "+c.file)
		p := Make(file, live, Options{})
		got := ""
		if now := Maintenance(p.Target); now != nil {
			got = *now
		}
		if got != c.want || (len(p.Warnings) > 0) != c.warns || len(p.Changes) > 0 {
			t.Errorf("live %q, file %q: %q, warnings %q, changes %s", c.live, c.file, got, p.Warnings, p.Changes)
		}
	}
}

// A mark is taken out without a trace, and what somebody has decided since stands.
func TestMark(t *testing.T) {
	yes, no := "true", "false"
	for _, before := range []*string{nil, &yes, &no} {
		text := "node 1: n\nproperty x=1"
		if before != nil {
			text += " maintenance-mode=" + *before
		}
		cfg := parse(t, text)
		marked := Mark{Owner: "sp1/7/abc", Before: Maintenance(cfg)}.Put(cfg)
		if now := Maintenance(marked); now == nil || *now != "true" {
			t.Fatalf("no maintenance mode beside the mark: %s", marked.XML())
		}
		clean, mark := Unmark(marked)
		if mark == nil || mark.Owner != "sp1/7/abc" {
			t.Fatalf("the mark is %+v", mark)
		}
		if diff := cmp.Diff(string(cfg.XML()), string(clean.XML())); diff != "" {
			t.Errorf("before %v:\n%s", before, diff)
		}
		ended := marked.Clone()
		setProperty(ended.Element(), maintenance, "false")
		clean, _ = Unmark(ended)
		if now := Maintenance(clean); now == nil || *now != "false" {
			t.Errorf("somebody has ended maintenance mode, and then it is %v", now)
		}
	}
	if clean, mark := Unmark(parse(t, "node 1: n\nproperty maintenance-mode=true")); mark != nil || *Maintenance(clean) != "true" {
		t.Error("a mark where there is none")
	}
	if clean, mark := Unmark(Mark{Owner: "x"}.Put(parse(t, "node 1: n"))); mark == nil || Maintenance(clean) != nil {
		t.Error("without any property")
	}
}
