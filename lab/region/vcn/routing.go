// SPDX-License-Identifier: Apache-2.0

package vcn

import (
	"net/netip"
	"slices"
	"strings"
)

// UpdateRouteTable replaces all rules of a route table.
func (s *State) UpdateRouteTable(id RouteTableID, ifMatch string, name *string, rules []RouteRule, replaceRules bool, freeform map[string]string) (RouteTable, error) {
	t, ok := s.RouteTables[id]
	if !ok {
		return RouteTable{}, NotFound(string(id))
	}
	if err := CheckETag(ifMatch, t.ETag); err != nil {
		return RouteTable{}, err
	}
	if replaceRules {
		for _, r := range rules {
			if !strings.HasPrefix(r.Target, "ocid1.privateip.") && !strings.HasPrefix(r.Target, "ocid1.ipv6.") {
				return RouteTable{}, Invalid("networkEntityId %s is not a private IP; this region routes to nothing else.", r.Target)
			}
			if _, ok := s.Addresses[AddressID(r.Target)]; !ok {
				return RouteTable{}, refuse(400, "RelatedResourceNotAuthorizedOrNotFound", "Authorization failed or related resource not found: %s.", r.Target)
			}
		}
		t.Rules = slices.Clone(rules)
	}
	set(&t.Name, name)
	if freeform != nil {
		t.Tags.Freeform = freeform
	}
	t.ETag = s.etag()
	s.RouteTables[id] = t
	return t, nil
}

// ResolvedRule is a route rule with the address its target has now; Via is invalid when
// the rule black-holes.
type ResolvedRule struct {
	RouteRule
	Via netip.Addr
}

// Resolve returns the rules of a subnet's route table.
func (s *State) Resolve(id SubnetID) []ResolvedRule {
	var out []ResolvedRule
	for _, r := range s.RouteTables[s.Subnets[id].RouteTable].Rules {
		rule := ResolvedRule{RouteRule: r}
		if a, ok := s.Addresses[AddressID(r.Target)]; ok && a.VNIC != "" {
			rule.Via = a.IP
		}
		out = append(out, rule)
	}
	return out
}

// VNICChange is what UpdateVnic may change; nil leaves a field.
type VNICChange struct {
	SkipSourceDestCheck *bool
	DisplayName         *string
	HostnameLabel       *string
	RouteTable          *RouteTableID
	NSGs                []string
	Freeform            map[string]string
	Defined             map[string]map[string]any
}

// UpdateVNIC changes a VNIC.
func (s *State) UpdateVNIC(id VNICID, ifMatch string, c VNICChange) (VNIC, error) {
	v, ok := s.VNICs[id]
	if !ok {
		return VNIC{}, NotFound(string(id))
	}
	if err := CheckETag(ifMatch, v.ETag); err != nil {
		return VNIC{}, err
	}
	set(&v.SkipSourceDestCheck, c.SkipSourceDestCheck)
	set(&v.Name, c.DisplayName)
	set(&v.HostnameLabel, c.HostnameLabel)
	set(&v.RouteTable, c.RouteTable)
	if c.NSGs != nil {
		v.NSGs = slices.Clone(c.NSGs)
	}
	if c.Freeform != nil {
		v.Tags.Freeform = c.Freeform
	}
	if c.Defined != nil {
		v.Tags.Defined = c.Defined
	}
	v.ETag = s.etag()
	s.VNICs[id] = v
	return v, nil
}

// SetInstanceState changes the life-cycle state of an instance.
func (s *State) SetInstanceState(id InstanceID, ifMatch, state string) (Instance, error) {
	i, ok := s.Instances[id]
	if !ok {
		return Instance{}, NotFound(string(id))
	}
	if err := CheckETag(ifMatch, i.ETag); err != nil {
		return Instance{}, err
	}
	i.State, i.ETag = state, s.etag()
	s.Instances[id] = i
	return i, nil
}

// UpdatePublicIP assigns a reserved public IP to a private IP, or with "" to nothing.
func (s *State) UpdatePublicIP(id PublicIPID, ifMatch string, private AddressID) (PublicIP, error) {
	p, ok := s.PublicIPs[id]
	if !ok {
		return PublicIP{}, NotFound(string(id))
	}
	if err := CheckETag(ifMatch, p.ETag); err != nil {
		return PublicIP{}, err
	}
	if private != "" {
		if _, ok := s.Addresses[private]; !ok {
			return PublicIP{}, refuse(400, "RelatedResourceNotAuthorizedOrNotFound", "Authorization failed or related resource not found: %s.", private)
		}
		for _, other := range s.PublicIPs {
			if other.Private == private && other.ID != id {
				return PublicIP{}, refuse(409, "Conflict", "Private IP %s already has the public IP %s.", private, other.ID)
			}
		}
	}
	p.Private, p.ETag = private, s.etag()
	s.PublicIPs[id] = p
	return p, nil
}
