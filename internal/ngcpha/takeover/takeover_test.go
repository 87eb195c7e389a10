// SPDX-License-Identifier: Apache-2.0

package takeover

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/mon"
	"ocf-oci/internal/pacemaker/simulate"
	"ocf-oci/internal/process"
)

var (
	handbook = Groups{VIPs: "g_vips", Services: "g_ngcp", PingAttribute: "pingd"}
	noon     = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
)

// configuration is the handbook's, with replacements old, new, ... in its XML.
func configuration(t *testing.T, replace ...string) *cib.CIB {
	t.Helper()
	text, err := os.ReadFile("../testdata/cib/cib.base.xml")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(string(text), replace[i]) {
			t.Fatalf("nothing to replace: %s", replace[i])
		}
	}
	c, err := cib.Parse([]byte(strings.NewReplacer(replace...).Replace(string(text))))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// pair is the pair with everything on a node, at rest.
func pair(node string) mon.State {
	group := func(id string) []mon.Container { return []mon.Container{{Kind: "group", ID: id}} }
	return mon.State{
		Summary: mon.Summary{Stack: "corosync", DC: "sp1", Quorum: true},
		Nodes: []mon.Node{{Name: "sp1", Online: true, Attributes: map[string]string{"pingd": "2000"}},
			{Name: "sp2", Online: true, Attributes: map[string]string{"pingd": "2000"}}},
		Resources: []mon.Resource{
			{ID: "p_monit_services", Role: "Started", Managed: true, Nodes: []string{node}, Path: group("g_ngcp")},
			{ID: "p_vip_eth1_v4_1", Role: "Started", Managed: true, Nodes: []string{node}, Path: group("g_vips")},
			{ID: "p_vip_eth2_v4_1", Role: "Started", Managed: true, Nodes: []string{node}, Path: group("g_vips")},
		},
	}
}

