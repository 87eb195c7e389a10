// SPDX-License-Identifier: Apache-2.0

package adoption

import (
	"fmt"
	"slices"
	"strings"
)

// Agents are those that can be converted.
var Agents = []string{"ocf:heartbeat:IPaddr2", "ocf:heartbeat:IPaddr", "ocf:heartbeat:IPv6addr", "ocf:heartbeat:ocivip"}

// Target is the agent that they become.
const Target = "ocf:oci:IPaddr2"

// Mapped are the parameters of ocf:oci:IPaddr2 that mean the same as another agent's.
type Mapped struct {
	Params map[string]string
	Notes  []string // parameters that have no effect any more
	// Problems are parameters whose effect would be lost.
	Problems []string
}

// renamed are the parameters that have another name with us; empty: no effect that anybody would miss.
var renamed = map[string]map[string]string{
	"ocf:heartbeat:IPaddr": {"netmask": "cidr_netmask", "ARP_INTERVAL_MS": "arp_interval", "ARP_REPEAT": "arp_count",
		"ARP_BACKGROUND": "arp_bg", "ARP_NETMASK": ""},
	"ocf:heartbeat:IPv6addr": {"ipv6addr": "ip"},
	"ocf:heartbeat:ocivip":   {"secondary_private_ip": "ip", "interface_alias": "iflabel", "ocicli": "", "api_delay": ""},
}

// same are the parameters that these agents share with us by name and effect.
var same = []string{"ip", "nic", "cidr_netmask", "broadcast", "iflabel", "lvs_support", "trace_ra", "trace_file", "trace_dir"}

// Map translates the parameters of an agent. IPaddr2's are all known to us under their names.
func Map(agent string, params map[string]string) Mapped {
	m := Mapped{Params: map[string]string{}}
	for name, value := range params {
		to, other := renamed[agent][name]
		switch {
		case other && to == "":
			m.Notes = append(m.Notes, fmt.Sprintf("parameter %s=%s has no effect any more", name, value))
		case other:
			m.Params[to] = value
		case agent == "ocf:heartbeat:IPaddr2", slices.Contains(same, name):
			m.Params[name] = value
		default:
			m.Problems = append(m.Problems, fmt.Sprintf("parameter %s=%s has no counterpart; remove it first if its effect is not needed", name, value))
		}
	}
	if ip, bits, ok := strings.Cut(m.Params["ip"], "/"); ok { // IPv6addr takes it that way
		m.Params["ip"] = ip
		if m.Params["cidr_netmask"] == "" {
			m.Params["cidr_netmask"] = bits
		}
	}
	slices.Sort(m.Notes)
	slices.Sort(m.Problems)
	return m
}
