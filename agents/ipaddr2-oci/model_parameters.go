// SPDX-License-Identifier: Apache-2.0

package main

import "ocf-oci/metadata"

// parameters are those of ocf:heartbeat:IPaddr2 4.12 to 4.18 with the same names and defaults, those in preparation
// there, and our own.
func parameters() []metadata.Parameter {
	all := append(placementParameters(), cloudParameters()...)
	all = append(all, announceParameters()...)
	return append(all, lesserParameters()...)
}

func placementParameters() []metadata.Parameter {
	return []metadata.Parameter{
		{Name: "ip", Required: true, UniqueGroup: "address", Short: "IPv4 or IPv6 address",
			Long: `The floating address, IPv4 (dotted quad) or IPv6. Example: "10.0.0.100".`},
		{Name: "nic", Short: "Network interface",
			Long: `The interface that carries the address. Default: on OCI the interface of the VNIC whose subnet contains the
address, elsewhere the one with the most specific connected route to it. The form "eth0:label" is deprecated; use
iflabel.`},
		{Name: "cidr_netmask", HasDefault: true, Short: "Prefix length",
			Long: `The prefix length with which the address is configured, for example "24", or an IPv4 netmask such as
"255.255.255.0". Default: that of the subnet, or of the connected route.`},
		{Name: "broadcast", HasDefault: true, Short: "Broadcast address",
			Long: `Broadcast address of an IPv4 address; "+" sets all host bits of the prefix, "-" clears them. Default: that of the
address already configured in the same network, if there is one.`},
		{Name: "iflabel", HasDefault: true, Short: "Interface label",
			Long: `Label of an IPv4 address: it is shown as NIC:LABEL by old tools and may have 15 characters with the interface's
name and the colon.`},
		{Name: "proto", HasDefault: true, Short: "Origin of the routes used to find the interface",
			Long: `Only routes with this origin (kernel, static, dhcp, ra ..., or a number) are looked at when interface and prefix
length are found by the routing table. Default: all.`},
		{Name: "noprefixroute", Default: "false", HasDefault: true, Short: "Do not make a route for the prefix",
			Long: `The kernel adds no route for the address's prefix.`},
		{Name: "metric", Short: "Metric of the prefix's route",
			Long: `Metric of the route that the kernel adds for the address's prefix. Default: the kernel's.`},
		{Name: "preferred_lft", Default: "forever", HasDefault: true, Short: "Preferred lifetime of an IPv6 address",
			Long: `Seconds for which an IPv6 address is preferred as a source address (RFC 4862, 5.5.4), or "forever". With 0 the
address is never chosen as the source of a new connection.`},
		{Name: "nodad", Default: "false", HasDefault: true, Short: "Skip duplicate address detection of an IPv6 address",
			Long: `Adds the IPv6 address without duplicate address detection. On OCI it is always skipped: there the VCN alone
decides who has an address.`},
		{Name: "check_link_status", Type: metadata.Boolean, Default: "true", HasDefault: true, Reloadable: true, Short: "Count an interface without link as a failure",
			Long: `An address on an interface that is down or has no link counts as not running.`},
		{Name: "network_namespace", HasDefault: true, Short: "Network namespace",
			Long: `The network namespace to work in. It must exist, with the interface in it.`},
	}
}

func announceParameters() []metadata.Parameter {
	return []metadata.Parameter{
		{Name: "arp_interval", Type: metadata.Integer, Default: "200", HasDefault: true, Reloadable: true, Short: "Milliseconds between announcements",
			Long: `Time between two announcements (gratuitous ARP, unsolicited neighbour advertisements).`},
		{Name: "arp_count", Type: metadata.Integer, Default: "5", HasDefault: true, Reloadable: true, Short: "Number of announcements at start",
			Long: `How often the neighbours are told at start. For IPv4 each announcement is an ARP request and a reply. More than a
second after them one more follows, because Linux neighbours ignore changes within a second of the last one.`},
		{Name: "arp_count_refresh", Type: metadata.Integer, Default: "0", HasDefault: true, Reloadable: true, Short: "Number of announcements in each monitor",
			Long: `How often each successful recurring monitor tells the neighbours again, for both families.`},
		{Name: "arp_bg", HasDefault: true, Reloadable: true, Short: "Announce in the background",
			Long: `With "false" start waits until everything is announced. Default: the first announcement is sent before start
returns, the others by a process of its own that stop ends.`},
		{Name: "arp_targets", Reloadable: true, Short: "Hosts that are told directly",
			Long: `Addresses of neighbours, separated by spaces or commas, that each get a request addressed to them as well: some
firewalls and gateways learn from nothing else.`},
		{Name: "run_arping", Short: "Look for another owner before an IPv4 address is added",
			Long: `Asks the network by ARP whether another host has the address (RFC 5227); if so start fails with 1 and names the
host's MAC address. "true" waits two seconds for an answer, "false" does not ask. Default: a fifth of a second. It is
never asked on OCI, where the VCN alone decides who has an address.`},
		{Name: "arp_sender", HasDefault: true, Reloadable: true, Short: "Program for announcements (no effect)",
			Long: `Accepted for compatibility (send_arp, ipoibarping, iputils_arping, libnet_arping): announcements need no program.`},
		{Name: "send_arp_opts", HasDefault: true, Reloadable: true, Short: "Options for that program (no effect)",
			Long: `Accepted for compatibility: requests and replies are sent both.`},
	}
}