func goalTo(t *testing.T, c *cib.CIB, s mon.State, node string) Goal {
	t.Helper()
	g, err := ToActive(c, s, handbook, node)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func constraint(xml string) []string {
	return []string{"<rsc_colocation id=\"l_ngcp_with_vip\"", xml + "<rsc_colocation id=\"l_ngcp_with_vip\""}
}

func TestPreflight(t *testing.T) {
	for name, c := range map[string]struct {
		config []string
		spoil  func(*mon.State)
		want   string // ids of the objections
	}{
		"nothing":                       {want: ""},
		"standby":                       {spoil: func(s *mon.State) { s.Nodes[1].Standby = true }, want: "standby"},
		"standby after a failure":       {spoil: func(s *mon.State) { s.Nodes[1].StandbyOnFail = true }, want: "standby"},
		"offline":                       {spoil: func(s *mon.State) { s.Nodes[1].Online = false }, want: "offline"},
		"unclean":                       {spoil: func(s *mon.State) { s.Nodes[1].Unclean = true }, want: "unclean"},
		"joining":                       {spoil: func(s *mon.State) { s.Nodes[1].Pending, s.Nodes[1].Standby = true, true }, want: "joining"},
		"not there":                     {spoil: func(s *mon.State) { s.Nodes = s.Nodes[:1] }, want: "no-node"},
		"maintenance":                   {spoil: func(s *mon.State) { s.Summary.MaintenanceMode = true }, want: "maintenance"},
		"maintenance of the node":       {spoil: func(s *mon.State) { s.Nodes[1].Maintenance = true }, want: "node-maintenance"},
		"maintenance of the other node": {spoil: func(s *mon.State) { s.Nodes[0].Maintenance = true; s.Resources[1].Managed = false }, want: "node-maintenance"},
		"unmanaged":                     {spoil: func(s *mon.State) { s.Resources[1].Managed = false }, want: "unmanaged"},
		"no quorum":                     {spoil: func(s *mon.State) { s.Summary.Quorum = false }, want: "no-quorum"},
		"no coordinator":                {spoil: func(s *mon.State) { s.Summary.DC = "" }, want: "no-dc"},
		"stop all":                      {spoil: func(s *mon.State) { s.Summary.StopAllResources = true }, want: "stop-all"},
		"ping worse":                    {spoil: func(s *mon.State) { s.Nodes[1].Attributes["pingd"] = "1000" }, want: "ping"},
		"ping better":                   {spoil: func(s *mon.State) { s.Nodes[0].Attributes["pingd"] = "1000" }, want: ""},
		"ping missing there":            {spoil: func(s *mon.State) { delete(s.Nodes[1].Attributes, "pingd") }, want: "ping"},
		"ping missing on both":          {spoil: func(s *mon.State) { delete(s.Nodes[0].Attributes, "pingd"); delete(s.Nodes[1].Attributes, "pingd") }, want: ""},
		"a ban of crm_resource":         {config: constraint(`<rsc_location id="cli-ban-g_vips-on-sp2" rsc="g_vips" role="Started" node="sp2" score="-INFINITY"/>`), want: "ban"},
		"a ban of a member":             {config: constraint(`<rsc_location id="cli-ban-p_monit_services-on-sp2" rsc="p_monit_services" node="sp2" score="-INFINITY"/>`), want: "ban"},
		"a ban of the other node":       {config: constraint(`<rsc_location id="cli-ban-g_vips-on-sp1" rsc="g_vips" node="sp1" score="-INFINITY"/>`), want: ""},
		"a ban of something else":       {config: constraint(`<rsc_location id="cli-ban-p_ping-on-sp2" rsc="p_ping" node="sp2" score="-INFINITY"/>`), want: ""},
		"a move that stayed":            {config: constraint(`<rsc_location id="cli-prefer-g_vips" rsc="g_vips" role="Started" node="sp1" score="INFINITY"/>`), want: "ban"},
		"a ban that has ended": {config: constraint(`<rsc_location id="cli-ban-g_vips-on-sp2" rsc="g_vips"><rule id="r" score="-INFINITY" boolean-op="and"><expression id="e" attribute="#uname" operation="eq" value="sp2"/>` +
			`<date_expression id="d" operation="lt" end="2026-11-26 11:59:59Z"/></rule></rsc_location>`), want: ""},
		"a ban that has not ended": {config: constraint(`<rsc_location id="cli-ban-g_vips-on-sp2" rsc="g_vips"><rule id="r" score="-INFINITY" boolean-op="and"><expression id="e" attribute="#uname" operation="eq" value="sp2"/>` +
			`<date_expression id="d" operation="lt" end="2026-11-26 12:00:01Z"/></rule></rsc_location>`), want: "ban"},
		"an administrator's ban":     {config: constraint(`<rsc_location id="mine" rsc="g_ngcp" node="sp2" score="-INFINITY"/>`), want: "ban"},
		"an administrator's dislike": {config: constraint(`<rsc_location id="mine" rsc="g_ngcp" node="sp2" score="-100"/>`), want: ""},
		"kept stopped":               {config: []string{`<group id="g_vips">`, `<group id="g_vips"><meta_attributes id="m"><nvpair id="m1" name="target-role" value="Stopped"/></meta_attributes>`}, want: "stopped,stopped"},
	} {
		config, s := configuration(t, c.config...), pair("sp1")
		if c.spoil != nil {
			c.spoil(&s)
		}
		var ids []string
		for _, o := range Preflight(config, s, goalTo(t, config, s, "sp2"), noon) {
			ids = append(ids, o.ID)
			if o.Reason == "" || o.Fix == "" {
				t.Errorf("%s: an objection without reason or remedy: %+v", name, o)
			}
		}
		if got := strings.Join(ids, ","); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestPreflightFailCount(t *testing.T) {
	text, err := os.ReadFile("../testdata/cib/cib.live.xml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := cib.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	s := pair("sp2")
	last := time.Unix(1574443600, 0)
	objections := Preflight(c, s, goalTo(t, c, s, "sp1"), last.Add(time.Minute))
	if len(objections) != 1 || objections[0].ID != "fail-count" || !strings.Contains(objections[0].Reason, "sems not running") ||
		objections[0].Fix != "ngcp-ha failcounts clear p_monit_services --node sp1" {
		t.Errorf("%+v", objections)
	}
	if objections := Preflight(c, s, goalTo(t, c, s, "sp1"), last.Add(801*time.Second)); len(objections) != 0 {
		t.Errorf("the failures have expired: %+v", objections)
	}
}

func TestToStandby(t *testing.T) {
	c := configuration(t)
	s := pair("sp1")
	if g, err := ToStandby(c, s, handbook, "sp1"); err != nil || g.To != "sp2" || g.From != "sp1" || !g.Holds(s, "sp1") {
		t.Errorf("%+v %v", g, err)
	}
	if g, err := ToStandby(c, s, handbook, "sp2"); err != nil || g.To != "sp1" || g.Holds(s, "sp2") {
		t.Errorf("sp2 is on standby already: %+v %v", g, err)
	}
	s.Nodes = append(s.Nodes, mon.Node{Name: "sp3", Online: true, Attributes: map[string]string{"pingd": "3000"}})
	if g, _ := ToStandby(c, s, handbook, "sp1"); g.To != "sp3" {
		t.Errorf("sp3 has the better score: %+v", g)
	}
	s.Nodes[2].Standby = true
	if g, _ := ToStandby(c, s, handbook, "sp1"); g.To != "sp2" {
		t.Errorf("sp3 may not: %+v", g)
	}
	s.Nodes = s.Nodes[:1]
	if _, err := ToStandby(c, s, handbook, "sp1"); err == nil {
		t.Error("there is nobody to hand over to")
	}
	if _, err := ToActive(c, s, Groups{VIPs: "g_none", Services: "g_ngcp"}, "sp1"); err == nil {
		t.Error("there is no such group")
	}
}

func TestJudge(t *testing.T) {
	c := configuration(t)
	set := func(s mon.State, i int, role string, nodes ...string) mon.State {
		s.Resources = slices.Clone(s.Resources)
		s.Resources[i].Role, s.Resources[i].Nodes = role, nodes
		return s
	}
	there := pair("sp2")
	failed := set(there, 0, "Started", "sp1")
	failed.Resources[0].Failed, failed.Resources[0].Blocked = true, true
	gone := pair("sp2")
	gone.Nodes[1].Online = false
	for name, w := range map[string]struct {
		state  mon.State
		done   bool
		failed bool
		text   string
	}{
		"there":                {there, true, false, "g_vips runs on sp2, g_ngcp runs on sp2"},
		"not begun":            {pair("sp1"), false, false, "g_vips runs on sp1, g_ngcp runs on sp1"},
		"services stop":        {set(pair("sp1"), 0, "Stopping", "sp1"), false, false, "g_vips runs on sp1, g_ngcp is leaving sp1"},
		"services stopped":     {set(pair("sp1"), 0, "Stopped"), false, false, "g_vips runs on sp1, g_ngcp is stopped"},
		"services start":       {set(there, 0, "Starting", "sp2"), false, false, "g_vips runs on sp2, g_ngcp is starting on sp2"},
		"services left behind": {set(there, 0, "Started", "sp1"), false, false, "g_vips runs on sp2, g_ngcp runs on sp1"},
		"an address twice":     {set(there, 1, "Started", "sp1", "sp2"), false, false, "g_vips runs on sp1, g_ngcp runs on sp2"},
		"an address missing":   {set(there, 1, "Stopped"), false, false, "g_vips is starting on sp2, g_ngcp runs on sp2"},
		"a stop that failed":   {failed, false, true, ""},
		"the target is gone":   {gone, false, true, ""},
	} {
		p := Judge(c, w.state, goalTo(t, c, pair("sp1"), "sp2"), nil, noon)
		if p.Done != w.done || (p.Failed != "") != w.failed || p.Text != w.text {
			t.Errorf("%s: %+v", name, p)
		}
	}
	empty := there
	empty.Resources = nil
	if Judge(c, empty, goalTo(t, c, pair("sp1"), "sp2"), nil, noon).Done {
		t.Error("a group without members has arrived")
	}
}

// Services that nobody expects to run are not waited for.
func TestJudgeWithoutServices(t *testing.T) {
	stopped := configuration(t, `<group id="g_ngcp">`, `<group id="g_ngcp"><meta_attributes id="m"><nvpair id="m1" name="target-role" value="Stopped"/></meta_attributes>`)
	s := pair("sp2")
	s.Resources[0].Role, s.Resources[0].Nodes = "Stopped", nil
	g := goalTo(t, stopped, s, "sp2")
	if g.WithServices || !strings.Contains(g.Without, "target-role") || !Judge(stopped, s, g, nil, noon).Done {
		t.Errorf("%+v", g)
	}
}

// A failure on the target ends the waiting, unless it is from before.
func TestJudgeNewFailure(t *testing.T) {
	c := configuration(t)
	c.FailCounts = []cib.FailCount{{Node: "sp2", Resource: "p_monit_services", Operation: "start_0", Count: "INFINITY"}}
	g := goalTo(t, c, pair("sp1"), "sp2")
	if p := Judge(c, pair("sp1"), g, nil, noon); !strings.Contains(p.Failed, "p_monit_services failed on sp2") {
		t.Errorf("%+v", p)
	}
	before := BannedNow(c, g, noon)
	if p := Judge(c, pair("sp1"), g, before, noon); p.Failed != "" || !slices.Equal(before, []string{"p_monit_services"}) {
		t.Errorf("%+v %v", p, before)
	}
}

func TestForesee(t *testing.T) {
	c := configuration(t)
	g := goalTo(t, c, pair("sp1"), "sp2")
	if o, bad := Foresee(simulate.Result{After: pair("sp2")}, g); bad {
		t.Errorf("%+v", o)
	}
	if o, bad := Foresee(simulate.Result{After: pair("sp1")}, g); !bad || !strings.Contains(o.Reason, "p_vip_eth1_v4_1 on sp1") {
		t.Errorf("%+v", o)
	}
	if _, bad := Foresee(simulate.Result{}, g); bad {
		t.Error("nothing was foreseen")
	}
}

func TestMark(t *testing.T) {
	m := Mark{Group: "g_vips", To: "sp2", End: noon, Owner: Owner{Node: "sp1.example.net", Process: process.ID{PID: 42, Start: 4711}}}
	want := `<rsc_location id="cli-prefer-g_vips" rsc="g_vips" role="Started"><rule id="ngcp-ha.42.4711.sp1.example.net" score="INFINITY" boolean-op="and">` +
		`<expression id="cli-prefer-expr-g_vips" attribute="#uname" operation="eq" value="sp2" type="string"/>` +
		`<date_expression id="cli-prefer-lifetime-end-g_vips" operation="lt" end="2026-11-26 12:00:00Z"/></rule></rsc_location>`
	// The order of attributes is free; the parsed form decides.
	text, err := os.ReadFile("../testdata/cib/cib.base.xml")
	if err != nil {
		t.Fatal(err)
	}
	injected, err := m.InjectInto(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range [][]byte{injected, []byte(strings.Replace(string(text), "<constraints>", "<constraints>"+want, 1))} {
		c, err := cib.Parse(one)
		if err != nil {
			t.Fatal(err)
		}
		l := Leftovers(c, noon.Add(-time.Second))
		if len(l) != 1 || l[0].Node != "sp2" || l[0].Ban || l[0].Expired || !l[0].End.Equal(noon) || *l[0].Owner != m.Owner || l[0].XPath != m.XPath() {
			t.Errorf("%+v", l)
		}
		if !Leftovers(c, noon)[0].Expired {
			t.Error("it has ended")
		}
	}
	again, err := m.InjectInto(injected)
	if err != nil || strings.Count(string(again), "cli-prefer-g_vips\"") != 1 {
		t.Error("it is there twice", err)
	}
	if _, err := m.InjectInto([]byte("<cib/>")); err == nil {
		t.Error("there is no section for it")
	}
	if strings.Contains(m.Extension(), "score") || !strings.Contains(m.Extension(), `end="2026-11-26 12:00:00Z"`) {
		t.Error(m.Extension())
	}
}

// What crm_resource 2.1.5 itself made of a move with a lifetime.
func TestLeftoversOfCrmResource(t *testing.T) {
	text, err := os.ReadFile("../testdata/cib/cib.moved.xml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := cib.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	l := Leftovers(c, time.Date(2026, 11, 21, 20, 49, 0, 0, time.UTC))
	if len(l) != 1 || l[0].ID != "cli-prefer-g_vips" || l[0].Resource != "g_vips" || l[0].Owner != nil || l[0].Expired || l[0].End == nil {
		t.Errorf("%+v", l)
	}
}

func FuzzConfiguration(f *testing.F) {
	for _, name := range []string{"cib.moved", "cib.live", "zoo"} {
		text, err := os.ReadFile("../testdata/cib/" + name + ".xml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(_ *testing.T, text []byte) {
		c, err := cib.Parse(text)
		if err != nil {
			return
		}
		Leftovers(c, noon)
		s := pair("sp1")
		if g, err := ToStandby(c, s, handbook, "sp1"); err == nil {
			Preflight(c, s, g, noon)
			Judge(c, s, g, nil, noon)
		}
		_, _ = Mark{Group: "g", To: "n"}.InjectInto(text)
	})
}
