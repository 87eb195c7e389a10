// SPDX-License-Identifier: Apache-2.0

package vipcheck

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"ocf-oci/internal/finding"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func TestPolicyRoutingAndSources(t *testing.T) {
	nets := []Network{{addr("10.0.0.100"), "ens3", addr("10.0.0.11"), addr("10.0.0.1")}, {addr("10.1.0.100"), "ens5", addr("10.1.0.11"), addr("10.1.0.1")},
		{addr("fd00:1::100"), "ens5", addr("fd00:1::11"), addr("fe80::1")}}
	zero, zero6 := netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")
	base := []Route{{mainTable, 0, zero, "ens3", addr("10.0.0.1"), netip.Addr{}}, {mainTable, 0, netip.MustParsePrefix("10.1.0.0/24"), "ens5", netip.Addr{}, addr("10.1.0.100")}}
	for name, c := range map[string]struct {
		routes []Route
		rules  []Rule
		want   string
		fix    string
	}{
		"no rule":                {base, nil, "no-policy-routing", "ip route add default via 10.1.0.1 dev ens5 table 1001 && ip rule add from 10.1.0.100 lookup 1001"},
		"rule for the address":   {append(base, Route{7, 0, zero, "ens5", addr("10.1.0.1"), netip.Addr{}}), []Rule{{netip.MustParsePrefix("10.1.0.100/32"), 7}}, "", ""},
		"rule for the network":   {append(base, Route{7, 0, zero, "ens5", addr("10.1.0.1"), netip.Addr{}}), []Rule{{netip.MustParsePrefix("10.1.0.0/24"), 7}}, "", ""},
		"rule for everything":    {append(base, Route{7, 0, zero, "ens5", addr("10.1.0.1"), netip.Addr{}}), []Rule{{zero, 7}}, "no-policy-routing", ""},
		"another's rule":         {append(base, Route{7, 0, zero, "ens5", addr("10.1.0.1"), netip.Addr{}}), []Rule{{netip.MustParsePrefix("10.1.0.11/32"), 7}}, "no-policy-routing", ""},
		"rule to an empty table": {base, []Rule{{netip.MustParsePrefix("10.1.0.100/32"), 7}}, "no-policy-routing", ""},
		"rule that leads astray": {append(base, Route{7, 0, zero, "ens3", addr("10.0.0.1"), netip.Addr{}}), []Rule{{netip.MustParsePrefix("10.1.0.100/32"), 7}}, "no-policy-routing", ""},
		"table taken":            {append(base, Route{1001, 0, zero, "ens3", addr("10.0.0.1"), netip.Addr{}}), nil, "no-policy-routing", "table 1101"},
		"its own default":        {append(base, Route{mainTable, 0, zero6, "ens5", addr("fe80::1"), netip.Addr{}}), []Rule{{netip.MustParsePrefix("10.1.0.100/32"), 7}}, "no-policy-routing", ""},
		"IPv6": {append(base, Route{mainTable, 0, zero6, "ens3", addr("fe80::1"), netip.Addr{}}, Route{7, 0, zero, "ens5", addr("10.1.0.1"), netip.Addr{}}), []Rule{{netip.MustParsePrefix("10.1.0.0/24"), 7}},
			"no-policy-routing", "ip -6 route add default via fe80::1 dev ens5 table 1002 && ip -6 rule add from fd00:1::100 lookup 1002"},
		"lower metric wins":     {append(base, Route{mainTable, 50, zero, "ens5", addr("10.1.0.1"), netip.Addr{}}), nil, "no-policy-routing", ""},
		"no default whatsoever": {base[1:], nil, "", ""},
	} {
		got, fixes := "", ""
		for _, f := range PolicyRouting(nets, c.routes, c.rules) {
			got += f.ID
			fixes += f.Fix
		}
		if got != c.want || !strings.Contains(fixes, c.fix) {
			t.Errorf("%s: %q %q", name, got, fixes)
		}
	}
	for name, c := range map[string]struct {
		route Route
		fix   string
	}{
		"default":         {Route{mainTable, 100, zero, "ens3", addr("10.0.0.1"), addr("10.0.0.100")}, "ip route replace default via 10.0.0.1 dev ens3 metric 100 src 10.0.0.11"},
		"another table":   {Route{7, 0, netip.MustParsePrefix("192.0.2.0/24"), "ens5", addr("10.1.0.1"), addr("10.1.0.100")}, "ip route replace 192.0.2.0/24 via 10.1.0.1 dev ens5 table 7 src 10.1.0.11"},
		"own source":      {Route{mainTable, 0, zero, "ens3", addr("10.0.0.1"), addr("10.0.0.11")}, ""},
		"no source":       {Route{mainTable, 0, zero, "ens3", addr("10.0.0.1"), netip.Addr{}}, ""},
		"kernel's, local": {base[1], ""},
	} {
		got := ""
		for _, f := range FloatingSource(nets, []Route{c.route}) {
			got += f.Fix
		}
		if got != c.fix {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestClock(t *testing.T) {
	now := time.Now()
	for skew, want := range map[time.Duration]finding.Severity{0: "", 20 * time.Second: "", -20 * time.Second: "", time.Minute: finding.Warning, -time.Minute: finding.Warning, 5 * time.Minute: finding.Error, -time.Hour: finding.Error} {
		list := Clock(now.Add(skew), now)
		if want == "" && len(list) != 0 || want != "" && (len(list) != 1 || list[0].Severity != want) {
			t.Errorf("%s: %+v", skew, list)
		}
		if len(list) == 1 && strings.Contains(list[0].Text, "ahead") != (skew > 0) {
			t.Errorf("%s: %s", skew, list[0].Text)
		}
	}
}

func TestProxy(t *testing.T) {
	for name, c := range map[string]struct {
		file, text string
		want       string
	}{
		"none":            {"etc/default/pacemaker", "# HTTPS_PROXY=x\nPCMK_debug=no\n", ""},
		"debian":          {"etc/default/pacemaker", "HTTPS_PROXY=http://p:3128\n", "NO_PROXY=.oraclecloud.com,169.254.169.254 >>"},
		"red hat":         {"etc/sysconfig/pacemaker", "export https_proxy=\"http://p:3128\"\n", "etc/sysconfig/pacemaker"},
		"systemd":         {"etc/systemd/system/pacemaker.service.d/p.conf", "[Service]\nEnvironment=\"HTTPS_PROXY=http://p\"\n", "Environment=NO_PROXY=.oraclecloud.com"},
		"except OCI":      {"etc/default/pacemaker", "HTTPS_PROXY=http://p\nNO_PROXY=localhost,.oraclecloud.com\n", ""},
		"except all":      {"etc/default/pacemaker", "HTTPS_PROXY=http://p\nNO_PROXY=*\n", ""},
		"except another":  {"etc/default/pacemaker", "HTTPS_PROXY=http://p\nno_proxy=localhost\n", "NO_PROXY=localhost,.oraclecloud.com"},
		"for HTTP only":   {"etc/default/pacemaker", "HTTP_PROXY=http://p\n", ""},
		"emptied":         {"etc/default/pacemaker", "HTTPS_PROXY=\n", ""},
		"another service": {"etc/default/cron", "HTTPS_PROXY=http://p\n", ""},
	} {
		list := tree(t, map[string]string{c.file: c.text}).Proxy()
		switch {
		case c.want == "" && len(list) != 0, c.want != "" && (len(list) != 1 || !strings.Contains(list[0].Fix, c.want)):
			t.Errorf("%s: %+v", name, list)
		}
	}
}

func TestSubnets(t *testing.T) {
	within := map[string]netip.Prefix{"v3": netip.MustParsePrefix("10.0.0.0/24"), "v5": netip.MustParsePrefix("10.1.0.0/24"), "v6": {}}
	for name, c := range map[string]struct {
		ip, vnic string
		fix      string
	}{
		"right":                 {"10.0.0.100", "v3", ""},
		"another VNIC's":        {"10.0.0.100", "v5", "pcs resource update VIP vnic="},
		"nobody's":              {"10.9.0.100", "v5", "# attach a VNIC"},
		"not known":             {"10.0.0.100", "elsewhere", ""},
		"metadata do not say":   {"10.0.0.100", "v6", ""},
		"IPv6 is not looked at": {"fd00::1", "v3", ""},
	} {
		list := Subnets("VIP", addr(c.ip), c.vnic, within)
		if c.fix == "" && len(list) != 0 || c.fix != "" && (len(list) != 1 || !strings.HasPrefix(list[0].Fix, c.fix)) {
			t.Errorf("%s: %+v", name, list)
		}
	}
}

func TestCarried(t *testing.T) {
	here := Carrier{"a", netip.MustParsePrefix("10.0.0.100/28"), "ens3"}
	list := Carried("VIP", addr("10.0.0.100"), []string{"b"}, []Carrier{here, {Node: "b"}, {Node: "c"}})
	if len(list) != 2 || list[0].Fix != "ip address del 10.0.0.100/28 dev ens3" || !strings.Contains(list[1].Fix, "# on c: oci-vip check") {
		t.Errorf("%+v", list)
	}
	if list := Carried("VIP", addr("10.0.0.100"), []string{"a"}, []Carrier{here}); list != nil {
		t.Errorf("%+v", list)
	}
	if list := Carried("VIP", addr("10.0.0.100"), nil, []Carrier{here}); len(list) != 1 || !strings.Contains(list[0].Text, "nowhere") {
		t.Errorf("%+v", list)
	}
}
