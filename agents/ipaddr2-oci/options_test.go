// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	"ocf-oci/internal/ocf"
)

// Every parameter with its effect in the operating system, and the way back.
func TestEveryOptionHasItsEffect(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	agent := install(t)
	v4, v6 := "ip=10.0.0.100", "ip=2001:db8::100"
	for _, c := range []struct {
		name       string
		parameters []string
		prepare    string
		shows      []string // commands whose output has the text after "|"
		undone     []string // the same, must not have it after stop
	}{
		{"discovery by the routing table", []string{v4}, "", []string{"ip addr show eth0|inet 10.0.0.100/24 brd 10.0.0.255"}, nil},
		{"no broadcast next door", []string{"ip=10.1.0.100"}, "", []string{"ip addr show eth1|inet 10.1.0.100/24 scope"}, nil},
		{"dotted netmask", []string{v4, "cidr_netmask=255.255.255.240"}, "", []string{"ip addr show eth0|10.0.0.100/28"}, nil},
		{"old name of the netmask", []string{v4, "netmask=28"}, "", []string{"ip addr show eth0|10.0.0.100/28"}, nil},
		{"broadcast +", []string{v4, "cidr_netmask=28", "broadcast=+"}, "", []string{"ip addr show eth0|10.0.0.100/28 brd 10.0.0.111"}, nil},
		{"broadcast -", []string{v4, "cidr_netmask=28", "broadcast=-"}, "", []string{"ip addr show eth0|10.0.0.100/28 brd 10.0.0.96"}, nil},
		{"broadcast given", []string{v4, "broadcast=10.0.255.255"}, "", []string{"ip addr show eth0|10.0.0.100/24 brd 10.0.255.255"}, nil},
		{"iflabel", []string{v4, "iflabel=lab"}, "", []string{"ip addr show eth0|global secondary eth0:lab"}, nil},
		{"label in nic wins", []string{v4, "nic=eth0:own", "iflabel=lab"}, "", []string{"ip addr show eth0|global secondary eth0:own"}, nil},
		{"noprefixroute", []string{"ip=10.7.0.1", "nic=eth0", "cidr_netmask=24", "noprefixroute=true"}, "",
			[]string{"ip addr show eth0|10.7.0.1/24 scope global noprefixroute", "ip route list; echo -10.7-|-10.7-"}, nil},
		{"metric", []string{"ip=10.7.0.1", "nic=eth0", "cidr_netmask=24", "metric=77"}, "", []string{"ip route list|10.7.0.0/24 dev eth0 proto kernel scope link src 10.7.0.1 metric 77"},
			[]string{"ip route list|10.7.0.0"}},
		{"proto", []string{"ip=10.8.0.1", "proto=static"}, "ip route replace 10.8.0.0/16 dev eth1 proto static scope link; ip route replace 10.8.0.0/24 dev eth0 proto dhcp scope link",
			[]string{"ip addr show eth1|10.8.0.1/16"}, nil},
		{"IPv6, another spelling", []string{"ip=2001:DB8:0:0::100"}, "", []string{"ip -6 addr show eth0|2001:db8::100/64 scope global", "ip addrlabel list|prefix 2001:db8::100/128 label 99"},
			[]string{"ip addrlabel list|label 99"}},
		{"addrlabel value", []string{v6, "nodad=true", "lvs_ipv6_addrlabel_value=7777"}, "", []string{"ip addrlabel list|prefix 2001:db8::100/128 label 7777"}, []string{"ip addrlabel list|label 7777"}},
		{"addrlabel off", []string{v6, "nodad=true", "lvs_ipv6_addrlabel=false"}, "", []string{"ip addrlabel list; echo none|none"}, nil},
		{"preferred lifetime", []string{v6, "nodad=true", "preferred_lft=0"}, "", []string{"ip -6 addr show eth0|nodad deprecated", "ip -6 addr show eth0|preferred_lft 0sec"}, nil},
		{"nodad", []string{v6, "nodad=true"}, "", []string{"ip -6 addr show eth0|2001:db8::100/64 scope global nodad"}, nil},
		{"link-local with nic", []string{"ip=fe80::100", "nic=eth0", "cidr_netmask=64"}, "", []string{"ip -6 addr show eth0|fe80::100/64"}, nil},
		{"link down and it does not matter", []string{"ip=10.1.0.100", "check_link_status=false"}, "ip -n peer link set e1 down", []string{"ip addr show eth1|10.1.0.100/24"}, nil},
		{"loopback network", []string{"ip=127.0.0.3"}, "", []string{"ip addr show lo|127.0.0.3/8"}, nil},
		{"clone instance", []string{v4, "unique_clone_address=true", "CRM_meta_globally_unique=true", "CRM_meta_clone_max=4", "CRM_meta_clone=3"}, "",
			[]string{"ip addr show eth0|10.0.0.103/24"}, nil},
		{"LVS", []string{v4, "lvs_support=true"}, "ip addr add 10.0.0.100/32 dev lo", []string{"ip addr show eth0|10.0.0.100/24", "ip addr show lo; echo -|-"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.prepare != "" {
				sh(t, c.prepare)
			}
			i := newInstance(agent, c.parameters...)
			i.want(t, 0, "start")
			for _, s := range c.shows {
				command, text, _ := strings.Cut(s, "|")
				if out := sh(t, command); !strings.Contains(out, text) {
					t.Errorf("%s does not show %q:\n%s", command, text, out)
				}
			}
			i.want(t, 0, "monitor")
			i.want(t, 0, "stop")
			i.want(t, 7, "probe")
			for _, s := range c.undone {
				command, text, _ := strings.Cut(s, "|")
				if out := sh(t, command); strings.Contains(out, text) {
					t.Errorf("%s still shows %q:\n%s", command, text, out)
				}
			}
			sh(t, "ip -n peer link set e1 up")
		})
	}
	if out := sh(t, "ip addr show lo"); !strings.Contains(out, "10.0.0.100/32") {
		t.Errorf("lvs_support did not put the address back on lo:\n%s", out)
	}
}

