// SPDX-License-Identifier: Apache-2.0

package vipcheck

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ocf-oci/internal/pacemaker/cib"
)

const config = `<cib><configuration>
<crm_config><cluster_property_set id="o"><nvpair id="o1" name="stonith-enabled" value="true"/><nvpair id="o2" name="no-quorum-policy" value="stop"/></cluster_property_set></crm_config>
<nodes><node id="1" uname="a"/><node id="2" uname="b"/><node id="3" uname="c"/></nodes>
<resources><!--G--><primitive id="VIP" class="ocf" provider="oci" type="IPaddr2">
<instance_attributes id="i"><nvpair id="i1" name="ip" value="10.0.0.100"/></instance_attributes>
<meta_attributes id="m"><nvpair id="m1" name="failure-timeout" value="60s"/><nvpair id="m2" name="allow-migrate" value="true"/></meta_attributes>
<operations><op id="p" name="monitor" interval="20s"/></operations></primitive><!--H-->
<primitive id="D" class="ocf" provider="heartbeat" type="Dummy"/><primitive id="F" class="stonith" type="fence_sbd"/></resources>
<constraints><rsc_location id="l" rsc="VIP" node="a" score="1"/></constraints></configuration><status><node_state uname="a"><transient_attributes><instance_attributes>
<nvpair name="fail-count-VIP#monitor_20000" value="2"/><nvpair name="fail-count-VIP#start_0" value="1"/></instance_attributes></transient_attributes></node_state></status></cib>`

