// SPDX-License-Identifier: Apache-2.0

package ipaddr2import

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const someCIB = `<cib><configuration><resources>
<primitive id="vip" class="ocf" provider="heartbeat" type="IPaddr2">
 <instance_attributes id="a"><nvpair id="a1" name="ip" value="10.0.0.100"/><nvpair id="a2" name="cidr_netmask" value="28"/></instance_attributes>
 <meta_attributes id="m"><nvpair id="m1" name="ip" value="no"/></meta_attributes>
</primitive>
<group id="g">
 <primitive id="oc" class="ocf" provider="heartbeat" type="ocivip"><instance_attributes id="b"><nvpair id="b1" name="secondary_private_ip" value="10.0.0.101"/></instance_attributes></primitive>
</group>
<primitive id="d" class="ocf" provider="pacemaker" type="Dummy"/></resources>
<constraints><rsc_order id="o" first="x" then="y"/></constraints>
<alerts><alert id="move" path="/usr/local/bin/notify.sh"/></alerts></configuration></cib>`

func TestDefinitionsOfTheCIB(t *testing.T) {
	d, ok := ReadDefinitions(someCIB)
	want := Definitions{Resources: []Definition{
		{Line: 2, ID: "vip", Agent: "ocf:heartbeat:IPaddr2", Params: map[string]string{"ip": "10.0.0.100", "cidr_netmask": "28"}, Alone: true},
		{Line: 7, ID: "oc", Agent: "ocf:heartbeat:ocivip", Params: map[string]string{"secondary_private_ip": "10.0.0.101"}},
	}, Alerts: []Alert{{11, "move", "/usr/local/bin/notify.sh"}}}
	if diff := cmp.Diff(want, d); !ok || diff != "" {
		t.Error(ok, diff)
	}
	for name, c := range map[string]struct {
		old, new string
		line     int
		says     string
	}{
		"cut off":  {"</cib>", "", 11, "no XML"},
		"rule":     {`<nvpair id="a1"`, `<rule id="r"/><nvpair id="a1"`, 3, "vip has attributes with a rule"},
		"shared":   {`<instance_attributes id="b">`, `<instance_attributes id-ref="a"/><instance_attributes id="b">`, 7, "shares its attributes"},
		"template": {`<primitive id="d" class`, `<primitive id="d" template="t" class`, 9, "template"},
		"none":     {someCIB, "<cib/>", 0, "no resource of"},
		"depends":  {`first="x"`, `first="vip"`, -1, ""},
	} {
		d, ok := ReadDefinitions(strings.Replace(someCIB, c.old, c.new, 1))
		if c.line < 0 {
			if d.Resources[0].Alone {
				t.Errorf("%s: not seen", name)
			}
			continue
		}
		if !ok || len(d.Messages) != 1 || d.Messages[0].Line != c.line || !strings.Contains(d.Messages[0].Text, c.says) {
			t.Errorf("%s: %v %+v", name, ok, d.Messages)
		}
	}
}

func TestDefinitionsOfPCS(t *testing.T) {
	vip := Definition{Line: 1, ID: "vip", Agent: "ocf:heartbeat:IPaddr2", Params: map[string]string{"ip": "10.0.0.100", "cidr_netmask": "28"}}
	for name, c := range map[string]struct {
		text string
		want Definitions
	}{
		"command":            {"pcs resource create vip ocf:heartbeat:IPaddr2 ip=10.0.0.100 cidr_netmask=28 op monitor interval=20s", Definitions{Resources: []Definition{vip}}},
		"prompt, short name": {"[root@a ~]# sudo pcs resource create vip IPaddr2 \\\n  ip=10.0.0.100 cidr_netmask=28 op monitor interval=20s meta a=b", Definitions{Resources: []Definition{vip}}},
		"of a saved CIB":     {"pcs -f tmp-cib.xml resource create --no-default-ops --force -- vip ocf:heartbeat:IPaddr2 \\\n  'ip=10.0.0.100' cidr_netmask=28 \\\n  op monitor interval=20s", Definitions{Resources: []Definition{vip}}},
		"listing of 0.11": {"Resource: vip (class=ocf provider=heartbeat type=IPaddr2)\n  Attributes: vip-instance_attributes\n    cidr_netmask=28\n    ip=10.0.0.100\n  Operations:\n    monitor: vip-monitor\n      interval=20s\n",
			Definitions{Resources: []Definition{vip}}},
		"listing of 0.9": {"Resource: vip (class=ocf provider=heartbeat type=IPaddr2)\n  Attributes: cidr_netmask=28 ip=10.0.0.100\n  Operations: monitor interval=20s (vip-m)\nResource: x (class=ocf provider=pacemaker type=Dummy)\nAlerts:\n Alert: move (path=/n.sh)\n",
			Definitions{Resources: []Definition{vip}, Alerts: []Alert{{6, "move", "/n.sh"}}}},
		"alert":      {"pcs resource create vip IPaddr2 ip=10.0.0.100 cidr_netmask=28\npcs alert create path=/n.sh id=move", Definitions{Resources: []Definition{vip}, Alerts: []Alert{{2, "", "/n.sh"}}}},
		"open quote": {"pcs resource create vip IPaddr2 'ip=10.0.0.100", Definitions{Messages: []Message{{1, "a quote in this command is not closed"}}}},
		"half":       {"# a\npcs resource create vip\n", Definitions{Messages: []Message{{2, "this command names no resource and agent"}}}},
	} {
		d, ok := ReadDefinitions(c.text)
		if diff := cmp.Diff(c.want, d); !ok || diff != "" {
			t.Errorf("%s: %v %s", name, ok, diff)
		}
	}
	for _, text := range []string{block, "", "# pcs resource create a b"} {
		if d, ok := ReadDefinitions(text); ok {
			t.Errorf("%q was taken for definitions: %+v", text, d)
		}
	}
}

// notify is called as keepalived does: TYPE NAME STATE.
const notify = `#!/bin/bash
TYPE=$1
NAME=$2
STATE=$3
vnic=$(curl -s http://169.254.169.254/opc/v1/vnics/ | jq -r '.[0].vnicId')
case $STATE in
  "MASTER")
    /root/bin/oci network vnic assign-private-ip --unassign-if-already-assigned --vnic-id $vnic --ip-address 10.0.0.100 --auth instance_principal
    exit 0 ;;
  "BACKUP") exit 0 ;;
esac
`

func TestNotifyScript(t *testing.T) {
	r := Import(notify, Options{})
	if len(r.Messages) != 0 || !r.Discovered || len(r.File.Nodes) != 0 || len(r.File.Addresses) != 1 || r.File.Auth.Kind != "instance_principal" {
		t.Errorf("the VNIC is found by itself: %+v", r)
	}
	own := strings.Replace(notify, "$vnic ", "ocid1.vnic.oc1.ca-toronto-1.a ", 1)
	r = Import(own, Options{Node: "vrouter1"})
	if len(r.Messages) != 0 || r.Discovered || r.File.Nodes["vrouter1"]["primary"] != "ocid1.vnic.oc1.ca-toronto-1.a" {
		t.Errorf("a node's own script: %+v", r)
	}
	r = Import(own, Options{})
	if len(r.Messages) != 1 || r.Messages[0].Line != 8 || !strings.Contains(r.Messages[0].Text, "outside of any branch for a node") {
		t.Errorf("nobody's script: %+v", r.Messages)
	}
}
