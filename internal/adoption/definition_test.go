// SPDX-License-Identifier: Apache-2.0

package adoption

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestMap(t *testing.T) {
	for name, c := range map[string]struct {
		agent    string
		params   map[string]string
		want     map[string]string
		notes    int
		problems int
	}{
		"IPaddr2 keeps its names": {"ocf:heartbeat:IPaddr2", map[string]string{"ip": "10.0.0.1", "arp_bg": "yes"}, map[string]string{"ip": "10.0.0.1", "arp_bg": "yes"}, 0, 0},
		"IPaddr": {"ocf:heartbeat:IPaddr", map[string]string{"ip": "10.0.0.1", "netmask": "255.255.255.0", "nic": "eth1", "ARP_INTERVAL_MS": "500", "ARP_REPEAT": "3", "ARP_BACKGROUND": "yes", "ARP_NETMASK": "ffffffffffff"},
			map[string]string{"ip": "10.0.0.1", "cidr_netmask": "255.255.255.0", "nic": "eth1", "arp_interval": "500", "arp_count": "3", "arp_bg": "yes"}, 1, 0},
		"scripts of IPaddr":          {"ocf:heartbeat:IPaddr", map[string]string{"ip": "10.0.0.1", "local_stop_script": "/x"}, map[string]string{"ip": "10.0.0.1"}, 0, 1},
		"IPv6addr":                   {"ocf:heartbeat:IPv6addr", map[string]string{"ipv6addr": "fd00::1/64"}, map[string]string{"ip": "fd00::1", "cidr_netmask": "64"}, 0, 0},
		"IPv6addr, prefix by itself": {"ocf:heartbeat:IPv6addr", map[string]string{"ipv6addr": "fd00::1/64", "cidr_netmask": "48"}, map[string]string{"ip": "fd00::1", "cidr_netmask": "48"}, 0, 0},
		"ocivip": {"ocf:heartbeat:ocivip", map[string]string{"secondary_private_ip": "10.0.0.1", "ocicli": "/oci", "api_delay": "3", "interface_alias": "0", "cidr_netmask": "24"},
			map[string]string{"ip": "10.0.0.1", "iflabel": "0", "cidr_netmask": "24"}, 2, 0},
		"unknown": {"ocf:heartbeat:ocivip", map[string]string{"secondary_private_ip": "10.0.0.1", "mystery": "1"}, map[string]string{"ip": "10.0.0.1"}, 0, 1},
	} {
		m := Map(c.agent, c.params)
		if diff := cmp.Diff(c.want, m.Params); diff != "" || len(m.Notes) != c.notes || len(m.Problems) != c.problems {
			t.Errorf("%s: %s %q %q", name, diff, m.Notes, m.Problems)
		}
	}
}

const before = `<primitive id="VIP" class="ocf" provider="heartbeat" type="IPaddr2">
<instance_attributes id="a"><nvpair id="a-ip" name="ip" value="10.0.0.100"/></instance_attributes>
<instance_attributes id="b"><nvpair id="b-nic" name="nic" value="ens3"/></instance_attributes>
<operations><op id="m" name="monitor" interval="20s"/><op id="s" name="start" interval="0" timeout="20"/><op id="t" name="stop" interval="0" timeout="3min"/></operations>
<utilization id="u"><nvpair id="u1" name="cpu" value="1"/></utilization>
<meta_attributes id="VIP-meta"><nvpair id="x" name="priority" value="5"/></meta_attributes></primitive>`

