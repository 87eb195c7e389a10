// SPDX-License-Identifier: Apache-2.0

package region

import (
	"context"
	"net/netip"
)

// Dataplane is the network that the region's control plane programs. Its methods
// are called after the propagation delay, one at a time per address, subnet or VNIC.
type Dataplane interface {
	// SetOwner makes packets for ip reach the VNIC with this OCID; "" is nobody (a black hole).
	SetOwner(ip netip.Addr, vnic string) error
	// SetRouteRules replaces the rules of the subnet with this OCID.
	SetRouteRules(subnet string, rules []RouteRule) error
	// SetSourceDestCheck switches the source/destination check of a VNIC.
	SetSourceDestCheck(vnic string, check bool) error
}

// RouteRule is a rule of a subnet's route table as the data plane needs it.
type RouteRule struct {
	Destination netip.Prefix
	// Via is the private IP that is the target; invalid when the target's object is
	// gone or unassigned, and the rule black-holes.
	Via netip.Addr
	// Target is the OCID that the rule names.
	Target string
}

// Power acts on a machine when the API's InstanceAction asks for it.
type Power interface {
	// InstanceAction does STOP, START, RESET, SOFTRESET or SOFTSTOP to the instance
	// with this host name and returns when it is done.
	InstanceAction(ctx context.Context, instance, action string) error
}

// Service is one of the three listeners of a region.
type Service string

// The services.
const (
	API  Service = "api"  // iaas.REGION.DOMAIN, TLS
	Auth Service = "auth" // auth.REGION.DOMAIN, TLS
	IMDS Service = "imds" // 169.254.169.254:80, plain
)

// Gate realises the fault "refuse", which happens before a byte is read: a TCP
// connection to the service is answered with a reset of its SYN. The lab does it with
// a packet filter. Whoever counts refused attempts tells Region.Refused.
type Gate interface {
	// Refuse replaces the sources refused at service. An empty list opens it; a list with one
	// invalid address (netip.Addr{}) refuses everybody.
	Refuse(service Service, sources []netip.Addr) error
}
