// SPDX-License-Identifier: Apache-2.0

package lab

import (
	"fmt"
	"net/netip"
	"strings"

	"ocf-oci/lab/probe"
)

// Scenario names a ready-made topology.
type Scenario string

// The scenarios.
const (
	// Router: nodes vrouter1..K between an ISV and a POD network of a cloud region, host isv and host pod.
	Router Scenario = "router"
	// Plain: nodes node1..K and host client on one layer 2 network, no cloud.
	Plain Scenario = "plain"
	// NGCP: the pair sp1, sp2 of the NGCP handbook with its ping nodes, layer 2 networks, no cloud.
	NGCP Scenario = "ngcp"
)

// maxNodes fits .11 to .40 into the scenarios' networks.
const maxNodes = 30

// Topology is what a scenario consists of.
type Topology struct {
	Cloud    bool // a region with its API decides who owns an address; else layer 2
	Subnets  []Network
	Nodes    []Machine // cluster nodes
	Hosts    []Machine // plain namespaces
	Floating []Floating
	// Streams are what a packet recorder sends by default.
	Streams []Stream
}

// Network is a subnet with its route rules.
type Network struct {
	Name   string
	CIDR   netip.Prefix
	IPv6   netip.Prefix // may be invalid
	Router netip.Addr   // invalid: the first address
	Routes []Route
}

// Route is a rule of a network's route table: destination to private IP.
type Route struct {
	Destination netip.Prefix
	Via         netip.Addr
}

// Machine is a node or a host. The first card is its primary one.
type Machine struct {
	Name   string
	Cards  []Card
	Router bool // forwards packets
	// Address is the one that cluster nodes know it by.
	Address netip.Addr
}

// Card is a network card with its primary addresses.
type Card struct {
	Device  string
	Network string
	IP      netip.Addr
	IPv6    netip.Addr // may be invalid
}

// Floating is an address that moves between nodes. Node has it at first; "" is nobody.
type Floating struct {
	IP      netip.Addr
	Network string
	Node    string
}

// Stream is a series of echo requests from a host (or node) to an address.
type Stream = probe.Stream

// ParseStream reads NAME=HOST:ADDRESS.
func ParseStream(s string) (Stream, error) {
	name, rest, ok := strings.Cut(s, "=")
	host, address, ok2 := strings.Cut(rest, ":")
	to, err := netip.ParseAddr(address)
	if !ok || !ok2 || err != nil || name == "" {
		return Stream{}, fmt.Errorf("stream %q: write NAME=HOST:ADDRESS, such as to_address=isv:10.0.0.100", s)
	}
	return Stream{Name: name, Host: host, To: to}, nil
}

// FormatStream is the inverse of ParseStream.
func FormatStream(s Stream) string { return fmt.Sprintf("%s=%s:%s", s.Name, s.Host, s.To) }

// topology makes the topology of a scenario with k nodes (0: the scenario's own number).
func topology(s Scenario, k int) (Topology, error) {
	make, ok := map[Scenario]func(int) Topology{Router: routerTopology, Plain: plainTopology, NGCP: ngcpTopology}[s]
	if !ok {
		return Topology{}, fmt.Errorf("scenario %q is unknown: use router, plain or ngcp", s)
	}
	if k == 0 {
		k = map[Scenario]int{Router: 3, Plain: 2, NGCP: 2}[s]
	}
	if s == NGCP && k != 2 {
		return Topology{}, fmt.Errorf("scenario ngcp has 2 nodes, not %d: it is the handbook's pair", k)
	}
	if k < 1 || k > maxNodes {
		return Topology{}, fmt.Errorf("%d nodes: use 1 to %d", k, maxNodes)
	}
	return make(k), nil
}

// routerTopology is that of "ISV Implementation Details - Part 4A": virtual routers between two networks whose
// route tables lead to the routers' floating addresses.
func routerTopology(k int) Topology {
	isv, pod := prefix("10.0.0.0/24"), prefix("10.1.0.0/24")
	isv6, pod6 := prefix("2001:db8:0:10::/64"), prefix("2001:db8:0:11::/64")
	isvFloat, podFloat := nth(isv, 100), nth(pod, 100)
	isvFloat6, podFloat6 := nth(isv6, 0x100), nth(pod6, 0x100)
	t := Topology{
		Cloud: true,
		Subnets: []Network{
			{Name: "isv", CIDR: isv, IPv6: isv6, Routes: []Route{{pod, isvFloat}, {pod6, isvFloat6}}},
			{Name: "pod", CIDR: pod, IPv6: pod6, Routes: []Route{{isv, podFloat}, {isv6, podFloat6}}},
		},
		Hosts: []Machine{
			{Name: "isv", Cards: []Card{{Device: "ens3", Network: "isv", IP: nth(isv, 50), IPv6: nth(isv6, 0x50)}}},
			{Name: "pod", Cards: []Card{{Device: "ens3", Network: "pod", IP: nth(pod, 50), IPv6: nth(pod6, 0x50)}}},
		},
		Floating: []Floating{
			{isvFloat, "isv", "vrouter1"}, {podFloat, "pod", "vrouter1"},
			{isvFloat6, "isv", "vrouter1"}, {podFloat6, "pod", "vrouter1"},
		},
		Streams: []Stream{
			{Name: "to_address", Host: "isv", To: isvFloat},
			{Name: "through_router", Host: "isv", To: nth(pod, 50)},
			{Name: "through_router_back", Host: "pod", To: nth(isv, 50)},
		},
	}
	for i := 1; i <= k; i++ {
		t.Nodes = append(t.Nodes, Machine{
			Name: fmt.Sprintf("vrouter%d", i), Router: true, Address: nth(isv, 10+i),
			Cards: []Card{
				{Device: "ens3", Network: "isv", IP: nth(isv, 10+i), IPv6: nth(isv6, 0x10+i)},
				{Device: "ens5", Network: "pod", IP: nth(pod, 10+i), IPv6: nth(pod6, 0x10+i)},
			},
		})
	}
	return t
}

