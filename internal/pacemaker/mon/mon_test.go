// SPDX-License-Identifier: Apache-2.0

package mon

import (
	"fmt"
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
}

func fill(root string) []byte { return []byte(fmt.Sprintf(sample, root)) }
