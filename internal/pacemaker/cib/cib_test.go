// SPDX-License-Identifier: Apache-2.0

package cib

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const sample = `<cib crm_feature_set="3.16.2" validate-with="pacemaker-3.9">
 <configuration>
  <crm_config><cluster_property_set id="o"><nvpair id="o1" name="stonith-enabled" value="false"/></cluster_property_set></crm_config>
  <nodes><node id="1" uname="vrouter1"/><node id="2" uname="vrouter2"/></nodes>
  <resources>
   <template id="T" class="ocf" provider="oci" type="IPaddr2">
    <instance_attributes id="T-ia"><nvpair id="T1" name="cidr_netmask" value="24"/><nvpair id="T2" name="nic" value="ens3"/></instance_attributes>
    <operations><op id="T-m" name="monitor" interval="20s" timeout="20s"/></operations>
   </template>
   <clone id="C"><meta_attributes id="C-m"><nvpair id="C1" name="interleave" value="true"/></meta_attributes>
    <group id="G">
     <primitive id="VIP" template="T">
      <instance_attributes id="low"><nvpair id="l1" name="ip" value="10.0.0.1"/><nvpair id="l2" name="region" value="r"/></instance_attributes>
      <instance_attributes id="high" score="10"><nvpair id="h1" name="ip" value="10.0.0.100"/><nvpair id="h2" name="nic" value="ens5"/></instance_attributes>
      <instance_attributes id="night" score="20"><rule id="r" score="0"><expression id="e" attribute="#uname" operation="eq" value="x"/></rule><nvpair id="n1" name="ip" value="10.9.9.9"/></instance_attributes>
      <meta_attributes id="VIP-m"><nvpair id="m1" name="allow-migrate" value="true"/></meta_attributes>
      <operations><op id="V-m" name="monitor" interval="20s" timeout="5s"/></operations>
     </primitive>
    </group>
   </clone>
   <primitive id="P2" class="ocf" provider="oci" type="IPaddr2"><instance_attributes id-ref="low"/></primitive>
  </resources>
  <constraints>
   <rsc_location id="cli-ban-VIP-on-vrouter1" rsc="VIP" node="vrouter1" score="-INFINITY"/>
   <rsc_order id="ord"><resource_set id="s"><resource_ref id="VIP"/><resource_ref id="P2"/></resource_set></rsc_order>
  </constraints>
  <rsc_defaults><meta_attributes id="d"><nvpair id="d1" name="migration-threshold" value="1"/></meta_attributes></rsc_defaults>
 </configuration>
 <status><node_state id="2" uname="vrouter2"><transient_attributes id="2"><instance_attributes id="status-2">
  <nvpair id="f" name="fail-count-VIP#start_0" value="INFINITY"/><nvpair id="g" name="fail-count-P2#monitor_20000" value="0"/><nvpair id="h" name="oci-ready-VIP" value="1"/>
 </instance_attributes></transient_attributes></node_state></status>
</cib>`

func TestParse(t *testing.T) {
	c, err := Parse([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	want := []Primitive{{
		ID: "VIP", Class: "ocf", Provider: "oci", Type: "IPaddr2",
		Params:     map[string]string{"ip": "10.0.0.100", "region": "r", "cidr_netmask": "24", "nic": "ens5"},
		Meta:       map[string]string{"interleave": "true", "allow-migrate": "true"},
		Operations: []Operation{{ID: "V-m", Name: "monitor", Interval: "20s", Timeout: "5s"}},
		Parents:    []Parent{{"C", "clone"}, {"G", "group"}}, Ruled: []string{"night"},
	}, {
		ID: "P2", Class: "ocf", Provider: "oci", Type: "IPaddr2",
		Params: map[string]string{"ip": "10.0.0.1", "region": "r"}, Meta: map[string]string{},
	}}
	if diff := cmp.Diff(want, c.Primitives()); diff != "" {
		t.Error(diff)
	}
	if c.Properties["stonith-enabled"] != "false" || c.ResourceDefaults["migration-threshold"] != "1" {
		t.Errorf("properties %v, defaults %v", c.Properties, c.ResourceDefaults)
	}
	if diff := cmp.Diff([]Node{{ID: "1", Name: "vrouter1", Attributes: map[string]string{}}, {ID: "2", Name: "vrouter2", Attributes: map[string]string{}}}, c.Nodes); diff != "" {
		t.Error(diff)
	}
	if len(c.Constraints) != 2 || c.Constraints[0].Attrs["node"] != "vrouter1" || !cmp.Equal(c.Constraints[1].Resources, []string{"VIP", "P2"}) {
		t.Errorf("constraints %+v", c.Constraints)
	}
	if diff := cmp.Diff([]FailCount{{Node: "vrouter2", Resource: "VIP", Operation: "start_0", Count: "INFINITY"}}, c.FailCounts); diff != "" {
		t.Error(diff)
	}
	if p, ok := c.Primitive("VIP"); !ok || p.Agent() != "ocf:oci:IPaddr2" || !p.Cloned() {
		t.Errorf("%+v %v", p, ok)
	}
}

func TestParseRefusesWhatIsNoCIB(t *testing.T) {
	for _, text := range []string{"", "<html/>", "<cib><configuration>"} {
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

// A machine without pacemaker, as cibadmin itself sees it.
func TestQueryWithoutCluster(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := Query(ctx, nil); !errors.Is(err, ErrNoCluster) {
		t.Errorf("got %v", err)
	}
	if name, err := LocalNode(ctx, nil); err != nil && !errors.Is(err, ErrNoCluster) {
		t.Errorf("%q %v", name, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	files, _ := filepath.Glob("../../ngcpha/testdata/cib/*.xml")
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := Parse(text)
		if err != nil {
			return
		}
		for _, o := range c.Containers() {
			if _, ok := c.Container(o.ID); !ok {
				t.Errorf("container %q cannot be found", o.ID)
			}
			c.In(o.ID)
		}
	})
}
