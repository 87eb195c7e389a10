// SPDX-License-Identifier: Apache-2.0

package mon

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const sample = `<?xml version="1.0"?>
<%s version="2.1.5">
  <nodes>
    <node name="vrouter1" id="1" online="true" standby="false" maintenance="false" unclean="false"/>
    <node name="vrouter2" id="2" online="false" standby="true" maintenance="false" unclean="true"/>
  </nodes>
  <resources>
    <resource id="VIP" resource_agent="ocf:oci:IPaddr2" role="Started" active="true" managed="true" failed="false" nodes_running_on="1"><node name="vrouter1" id="1" cached="false"/></resource>
    <group id="G"><resource id="A" role="Stopped" managed="false" failed="true" nodes_running_on="0"/></group>
    <clone id="C"><group id="G2:0"><resource id="B" role="Started" managed="true" failed="false"><node name="vrouter2"/></resource></group></clone>
  </resources>
  <node_attributes><node name="vrouter1"><attribute name="oci-ready-VIP" value="1"/></node></node_attributes>
</%[1]s>`

func TestParse(t *testing.T) {
	for _, root := range []string{"pacemaker-result", "crm_mon"} {
		s, err := Parse(fill(root))
		if err != nil {
			t.Fatal(err)
		}
		want := State{
			Nodes: []Node{{Name: "vrouter1", ID: "1", Online: true, Attributes: map[string]string{"oci-ready-VIP": "1"}},
				{Name: "vrouter2", ID: "2", Standby: true, Unclean: true, Attributes: map[string]string{}}},
			Resources: []Resource{{ID: "VIP", Agent: "ocf:oci:IPaddr2", Role: "Started", Managed: true, Nodes: []string{"vrouter1"}},
				{ID: "A", Role: "Stopped", Failed: true, Path: []Container{{Kind: "group", ID: "G"}}},
				{ID: "B", Role: "Started", Managed: true, Nodes: []string{"vrouter2"}, Path: []Container{{Kind: "clone", ID: "C"}, {Kind: "group", ID: "G2:0"}}}},
		}
		if diff := cmp.Diff(want, s); diff != "" {
			t.Errorf("%s: %s", root, diff)
		}
	}
	if _, err := Parse([]byte("Cluster is offline")); err == nil {
		t.Error("text was taken for XML")
	}
	// crm_mon 2.1.5 about a CIB that its schema refuses, with exit code 0.
	_, err := Parse([]byte(`<pacemaker-result><status code="0" message="OK"><errors><error>Could not connect to the CIB: Update does not conform</error></errors></status></pacemaker-result>`))
	if err == nil || err.Error() != "crm_mon told of no nodes: Could not connect to the CIB: Update does not conform" {
		t.Error(err)
	}
	if _, err := Parse([]byte(`<crm_mon version="2.1.5"/>`)); err == nil {
		t.Error("an empty answer was taken for a cluster without nodes")
	}
}

func fill(root string) []byte { return []byte(fmt.Sprintf(sample, root)) }

func TestFailureResource(t *testing.T) {
	for key, want := range map[string]string{"p_vip_eth1_start_0": "p_vip_eth1", "p_monitor_monitor_20000": "p_monitor", "vip_migrate_from_0": "vip",
		"vip_migrate_to_0": "vip", "u:1_monitor_10000": "u:1", "": "", "x": "", "a_b": "", "a_b_c": "", "_0": "", "start_0": ""} {
		if got := (Failure{Operation: key}).Resource(); got != want {
			t.Errorf("%q: %q, want %q", key, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(fill("crm_mon"))
	files, _ := filepath.Glob("../../ngcpha/testdata/mon/*.xml")
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(_ *testing.T, text []byte) {
		s, err := Parse(text)
		if err != nil {
			return
		}
		for _, r := range s.Resources {
			s.In(r.ID)
		}
	})
}