func lesserParameters() []metadata.Parameter {
	return []metadata.Parameter{
		{Name: "lvs_support", Type: metadata.Boolean, Default: "false", HasDefault: true, Short: "LVS direct routing, IPv4",
			Long: `start takes the address from lo, where a real server of an LVS carries it, and stop puts it back there.`},
		{Name: "lvs_ipv6_addrlabel", Type: metadata.Boolean, Default: "true", HasDefault: true, Short: "Do not use an IPv6 address as source",
			Long: `Puts an IPv6 address into a class of its own in the address policy table (RFC 6724), so that the node's own
connections do not use it as their source.`},
		{Name: "lvs_ipv6_addrlabel_value", Type: metadata.Integer, Default: "99", HasDefault: true, Short: "Number of that class",
			Long: `A number that "ip addrlabel list" does not show.`},
		{Name: "unique_clone_address", Type: metadata.Boolean, Default: "false", HasDefault: true, Short: "One address for each clone instance",
			Long: `In a clone with globally-unique=true the number of the instance is added to the last byte of an IPv4 address.`},
		{Name: "flush_routes", Type: metadata.Boolean, Default: "false", HasDefault: true, Reloadable: true, Short: "Flush the kernel's route cache on stop",
			Long: `Makes programs on this node that used the address locally look for it on the network at once.`},
		{Name: "kill_connections_on_stop", Type: metadata.Boolean, Default: "false", HasDefault: true, Reloadable: true, Short: "Reset TCP connections of the address on stop",
			Long: `stop resets this node's TCP connections of the address, so that their peers connect anew instead of waiting.`},
		{Name: "mac", HasDefault: true, Short: "MAC address of a cluster IP (no effect)", Long: noClusterIP},
		{Name: "clusterip_hash", Default: "sourceip-sourceport", HasDefault: true, Short: "Hash of a cluster IP (no effect)", Long: noClusterIP},
		{Name: "clusterip_firewall", Default: "auto", HasDefault: true, Short: "Firewall of a cluster IP (no effect)", Long: noClusterIP},
		{Name: "clusterip_hash_seed", HasDefault: true, Short: "Hash seed of a cluster IP (no effect)", Long: noClusterIP},
		{Name: "clusterip_table", Default: "mangle", HasDefault: true, Short: "Table of a cluster IP (no effect)", Long: noClusterIP},
		{Name: "clusterip_chain", Default: "PREROUTING", HasDefault: true, Short: "Chain of a cluster IP (no effect)", Long: noClusterIP},
		{Name: "clusterip_mac_mangle", Type: metadata.Boolean, Default: "false", HasDefault: true, Short: "ARP replies of a cluster IP (no effect)", Long: noClusterIP},
		{Name: "trace_ra", Type: metadata.Boolean, Reloadable: true, Short: "Trace decisions, netlink operations and API requests",
			Long: `Writes a structured trace of the action, without secrets.`},
		{Name: "trace_file", Reloadable: true, Short: "File for the trace", Long: `Absolute path of the trace file. Default: a new file in trace_dir for each action.`},
		{Name: "trace_dir", Reloadable: true, Short: "Directory for traces", Long: `Directory for trace files. Default: /var/lib/heartbeat/trace_ra.`},
		{Name: "netmask", Hidden: true, Short: "Old name of cidr_netmask"},
		{Name: "arp_mac", Hidden: true, Short: "Target MAC address of announcements, of old versions"},
	}
}

const noClusterIP = `Accepted for compatibility. The kernel's cluster IP target is gone, and with it the mode in which nodes share one
address: a clone with globally-unique=true is refused unless unique_clone_address is true.`