func plainTopology(k int) Topology {
	lan, lan6 := prefix("10.0.0.0/24"), prefix("2001:db8:0:10::/64")
	t := Topology{
		Subnets: []Network{{Name: "lan", CIDR: lan, IPv6: lan6}},
		Hosts: []Machine{
			{Name: "client", Cards: []Card{{Device: "eth0", Network: "lan", IP: nth(lan, 50), IPv6: nth(lan6, 0x50)}}},
		},
		Floating: []Floating{{IP: nth(lan, 100), Network: "lan"}, {IP: nth(lan6, 0x100), Network: "lan"}},
		Streams:  []Stream{{Name: "to_address", Host: "client", To: nth(lan, 100)}},
	}
	for i := 1; i <= k; i++ {
		t.Nodes = append(t.Nodes, Machine{
			Name: fmt.Sprintf("node%d", i), Address: nth(lan, 10+i),
			Cards: []Card{{Device: "eth0", Network: "lan", IP: nth(lan, 10+i), IPv6: nth(lan6, 0x10+i)}},
		})
	}
	return t
}

// ngcpTopology is that of the NGCP handbook's chapter on pacemaker: shared addresses on eth1 and eth2, and ping
// nodes 10.15.20.30 (on the management network) and 192.168.211.1 (behind the default router).
func ngcpTopology(int) Topology {
	mgmt, ha, ext, far := prefix("10.15.20.0/24"), prefix("192.168.255.0/24"), prefix("192.168.1.0/24"), prefix("192.168.211.0/24")
	t := Topology{
		Subnets: []Network{
			{Name: "mgmt", CIDR: mgmt}, {Name: "ha", CIDR: ha}, {Name: "ext", CIDR: ext},
			{Name: "far", CIDR: far, Router: nth(far, 254)},
		},
		Hosts: []Machine{
			{Name: "ping1", Cards: []Card{{Device: "eth0", Network: "mgmt", IP: nth(mgmt, 30)}}},
			{Name: "ping2", Cards: []Card{{Device: "eth0", Network: "far", IP: nth(far, 1)}}},
			{Name: "client", Cards: []Card{{Device: "eth0", Network: "ext", IP: nth(ext, 50)}}},
		},
		Floating: []Floating{{IP: nth(ha, 250), Network: "ha"}, {IP: nth(ext, 161), Network: "ext"}},
		Streams:  []Stream{{Name: "to_address", Host: "client", To: nth(ext, 161)}},
	}
	for i := 1; i <= 2; i++ {
		t.Nodes = append(t.Nodes, Machine{
			Name: fmt.Sprintf("sp%d", i), Address: nth(ha, 250+i),
			Cards: []Card{
				{Device: "eth0", Network: "mgmt", IP: nth(mgmt, 10+i)},
				{Device: "eth1", Network: "ha", IP: nth(ha, 250+i)},
				{Device: "eth2", Network: "ext", IP: nth(ext, 161+i)},
			},
		})
	}
	return t
}

// network finds a subnet by name.
func (t Topology) network(name string) Network {
	for _, n := range t.Subnets {
		if n.Name == name {
			return n
		}
	}
	return Network{}
}

// machines are nodes and hosts.
func (t Topology) machines() []Machine { return append(append([]Machine(nil), t.Nodes...), t.Hosts...) }

// names lists machines for messages.
func names(ms []Machine) string {
	var s []string
	for _, m := range ms {
		s = append(s, m.Name)
	}
	return strings.Join(s, ", ")
}

func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

// nth is the address number i of a network (i up to 65535).
func nth(p netip.Prefix, i int) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	b[len(b)-1] += byte(i)
	b[len(b)-2] += byte(i >> 8)
	a, _ := netip.AddrFromSlice(b)
	return a
}