func TestRewrite(t *testing.T) {
	old, err := Parse(before)
	if err != nil {
		t.Fatal(err)
	}
	want := `<primitive id="VIP" class="ocf" provider="oci" type="IPaddr2">
<instance_attributes id="a"><nvpair id="a-ip" name="ip" value="10.0.0.100"/><nvpair id="a-cidr_netmask" name="cidr_netmask" value="28"/><nvpair id="a-nic" name="nic" value="ens3"/></instance_attributes>
<operations><op id="m" name="monitor" interval="20s" timeout="20s"/><op id="s" name="start" interval="0" timeout="120s"/><op id="t" name="stop" interval="0" timeout="3min"/>
<op id="VIP-migrate_to-interval-0s" name="migrate_to" interval="0s" timeout="40s"/><op id="VIP-migrate_from-interval-0s" name="migrate_from" interval="0s" timeout="120s"/></operations>
<utilization id="u"><nvpair id="u1" name="cpu" value="1"/></utilization>
<meta_attributes id="VIP-meta"><nvpair id="x" name="priority" value="5"/><nvpair id="VIP-meta-failure-timeout" name="failure-timeout" value="60s"/></meta_attributes></primitive>`
	expected, err := Parse(want)
	if err != nil {
		t.Fatal(err)
	}
	got := Rewrite(old, map[string]string{"nic": "ens3", "ip": "10.0.0.100", "cidr_netmask": "28"})
	if !Same(got, expected) {
		t.Errorf("got\n%s", Text(got))
	}
	again, err := Parse(Text(got))
	if err != nil || !Same(again, got) {
		t.Errorf("%v: not the same after writing and reading", err)
	}
	if unchanged, _ := Parse(before); !Same(old, unchanged) {
		t.Error("the old definition was changed")
	}
}

func TestRewriteWithoutAnything(t *testing.T) {
	old, _ := Parse(`<primitive id="V" class="ocf" provider="heartbeat" type="ocivip"/>`)
	text := Text(Rewrite(old, map[string]string{"ip": "10.0.0.1"}))
	for _, part := range []string{`name="monitor" interval="20s" timeout="20s"`, `name="start" interval="0s" timeout="120s"`, `name="stop" interval="0s" timeout="40s"`,
		`id="V-instance_attributes-ip" name="ip"`, `name="failure-timeout" value="60s"`} {
		if !strings.Contains(text, part) {
			t.Errorf("no %s in\n%s", part, text)
		}
	}
}

func TestSame(t *testing.T) {
	a, _ := Parse(`<p id="x" class="ocf"><o/></p>`)
	for text, want := range map[string]bool{
		"<p class=\"ocf\" id=\"x\">\n <o/></p>": true, `<p id="x" class="ocf"/>`: false, `<p id="y" class="ocf"><o/></p>`: false,
		`<p id="x" class="ocf"><o n="1"/></p>`: false,
	} {
		b, err := Parse(text)
		if err != nil || Same(a, b) != want {
			t.Errorf("%s: %v %v", text, Same(a, b), err)
		}
	}
}

func TestFind(t *testing.T) {
	cib := `<cib><configuration><resources><template id="VIP"/><group id="g"><primitive id="VIP" type="x"/></group></resources></configuration><status><primitive id="no"/></status></cib>`
	if e, err := Find([]byte(cib), "VIP"); err != nil || e == nil || e.SelectAttrValue("type", "") != "x" {
		t.Errorf("%v %v", e, err)
	}
	for _, none := range []string{"no", "g"} {
		if e, err := Find([]byte(cib), none); err != nil || e != nil {
			t.Errorf("%s: %v %v", none, e, err)
		}
	}
	if _, err := Find([]byte("no XML <"), "VIP"); err == nil {
		t.Error("nonsense was read")
	}
}

func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{"20": 20 * time.Second, "20s": 20 * time.Second, "1min": time.Minute, "500ms": time.Second / 2, " 2 m": 2 * time.Minute, "1h": time.Hour} {
		if d, ok := duration(text); !ok || d != want {
			t.Errorf("%q: %v %v", text, d, ok)
		}
	}
	for _, text := range []string{"", "s", "20parsecs", "-"} {
		if _, ok := duration(text); ok {
			t.Errorf("%q was understood", text)
		}
	}
}