func TestOptionsThatAreRefused(t *testing.T) {
	for _, c := range []struct {
		reason     *ocf.Reason
		parameters []string
	}{
		{reasonClusterIP, []string{"CRM_meta_globally_unique=true", "CRM_meta_clone_max=2"}},
		{reasonBadParameter, []string{"arp_count=0"}},
		{reasonBadParameter, []string{"arp_count="}},
		{reasonBadParameter, []string{"arp_interval=0"}},
		{reasonBadParameter, []string{"arp_sender=foo"}},
		{reasonBadParameter, []string{"arp_targets=nobody"}},
		{reasonBadParameter, []string{"preferred_lft="}},
		{reasonBadParameter, []string{"broadcast=everybody"}},
		{reasonBadParameter, []string{"proto=nonsense"}},
		{reasonBadParameter, []string{"iflabel=abcdefghijklmno"}},
		{reasonBadParameter, []string{"nic=eth0", "iflabel=abcdefghijk"}},
		{reasonBadParameter, []string{"unique_clone_address=true"}},
		{reasonBadParameter, []string{"unique_clone_address=true", "CRM_meta_globally_unique=true", "ip=10.0.0.254", "CRM_meta_clone=3"}},
		{reasonBadParameter, []string{"CRM_meta_clone_max=0"}},
		{reasonBadParameter, []string{"ip=fe80::1"}},
		{reasonBadParameter, []string{"ip=2001:db8::1", "lvs_support=true"}},
		{reasonBadParameter, []string{"ip=2001:db8::1", "lvs_ipv6_addrlabel_value=-1"}},
		{reasonBadParameter, []string{"ip=1:2:3"}},
		{reasonBadParameter, []string{"ip=10.9.00.5"}},
		{reasonBadParameter, []string{"cidr_netmask=255.0.255.0"}},
		{reasonBadParameter, []string{"network_namespace=../x"}},
		{nil, []string{"CRM_meta_globally_unique=false", "CRM_meta_clone_max=2"}}, // an address on lo of every LVS real server
		{nil, []string{"mac=01:00:5e:00:00:01", "clusterip_hash=sourceip", "arp_mac=ffffffffffff"}},
		{nil, []string{"ip=2001:db8::1", "lvs_ipv6_addrlabel=false", "lvs_ipv6_addrlabel_value=x"}},
	} {
		i := newInstance("", append([]string{"ip=10.0.0.100"}, c.parameters...)...)
		cfg := read(ocf.NewRequest(model(), "start", i.env))
		switch {
		case c.reason == nil && len(cfg.problems) > 0:
			t.Errorf("%v: %v", c.parameters, cfg.problems[0].result.Text)
		case c.reason != nil && (len(cfg.problems) != 1 || cfg.problems[0].result.Reason != c.reason || cfg.problems[0].result.Code != ocf.ErrConfigured):
			t.Errorf("%v: want %s, got %+v", c.parameters, c.reason.ID, cfg.problems)
		}
	}
}

// What was given and does nothing is said.
func TestOptionsThatCannotApplyAreSaid(t *testing.T) {
	for _, p := range []string{"mac=01:00:5e:00:00:01", "clusterip_hash=sourceip", "arp_mac=ffffffffffff", "send_arp_opts=-b", "arp_sender=iputils_arping"} {
		cfg := read(ocf.NewRequest(model(), "start", newInstance("", "ip=10.0.0.100", p).env))
		name, _, _ := strings.Cut(p, "=")
		if len(cfg.notes) != 1 || !strings.Contains(cfg.notes[0], name) {
			t.Errorf("%s: %q", p, cfg.notes)
		}
	}
}