// Each mutation of a good configuration gives exactly its own finding.
func TestCluster(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"good":                    {"", "", ""},
		"fencing off":             {`value="true"/><nvpair id="o2"`, `value="False"/><nvpair id="o2"`, "no-fencing"},
		"no fence device":         {`class="stonith"`, `class="ocf"`, "no-fence-device"},
		"quorum ignored":          {`value="stop"`, `value="ignore"`, "quorum-ignored"},
		"no failure-timeout":      {`"60s"/><nvpair id="m2"`, `"0"/><nvpair id="m2"`, "no-failure-timeout"},
		"no monitor":              {`name="monitor"`, `name="start"`, "no-monitor"},
		"monitor disabled":        {`interval="20s"`, `interval="20s" enabled="false"`, "no-monitor"},
		"monitor without pause":   {`interval="20s"`, `interval="0s"`, "no-monitor"},
		"monitor for stopped":     {`</operations>`, `<op id="q" name="monitor" interval="21s" role="Stopped"/></operations>`, "stopped-monitor"},
		"harmless for stopped":    {`</operations>`, `<op id="q" name="monitor" interval="21s" role="Stopped" on-fail="ignore"/></operations>`, ""},
		"left by a move":          {`id="l" rsc`, `id="cli-ban-VIP-on-a" rsc`, "cli-constraint"},
		"another's move":          {`id="l" rsc="VIP"`, `id="cli-ban-D-on-a" rsc="D"`, ""},
		"dependant":               {`<constraints>`, `<constraints><rsc_order id="x" first="VIP" then="D"/>`, "migrate-with-dependants"},
		"dependant, not migrated": {`<nvpair id="m2" name="allow-migrate" value="true"/></meta_attributes>`, `</meta_attributes><!-- -->`, ""},
		"banned": {`<status>`, `<status><node_state uname="b"><transient_attributes><instance_attributes><nvpair name="fail-count-VIP#start_0" value="INFINITY"/></instance_attributes></transient_attributes></node_state>`,
			"banned-by-failures"},
		"banned by the sum":   {`<nvpair id="m1" name="failure-timeout"`, `<nvpair id="m0" name="migration-threshold" value="3"/><nvpair id="m1" name="failure-timeout"`, "banned-by-failures"},
		"below the threshold": {`<nvpair id="m1" name="failure-timeout"`, `<nvpair id="m0" name="migration-threshold" value="4"/><nvpair id="m1" name="failure-timeout"`, ""},
		"failed once":         {`<status>`, `<status><node_state uname="b"><transient_attributes><instance_attributes><nvpair name="fail-count-VIP#start_0" value="1"/></instance_attributes></transient_attributes></node_state>`, ""},
		"in a group":          {`<primitive id="D" class="ocf" provider="heartbeat" type="Dummy"/>`, ``, ""},
	} {
		text := strings.Replace(config, c.old, c.new, 1)
		if c.old != "" && text == config {
			t.Fatalf("%s changes nothing", name)
		}
		k, err := cib.Parse([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		p, _ := k.Primitive("VIP")
		got := ""
		for _, f := range Cluster(k, []cib.Primitive{p}) {
			got += f.ID
			if f.Text == "" || f.Fix == "" {
				t.Errorf("%s: %+v says nothing", name, f)
			}
		}
		if got != c.want {
			t.Errorf("%s: found %q, want %q", name, got, c.want)
		}
	}
	group := strings.NewReplacer("<!--G-->", `<group id="G">`, "<!--H-->", `<primitive id="E" class="systemd" type="x"/></group>`).Replace(config)
	k, err := cib.Parse([]byte(group))
	if err != nil {
		t.Fatal(err)
	}
	p, _ := k.Primitive("VIP")
	if list := Cluster(k, []cib.Primitive{p}); len(list) != 1 || list[0].ID != "migrate-with-dependants" {
		t.Errorf("in a group: %+v", list)
	}
	if list := Cluster(k, nil); list != nil {
		t.Errorf("no resource, but %+v", list)
	}
}

func tree(t *testing.T, files map[string]string) Machine {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return Machine{Root: root}
}

func TestPersistent(t *testing.T) {
	ip := []netip.Addr{netip.MustParseAddr("10.0.0.100"), netip.MustParseAddr("fd00::100")}
	for name, c := range map[string]struct {
		file, text string
		line       string
	}{
		"ifcfg":           {"etc/sysconfig/network-scripts/ifcfg-ens3:0", "DEVICE=ens3:0\nIPADDR=\"10.0.0.100\"\n", "line 2"},
		"NetworkManager":  {"etc/NetworkManager/system-connections/a.nmconnection", "[ipv4]\naddress1=10.0.0.11/24,10.0.0.1\naddress2=10.0.0.100/24\n", "line 3"},
		"netplan":         {"etc/netplan/50.yaml", "network:\n  addresses: [10.0.0.100/24]\n", "line 2"},
		"networkd":        {"etc/systemd/network/e.network", "[Address]\nAddress=fd00::100/64\n", "line 2"},
		"ifupdown":        {"etc/network/interfaces", "iface ens3:0 inet static\n  address 10.0.0.100\n", "line 2"},
		"comment":         {"etc/network/interfaces", "# address 10.0.0.100\n", ""},
		"longer address":  {"etc/netplan/50.yaml", "  addresses: [10.0.0.1001/24, 110.0.0.100/24]\n", ""},
		"another address": {"etc/netplan/50.yaml", "  addresses: [10.0.0.10/24]\n", ""},
		"another file":    {"etc/hosts", "10.0.0.100 vip\n", ""},
	} {
		list, err := tree(t, map[string]string{c.file: c.text}).Persistent(ip)
		switch {
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case c.line == "" && len(list) > 0, c.line != "" && (len(list) != 1 || !strings.Contains(list[0].Text, c.line)):
			t.Errorf("%s: %+v", name, list)
		}
	}
}

func TestRoutingAndDaemons(t *testing.T) {
	good := map[string]string{"proc/sys/net/ipv4/ip_forward": "1\n", "proc/sys/net/ipv4/conf/all/rp_filter": "0\n",
		"proc/sys/net/ipv4/conf/ens3/rp_filter": "2\n", "proc/sys/net/ipv4/conf/ens5/rp_filter": "0\n"}
	for name, c := range map[string]struct {
		file, text string
		nics       []string
		want       []string
	}{
		"good":                {"x", "", []string{"ens3", "ens5"}, nil},
		"no forwarding":       {"proc/sys/net/ipv4/ip_forward", "0\n", []string{"ens5", "ens3"}, []string{"no-forwarding"}},
		"one network":         {"proc/sys/net/ipv4/ip_forward", "0\n", []string{"ens3", "ens3"}, nil},
		"strict on one":       {"proc/sys/net/ipv4/conf/ens5/rp_filter", "1\n", []string{"ens3", "ens5"}, []string{"strict-rp-filter"}},
		"strict on all":       {"proc/sys/net/ipv4/conf/all/rp_filter", "1\n", []string{"ens3", "ens5"}, []string{"strict-rp-filter"}},
		"daemon of oci-utils": {"etc/systemd/system/multi-user.target.wants/ocid.service", "", nil, []string{"oci-utils"}},
	} {
		files := map[string]string{}
		for k, v := range good {
			files[k] = v
		}
		files[c.file] = c.text
		m := tree(t, files)
		var got []string
		for _, f := range append(m.Routing(c.nics), m.OCID()...) {
			got = append(got, f.ID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
