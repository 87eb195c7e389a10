// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ocf-oci/internal/finding"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/mon"
)

const noTimeout = `<op name="monitor" interval="20" timeout="60"`

var names = Names{VIPs: "g_vips", Services: "g_ngcp", PingAttribute: "pingd"}

func configuration(t *testing.T, file string, replace ...string) *cib.CIB {
	t.Helper()
	text, err := os.ReadFile("../testdata/cib/" + file + ".xml")
	if err != nil {
		t.Fatal(err)
	}
	// The handbook's services have no stop timeout, which is a finding of its own.
	if !slices.Contains(replace, noTimeout) {
		replace = append(replace, `<op name="monitor" interval="20" timeout="60"`, `<op id="stop" name="stop" interval="0" timeout="120"/><op name="monitor" interval="20" timeout="60"`)
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

func pair() mon.State {
	at := func(name string) mon.Node {
		return mon.Node{Name: name, Online: true, Attributes: map[string]string{"pingd": "2000"}}
	}
	return mon.State{Summary: mon.Summary{Stack: "corosync", DC: "sp1", Quorum: true}, Nodes: []mon.Node{at("sp1"), at("sp2")}}
}

func ids(list []finding.Finding) string {
	var all []string
	for _, f := range list {
		all = append(all, f.ID)
	}
	return strings.Join(all, ",")
}

// The handbook's cluster has one weakness: fencing that does nothing.
func TestOfCluster(t *testing.T) {
	for name, w := range map[string]struct {
		file   string
		change []string
		spoil  func(*mon.State)
		want   string
	}{
		"handbook":       {"cib.base", nil, nil, "null-fencing"},
		"as it stands":   {"cib.base", []string{noTimeout, noTimeout}, nil, "null-fencing,stop-timeout"},
		"op_defaults":    {"cib.base", []string{noTimeout, noTimeout, `<rsc_defaults>`, `<op_defaults><meta_attributes id="od"><nvpair id="od1" name="timeout" value="60s"/></meta_attributes></op_defaults><rsc_defaults>`}, nil, "null-fencing"},
		"fencing off":    {"cib.base", []string{`name="stonith-enabled" value="yes"`, `name="stonith-enabled" value="no"`}, nil, "no-fencing"},
		"no device":      {"cib.base", []string{`class="stonith" type="null"`, `class="ocf" provider="pacemaker" type="Dummy"`}, nil, "no-fence-device"},
		"a real device":  {"cib.base", []string{`class="stonith" type="null"`, `class="stonith" type="fence_ipmilan"`}, nil, ""},
		"moved":          {"cib.moved", nil, nil, "expired-constraint,null-fencing"},
		"maintenance":    {"cib.base", []string{`name="maintenance-mode" value="false"`, `name="maintenance-mode" value="true"`}, nil, "maintenance,null-fencing"},
		"no colocation":  {"cib.base", []string{`with-rsc="g_vips"`, `with-rsc="p_ping"`}, nil, "null-fencing,no-colocation"},
		"wrong order":    {"cib.base", []string{`first="g_vips" then="g_ngcp"`, `first="g_ngcp" then="g_vips"`}, nil, "null-fencing,no-order"},
		"no ping rule":   {"cib.base", []string{`<rsc_location id="l_vips" rsc="g_vips">`, `<rsc_location id="l_vips" rsc="p_ping">`}, nil, "null-fencing,no-ping-rule"},
		"live migration": {"cib.base", []string{`<group id="g_vips">`, `<group id="g_vips"><meta_attributes id="m"><nvpair id="m1" name="allow-migrate" value="true"/></meta_attributes>`}, nil, "null-fencing,allow-migrate,allow-migrate"},
		"other names":    {"cib.base", []string{`"g_vips"`, `"addresses"`}, nil, "null-fencing,no-vips"},
		"public":         {"cib.base", []string{`10.15.20.30 192.168.211.1`, `8.8.8.8 192.168.211.1`}, nil, "null-fencing,public-ping-node"},
		"one way cut":    {"cib.base", nil, func(s *mon.State) { s.Nodes[1].Attributes["pingd"] = "1000" }, "null-fencing,ping-unreachable"},
		"no score":       {"cib.base", nil, func(s *mon.State) { delete(s.Nodes[1].Attributes, "pingd") }, "null-fencing,no-ping-score"},
		"offline":        {"cib.base", nil, func(s *mon.State) { s.Nodes[1].Online = false }, "offline,null-fencing"},
		"standby":        {"cib.base", nil, func(s *mon.State) { s.Nodes[1].Standby = true }, "standby,null-fencing"},
		"no quorum":      {"cib.base", nil, func(s *mon.State) { s.Summary.Quorum = false }, "no-quorum,null-fencing"},
	} {
		s := pair()
		if w.spoil != nil {
			w.spoil(&s)
		}
		list, err := OfCluster(configuration(t, w.file, w.change...), s, names, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if got := ids(list); got != w.want {
			t.Errorf("%s: %q, want %q", name, got, w.want)
		}
		for _, f := range list {
			if f.Text == "" || f.Fix == "" {
				t.Errorf("%s: a finding without meaning or remedy: %+v", name, f)
			}
		}
	}
}

func TestNearThreshold(t *testing.T) {
	c := configuration(t, "cib.base")
	c.FailCounts = []cib.FailCount{{Node: "sp1", Resource: "p_monit_services", Operation: "monitor_20000", Count: "10"}}
	list, err := OfCluster(c, pair(), names, time.Now())
	if err != nil || ids(list) != "near-threshold,null-fencing" || finding.Worst(list) != 1 {
		t.Errorf("%+v %v", list, err)
	}
	c.FailCounts[0].Count = "9"
	if list, _ := OfCluster(c, pair(), names, time.Now()); ids(list) != "null-fencing" {
		t.Errorf("%+v", list)
	}
	c.FailCounts[0].Count = "20"
	if list, _ := OfCluster(c, pair(), names, time.Now()); ids(list) != "banned,null-fencing" || finding.Worst(list) != 2 {
		t.Errorf("%+v", list)
	}
}

func TestOfNode(t *testing.T) {
	c := configuration(t, "cib.base")
	good := Node{Name: "sp1", GCS: "corosync", CRM: "pacemaker", Corosync: &Corosync{ClusterName: "sp", TwoNode: true, Nodes: []string{"sp1", "sp2"}}}
	if list := OfNode(c, good); len(list) != 0 {
		t.Errorf("%+v", list)
	}
	bad := Node{Name: "sp1", GCS: "heartbeat-2", CRM: "heartbeat-2", Heartbeat: true, Missing: []string{"ocf:ngcp:monit-services"}, AtBoot: []string{"lb"}, Drift: "3 differences",
		Unreadable: []string{"x"}, Corosync: &Corosync{ClusterName: "other", Nodes: []string{"sp1", "sp3"}}}
	want := "unreadable,two-node,node-name,node-name,cluster-name,config-gcs,config-crm,heartbeat,no-agent,starts-at-boot,drift"
	if got := ids(OfNode(c, bad)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	three := good
	three.Corosync = &Corosync{ClusterName: "sp", TwoNode: true, Nodes: []string{"sp1", "sp2", "sp3"}}
	if got := ids(OfNode(c, three)); got != "two-node,node-name" {
		t.Error(got)
	}
}

func TestParseCorosync(t *testing.T) {
	got := ParseCorosync([]byte("totem {\n  version: 2\n  cluster_name: sp # the pair\n  interface {\n    cluster_name: no\n  }\n}\n# quorum {\nquorum {\n  provider: corosync_votequorum\n  two_node: 1\n}\n" +
		"nodelist {\n  node {\n    ring0_addr: 10.0.0.1\n    name: sp1\n    nodeid: 1\n  }\n  node {\n    ring0_addr: sp2\n  }\n}\n"))
	if diff := cmp.Diff(Corosync{ClusterName: "sp", TwoNode: true, Nodes: []string{"sp1", "sp2"}}, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzParseCorosync(f *testing.F) {
	f.Add([]byte("nodelist {\n node {\n name: a\n}\n}\n}\n}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if c := ParseCorosync(text); slices.Contains(c.Nodes, "{") {
			t.Error(c)
		}
	})
}
