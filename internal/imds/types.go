// SPDX-License-Identifier: Apache-2.0

package imds

import (
	"net"
	"net/netip"
)

// VNIC is one virtual network card of this instance, as vnics/ lists it.
//
// The service names only a VNIC's primary private address: whether a secondary
// (floating) address is mapped here cannot be learned from it.
type VNIC struct {
	ID            string           // OCID, ocid1.vnic....
	MAC           net.HardwareAddr // nil if the service gave none that parses; upper and lower case are the same value
	PrivateIP     netip.Addr       // primary IPv4 address; invalid on a VNIC that has only IPv6
	SubnetCIDR    netip.Prefix     // IPv4 CIDR of the subnet; invalid when the service says "<null>"
	VirtualRouter netip.Addr       // IPv4 default gateway of the subnet
	IPv6          []netip.Addr     // the VNIC's IPv6 addresses, empty without IPv6
	IPv6CIDRs     []netip.Prefix   // IPv6 CIDRs of the subnet
	IPv6Router    netip.Addr       // IPv6 default gateway
	VLANTag       int              // bare metal: VLAN of a secondary VNIC, 0 if untagged or not given
	NICIndex      int              // bare metal: number of the physical NIC, 0 if not given
}

// RegionInfo says where the instance runs.
type RegionInfo struct {
	RealmKey    string // "oc1"
	RealmDomain string // second-level domain of all endpoints, "oraclecloud.com"
	RegionKey   string // "YYZ"; may be empty when it was derived from the region name
	Region      string // "ca-toronto-1"
}

// Instance is what instance/ says about this machine.
type Instance struct {
	ID                 string // OCID, ocid1.instance....
	DisplayName        string
	Hostname           string
	Compartment        string // OCID of the compartment
	Tenancy            string // OCID of the tenancy; older images do not give it
	Region             string // long name ("us-phoenix-1") where given, else the short one ("phx")
	AvailabilityDomain string
	FaultDomain        string
	Shape              string
	State              string // "Running"
}
