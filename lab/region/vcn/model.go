// SPDX-License-Identifier: Apache-2.0

// Package vcn is the state of a virtual cloud network and the rules by which it
// changes: which address may move to which VNIC, what an ETag is, what a route rule
// does when its target goes away. It knows nothing of HTTP, time or faults.
//
// A [State] is used as an immutable value: Clone it, change the clone, and put the
// clone in its place. A refused change leaves nothing behind, and old states stay
// readable (that is what a stale read shows).
package vcn

import (
	"maps"
	"net/netip"
	"time"
)

// OCIDs, one type for each kind of object.
type (
	SubnetID     string
	VNICID       string
	AddressID    string
	RouteTableID string
	InstanceID   string
	PublicIPID   string
)

// Tags of an object.
type Tags struct {
	Freeform map[string]string         `json:"freeform,omitempty"`
	Defined  map[string]map[string]any `json:"defined,omitempty"`
}

// Subnet is a regional subnet.
type Subnet struct {
	ID         SubnetID
	Name       string
	CIDR, IPv6 netip.Prefix
	// Router is the virtual router's address, RouterMAC what it answers to ARP.
	Router     netip.Addr
	IPv6Router netip.Addr
	RouterMAC  string
	RouteTable RouteTableID
	Created    time.Time
	ETag       string
}

// Prefix returns the subnet's prefix of the family of ip, invalid if it has none.
func (s Subnet) Prefix(ip netip.Addr) netip.Prefix {
	if ip.Is4() {
		return s.CIDR
	}
	return s.IPv6
}

// VNIC is a virtual network interface card.
type VNIC struct {
	ID       VNICID
	Name     string
	Instance InstanceID
	// NIC is the name of the interface inside the machine.
	NIC     string
	Index   int
	Subnet  SubnetID
	MAC     string
	Primary bool
	// IP is the primary private IP; invalid on an IPv6-only VNIC.
	IP                  netip.Addr
	SkipSourceDestCheck bool
	HostnameLabel       string
	RouteTable          RouteTableID
	NSGs                []string
	State               string
	Tags                Tags
	Created             time.Time
	ETag                string
}

// Address is a private IP (IPv4) or an IPv6 address object.
type Address struct {
	ID AddressID
	IP netip.Addr
	// VNIC is empty while nobody holds the address.
	VNIC   VNICID
	Subnet SubnetID
	// Primary is the API's isPrimary; IPv6 addresses are never it.
	Primary bool
	// Own says that the address belongs to the machine and does not float: primary private
	// IPs, and the IPv6 addresses that a VNIC was made with.
	Own           bool
	Lifetime      string
	DisplayName   string
	HostnameLabel string
	RouteTable    RouteTableID
	Tags          Tags
	Created       time.Time
	ETag          string
}

// Lifetimes of an address.
const (
	Ephemeral = "EPHEMERAL"
	Reserved  = "RESERVED"
)

// RouteTable is the route table of a subnet.
type RouteTable struct {
	ID      RouteTableID
	Name    string
	Rules   []RouteRule
	Tags    Tags
	Created time.Time
	ETag    string
}

// RouteRule sends Destination to the private IP with the OCID Target. A rule whose
// target is gone or unassigned black-holes.
type RouteRule struct {
	Destination     netip.Prefix
	DestinationType string
	Target          string
	Description     string
	RouteType       string
}

// Instance is a compute instance. Name is its host name.
type Instance struct {
	ID        InstanceID
	Name      string
	BareMetal bool
	State     string
	Created   time.Time
	ETag      string
}

// PublicIP is a reserved public IP, assigned to a private IP or to nothing.
type PublicIP struct {
	ID      PublicIPID
	Name    string
	IP      netip.Addr
	Private AddressID
	Created time.Time
	ETag    string
}

// Limits and unknowns of the service that a lab may set.
type Limits struct {
	// SecondaryPerVNIC counts the IPv4 addresses besides the primary one.
	SecondaryPerVNIC int
	IPv6PerVNIC      int
	// ETagUnchangedByMove keeps the ETag when only the VNIC of an address changes.
	ETagUnchangedByMove bool
	// AddressInUse, CrossSubnet and TooMany replace the default refusals' status and code.
	AddressInUse, CrossSubnet, TooMany *Refusal
}

// State is everything a region knows about its network.
type State struct {
	Seed, Realm, Region, Compartment string
	// Serial counts changes; new OCIDs and ETags are derived from it.
	Serial      uint64
	Limits      Limits
	Subnets     map[SubnetID]Subnet
	VNICs       map[VNICID]VNIC
	Addresses   map[AddressID]Address
	RouteTables map[RouteTableID]RouteTable
	Instances   map[InstanceID]Instance
	PublicIPs   map[PublicIPID]PublicIP
}

// New returns an empty state.
func New(seed, realm, region, compartment string) *State {
	return &State{
		Seed: seed, Realm: realm, Region: region, Compartment: compartment,
		Limits:  Limits{SecondaryPerVNIC: 64, IPv6PerVNIC: 32},
		Subnets: map[SubnetID]Subnet{}, VNICs: map[VNICID]VNIC{}, Addresses: map[AddressID]Address{},
		RouteTables: map[RouteTableID]RouteTable{}, Instances: map[InstanceID]Instance{}, PublicIPs: map[PublicIPID]PublicIP{},
	}
}

// Clone returns a copy that can be changed without changing s. The objects are
// values; slices and maps inside them are replaced, never written.
func (s *State) Clone() *State {
	c := *s
	c.Subnets, c.VNICs, c.Addresses = maps.Clone(s.Subnets), maps.Clone(s.VNICs), maps.Clone(s.Addresses)
	c.RouteTables, c.Instances, c.PublicIPs = maps.Clone(s.RouteTables), maps.Clone(s.Instances), maps.Clone(s.PublicIPs)
	return &c
}
