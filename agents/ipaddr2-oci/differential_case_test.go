// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// trial is one random definition and the state that it meets.
type trial struct {
	seed       uint64
	parameters []string
	prepare    []string // `ip -batch` lines
	ip         string   // as the kernel spells it; empty if it is no address
	stray      bool     // the address is somewhere at the beginning that the definition does not ask for
	linkDown   bool
	noRoute    bool // no connected network contains the address
}

// String is what a reader needs to repeat it.
func (c trial) String() string {
	return fmt.Sprintf("seed %d: %s; before: %s", c.seed, strings.Join(c.parameters, " "), strings.Join(c.prepare, "; "))
}

func (c trial) value(name string) string {
	for _, p := range c.parameters {
		if v, ok := strings.CutPrefix(p, name+"="); ok {
			return v
		}
	}
	return ""
}

// newTrial makes the trial of a seed. Most are good definitions; few have something wrong with them.
func newTrial(seed uint64) trial {
	r := rand.New(rand.NewPCG(seed, 0))
	c := trial{seed: seed}
	one := func(choices ...string) string { return choices[r.IntN(len(choices))] }
	chance := func(percent int) bool { return r.IntN(100) < percent }
	give := func(name, value string) { c.parameters = append(c.parameters, name+"="+value) }
	v6 := chance(30)
	home := "eth0"
	if v6 {
		spelling := one("2001:db8::100", "2001:DB8:0:0:0:0:0:100", "2001:db8:0::0100", "2001:db8::200")
		c.ip = one("2001:db8::100")
		if spelling == "2001:db8::200" {
			c.ip = spelling
		}
		give("ip", spelling)
		give("nodad", one("true", "true", "yes", "1"))
	} else {
		c.ip = one("10.0.0.100", "10.0.0.100", "10.0.0.7", "10.1.0.100", "127.0.0.3")
		give("ip", c.ip)
		home = map[string]string{"10.1.0.100": "eth1", "127.0.0.3": "lo"}[c.ip]
		if home == "" {
			home = "eth0"
		}
	}
	c.randomPlace(r, home, v6)
	c.randomRest(one, chance, v6)
	c.randomFault(r, one, chance, v6)
	c.randomState(r, home, v6)
	return c
}

func (c *trial) randomPlace(r *rand.Rand, home string, v6 bool) {
	give := func(name, value string) { c.parameters = append(c.parameters, name+"="+value) }
	label := ""
	if !v6 && r.IntN(4) == 0 {
		label = []string{"lab", "x", "vip1"}[r.IntN(3)]
	}
	switch r.IntN(4) {
	case 0:
		give("nic", home)
	case 1:
		if label != "" {
			give("nic", home+":"+label)
			label = ""
		}
	}
	if label != "" {
		give("iflabel", label)
	}
	if r.IntN(2) == 0 {
		name := []string{"cidr_netmask", "cidr_netmask", "cidr_netmask", "netmask"}[r.IntN(4)]
		bits := []string{"24", "24", "28", "32", "255.255.255.0", "255.255.255.240"}[r.IntN(6)]
		if v6 {
			bits = []string{"64", "64", "80", "128"}[r.IntN(4)]
		}
		give(name, bits)
	}
	if !v6 && r.IntN(4) == 0 {
		give("broadcast", []string{"+", "-", "10.0.0.255", "10.0.255.255"}[r.IntN(4)])
	}
}

func (c *trial) randomRest(one func(...string) string, chance func(int) bool, v6 bool) {
	give := func(name, value string) { c.parameters = append(c.parameters, name+"="+value) }
	give("arp_count", "1")
	give("arp_interval", "20")
	if chance(95) {
		give("run_arping", "false")
	}
	if chance(15) {
		give("noprefixroute", one("true", "false"))
	}
	if chance(15) {
		give("flush_routes", one("true", "no"))
	}
	if v6 && chance(20) {
		give("preferred_lft", one("0", "forever", "1000"))
	}
	if chance(5) {
		give("arp_sender", one("send_arp", "iputils_arping"))
	}
	if chance(10) {
		give("send_arp_opts", "")
	}
	if chance(10) {
		give("arp_bg", one("true", "true", "true", "false"))
	}
	if !v6 && chance(8) {
		give("unique_clone_address", "true")
		give("CRM_meta_globally_unique", "true")
		give("CRM_meta_clone", "0")
	}
}

// randomFault spoils a parameter.
func (c *trial) randomFault(r *rand.Rand, one func(...string) string, chance func(int) bool, v6 bool) {
	if !chance(4) {
		return
	}
	spoil := func(name, value string) {
		for i, p := range c.parameters {
			if strings.HasPrefix(p, name+"=") {
				c.parameters[i] = name + "=" + value
				return
			}
		}
		c.parameters = append(c.parameters, name+"="+value)
	}
	switch r.IntN(8) {
	case 0:
		spoil("ip", one("not_an_address", "", "10.0.0.300", "1:2:3", "10.0.0.100/24"))
		c.ip = ""
	case 1:
		spoil("nic", "nosuch")
	case 2:
		spoil("cidr_netmask", one("x", "0", "129", "255.0.255.0"))
	case 3:
		spoil("arp_count", one("0", "x", ""))
	case 4:
		spoil("arp_sender", "foo")
	case 5:
		spoil("unique_clone_address", "true")
		spoil("CRM_meta_globally_unique", "false")
	case 6:
		spoil("iflabel", "averylonglabelindeed")
	case 7: // no route
		c.ip, c.noRoute = "10.200.0.1", true
		if v6 {
			c.ip = "2001:db8:5::1"
		}
		spoil("ip", c.ip)
	}
}

// randomState is what is configured before.
func (c *trial) randomState(r *rand.Rand, home string, v6 bool) {
	before := func(line string) { c.prepare = append(c.prepare, line) }
	other := map[string]string{"eth0": "eth1", "eth1": "eth0", "lo": "eth0"}[home]
	switch r.IntN(50) {
	case 0, 1, 2, 11, 12, 13: // a second address of the network
		if v6 {
			before("addr add 2001:db8::50/64 dev eth0 nodad")
		} else {
			before("addr add 10.0.0.50/24 dev eth0")
		}
	case 3, 4, 5, 14, 15, 16:
		before("addr add 10.0.0.60/28 dev eth0 label eth0:old")
	case 6, 7, 17, 18, 19:
		before("route add 10.77.0.0/16 via 10.0.0.9")
	case 8: // the address, with another prefix length
		if c.ip != "" && home != "lo" {
			c.stray = true
			before(fmt.Sprintf("addr add %s/%d dev %s", c.ip, map[bool]int{false: 30, true: 120}[v6], home) + map[bool]string{true: " nodad"}[v6])
		}
	case 9: // the address, on another interface
		if c.ip != "" && home != "lo" {
			c.stray = true
			before(fmt.Sprintf("addr add %s/%d dev %s", c.ip, map[bool]int{false: 32, true: 128}[v6], other) + map[bool]string{true: " nodad"}[v6])
		}
	case 10, 20: // no link; seen by us only unless told not to
		if home == "eth1" {
			c.linkDown = true
			c.parameters = slices.DeleteFunc(c.parameters, func(p string) bool { return p == "arp_bg=false" })
			c.parameters = append(c.parameters, "check_link_status="+[]string{"false", "false", "true"}[r.IntN(3)])
		}
	}
}
