// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"net"
	"net/netip"
	"strings"
)

// VNICID is the OCID of a VNIC, ocid1.vnic.<realm>.<region>.<unique>.
type VNICID string

// SubnetID is the OCID of a subnet.
type SubnetID string

// AddressID is the OCID of a private IP (ocid1.privateip....) or of an IPv6
// object (ocid1.ipv6....).
type AddressID string

// IsIPv6 tells the two kinds of address objects apart.
func (id AddressID) IsIPv6() bool { return strings.HasPrefix(string(id), "ocid1.ipv6.") }

// Address is a private address object of a subnet: a PrivateIp (IPv4) or an
// Ipv6 of the API.
type Address struct {
	ID      AddressID
	IP      netip.Addr
	VNIC    VNICID // the VNIC that receives its packets; empty: assigned to none
	Subnet  SubnetID
	Primary bool   // the VNIC's primary IPv4 address, which cannot be moved
	ETag    string // version for if-match; empty when the answer gave none (lists never do)
}

// VNIC is a virtual network card as the API describes it.
type VNIC struct {
	ID                  VNICID
	Subnet              SubnetID
	MAC                 net.HardwareAddr
	PrivateIP           netip.Addr // primary IPv4 address; invalid on an IPv6-only VNIC
	Primary             bool       // the instance's primary VNIC
	SkipSourceDestCheck bool       // must be true on a VNIC that forwards packets
	State               string     // PROVISIONING, AVAILABLE, TERMINATING, TERMINATED
	DisplayName         string
	Hostname            string
	Compartment         string // OCID
}

// Subnet is a subnet of a VCN.
type Subnet struct {
	ID            SubnetID
	CIDRs         []netip.Prefix // all IPv4 blocks, the first one first
	IPv6CIDRs     []netip.Prefix
	VirtualRouter netip.Addr // default gateway
	RouteTable    string     // OCID
	VCN           string     // OCID
	State         string
	DisplayName   string
}

// PublicIP is a public address that hangs on a private one.
type PublicIP struct {
	ID         string // OCID
	IP         netip.Addr
	Lifetime   string // RESERVED or EPHEMERAL
	State      string // ASSIGNED, ASSIGNING, AVAILABLE, ...
	AssignedTo AddressID
}
