// SPDX-License-Identifier: Apache-2.0

package region

import (
	"net/netip"
	"time"
)

// Spec is the topology a region is made of, in names; OCIDs are derived from
// Seed and the names, so that two regions of one Spec have the same OCIDs.
type Spec struct {
	// Seed makes the OCIDs of this region its own; usually the lab's name.
	Seed string `json:"seed"`
	// Region is the identifier, such as ca-toronto-1 (the default); RegionKey its short code (YYZ).
	Region    string `json:"region,omitempty"`
	RegionKey string `json:"region_key,omitempty"`
	// Realm is the realm key (oc1) and Domain its second-level domain (oraclecloud.com).
	Realm  string `json:"realm,omitempty"`
	Domain string `json:"domain,omitempty"`
	// Compartment is the name of the compartment that holds everything (default "network").
	Compartment string `json:"compartment,omitempty"`

	Subnets   []SubnetSpec   `json:"subnets"`
	Instances []InstanceSpec `json:"instances"`
	// Addresses are the secondary (floating) private IPs and IPv6 addresses.
	Addresses []AddressSpec  `json:"addresses,omitempty"`
	PublicIPs []PublicIPSpec `json:"public_ips,omitempty"`

	Users         []UserSpec         `json:"users,omitempty"`
	DynamicGroups []DynamicGroupSpec `json:"dynamic_groups,omitempty"`
	// Policy holds IAM statements, one a line; empty means nobody may do anything.
	Policy string `json:"policy,omitempty"`

	// TokenLife is how long a session token of the identity service lives (default 20 minutes).
	TokenLife time.Duration `json:"token_life,omitempty"`
	// Latency is added to every call of the API and the identity service.
	Latency time.Duration `json:"latency,omitempty"`
	// Propagation is the delay between a commit and the data plane.
	Propagation time.Duration `json:"propagation,omitempty"`
	// Limit is the number of API requests a second before 429; 0 is no limit.
	Limit int `json:"limit,omitempty"`
	// ServerNames are further DNS names or addresses for the TLS certificate of API and Auth.
	ServerNames []string `json:"server_names,omitempty"`
	Quirks      Quirks   `json:"quirks,omitempty"`
}

// SubnetSpec is a regional subnet. Its first host address is the virtual router.
type SubnetSpec struct {
	Name string       `json:"name"`
	CIDR netip.Prefix `json:"cidr"`
	// IPv6 is optional.
	IPv6   netip.Prefix `json:"ipv6,omitzero"`
	Routes []RouteSpec  `json:"routes,omitempty"`
}

// RouteSpec is a rule of the subnet's route table whose target is a private IP.
type RouteSpec struct {
	Destination netip.Prefix `json:"destination"`
	// Via is the private IP of Spec.Addresses (or a primary one) that is the target.
	Via netip.Addr `json:"via"`
}

// InstanceSpec is a compute instance; Name is its host name, the node's name.
type InstanceSpec struct {
	Name  string     `json:"name"`
	VNICs []VNICSpec `json:"vnics"`
	// BareMetal instances show lower-case MAC addresses in IMDS.
	BareMetal bool `json:"bare_metal,omitempty"`
}

// VNICSpec is a VNIC; the first of an instance is its primary VNIC.
type VNICSpec struct {
	// NIC is the interface name in the node (ens3).
	NIC    string `json:"nic"`
	Subnet string `json:"subnet"`
	// IP is the primary private IP; invalid for an IPv6-only VNIC.
	IP   netip.Addr   `json:"ip,omitzero"`
	IPv6 []netip.Addr `json:"ipv6,omitempty"`
	// MAC as aa:bb:cc:dd:ee:ff; derived from the name when empty.
	MAC string `json:"mac,omitempty"`
	// SkipSourceDestCheck lets the VNIC forward packets (routers need it).
	SkipSourceDestCheck bool `json:"skip_source_dest_check,omitempty"`
}

// AddressSpec is a secondary address. Instance empty: nobody holds it yet.
type AddressSpec struct {
	Name     string     `json:"name,omitempty"`
	IP       netip.Addr `json:"ip"`
	Subnet   string     `json:"subnet"`
	Instance string     `json:"instance,omitempty"`
	// Ephemeral addresses have lifetime EPHEMERAL, the others RESERVED.
	Ephemeral bool `json:"ephemeral,omitempty"`
}

// PublicIPSpec is a reserved public IP on a private IP.
type PublicIPSpec struct {
	Name    string     `json:"name"`
	IP      netip.Addr `json:"ip"`
	Private netip.Addr `json:"private,omitzero"`
}

// UserSpec is an IAM user with the groups it is in; keys come from Region.NewAPIKey.
type UserSpec struct {
	Name   string   `json:"name"`
	Groups []string `json:"groups,omitempty"`
}

// DynamicGroupSpec is a dynamic group and its matching rule, such as
// Any {instance.compartment.id = '${compartment}'}; ${compartment} and
// ${instance:NAME} stand for the OCIDs.
type DynamicGroupSpec struct {
	Name string `json:"name"`
	Rule string `json:"rule"`
}

// Quirks are behaviours that Oracle does not document, or that differ between
// instances. The zero value is what is most probably true.
type Quirks struct {
	// ETagUnchangedByMove keeps the ETag of an address when only its VNIC changes.
	ETagUnchangedByMove bool `json:"etag_unchanged_by_move,omitempty"`
	// AddressInUse, CrossSubnet and TooMany override "STATUS CODE" of these refusals,
	// for example "409 Conflict".
	AddressInUse string `json:"address_in_use,omitempty"`
	CrossSubnet  string `json:"cross_subnet,omitempty"`
	TooMany      string `json:"too_many,omitempty"`
	// SecondaryPerVNIC is the number of secondary private IPs a VNIC carries (default 64).
	SecondaryPerVNIC int `json:"secondary_per_vnic,omitempty"`
	// IPv6PerVNIC is the number of IPv6 addresses of a VNIC (default 32).
	IPv6PerVNIC int `json:"ipv6_per_vnic,omitempty"`
	// IMDSv1 answers /opc/v1 without the header, as instances with the legacy endpoint do.
	IMDSv1 bool `json:"imds_v1,omitempty"`
	// ReverseVNICs lists the VNICs of an instance in reverse order in IMDS.
	ReverseVNICs bool `json:"reverse_vnics,omitempty"`
}
