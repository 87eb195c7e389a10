// SPDX-License-Identifier: Apache-2.0

package vcn

import (
	"net/netip"
	"time"
)

// AddressChange is what UpdatePrivateIp and UpdateIpv6 may change; nil leaves a field.
type AddressChange struct {
	VNIC          *VNICID
	DisplayName   *string
	HostnameLabel *string
	Lifetime      *string
	RouteTable    *RouteTableID
	Freeform      map[string]string
	Defined       map[string]map[string]any
}

// UpdateAddress changes an address, above all the VNIC that holds it. The move is one
// step: there is no moment in which nobody holds it.
func (s *State) UpdateAddress(id AddressID, ifMatch string, c AddressChange) (Address, error) {
	a, ok := s.Addresses[id]
	if !ok {
		return Address{}, NotFound(string(id))
	}
	if err := CheckETag(ifMatch, a.ETag); err != nil {
		return Address{}, err
	}
	if a.Primary {
		return Address{}, Invalid("The operation is not supported on the primary private IP %s.", a.ID)
	}
	moved, changed := false, false
	if c.VNIC != nil && *c.VNIC != a.VNIC {
		if err := s.canHold(*c.VNIC, a.Subnet, a.IP); err != nil {
			return Address{}, err
		}
		a.VNIC, moved = *c.VNIC, true
	}
	changed = set(&a.DisplayName, c.DisplayName) || changed
	changed = set(&a.HostnameLabel, c.HostnameLabel) || changed
	changed = set(&a.RouteTable, c.RouteTable) || changed
	if c.Lifetime != nil {
		if *c.Lifetime != Ephemeral && *c.Lifetime != Reserved {
			return Address{}, Invalid("lifetime %q is neither EPHEMERAL nor RESERVED.", *c.Lifetime)
		}
		changed = set(&a.Lifetime, c.Lifetime) || changed
	}
	if c.Freeform != nil {
		a.Tags.Freeform, changed = c.Freeform, true
	}
	if c.Defined != nil {
		a.Tags.Defined, changed = c.Defined, true
	}
	if changed || moved && !s.Limits.ETagUnchangedByMove {
		a.ETag = s.etag()
	}
	s.Addresses[id] = a
	return a, nil
}

func set[T comparable](field, value *T) bool {
	if value == nil || *field == *value {
		return false
	}
	*field = *value
	return true
}

// canHold checks the rules for an address of a subnet on a VNIC.
func (s *State) canHold(id VNICID, subnet SubnetID, ip netip.Addr) error {
	v, ok := s.VNICs[id]
	if !ok {
		return refuse(400, "RelatedResourceNotAuthorizedOrNotFound", "Authorization failed or related resource not found: %s.", id)
	}
	if v.State != "AVAILABLE" {
		return refuse(409, "IncorrectState", "VNIC %s is %s.", id, v.State)
	}
	if v.Subnet != subnet {
		return Invalid("VNIC %s is in subnet %s, but the address %s belongs to subnet %s.", id, v.Subnet, ip, subnet).override(s.Limits.CrossSubnet)
	}
	held, limit := 0, s.Limits.SecondaryPerVNIC
	if ip.Is6() {
		limit = s.Limits.IPv6PerVNIC
	}
	for _, a := range s.Addresses {
		if a.VNIC == id && a.IP.Is4() == ip.Is4() && !(a.IP.Is4() && a.Primary) {
			held++
		}
	}
	if held >= limit {
		return refuse(400, "LimitExceeded", "VNIC %s already has its maximum of %d addresses of this kind.", id, limit).override(s.Limits.TooMany)
	}
	return nil
}

// NewAddress is what CreatePrivateIp and CreateIpv6 ask for: a VNIC, or a subnet for an
// address that nobody holds yet. An invalid IP asks for any free one of the family.
type NewAddress struct {
	IP       netip.Addr
	IPv6     bool
	VNIC     VNICID
	Subnet   SubnetID
	Lifetime string
	AddressChange
}

// CreateAddress makes a new address object.
func (s *State) CreateAddress(n NewAddress, now time.Time) (Address, error) {
	subnetID := n.Subnet
	if n.VNIC != "" {
		v, ok := s.VNICs[n.VNIC]
		if !ok {
			return Address{}, refuse(400, "RelatedResourceNotAuthorizedOrNotFound", "Authorization failed or related resource not found: %s.", n.VNIC)
		}
		if subnetID != "" && subnetID != v.Subnet {
			return Address{}, Invalid("VNIC %s is not in subnet %s.", n.VNIC, subnetID).override(s.Limits.CrossSubnet)
		}
		subnetID = v.Subnet
	}
	subnet, ok := s.Subnets[subnetID]
	if !ok {
		return Address{}, refuse(400, "RelatedResourceNotAuthorizedOrNotFound", "Authorization failed or related resource not found: %s.", subnetID)
	}
	ip := n.IP
	if !ip.IsValid() {
		var err error
		if ip, err = s.free(subnet, n.IPv6); err != nil {
			return Address{}, err
		}
	}
	if err := s.canCreate(subnet, ip, n.IPv6); err != nil {
		return Address{}, err
	}
	if n.VNIC != "" {
		if err := s.canHold(n.VNIC, subnetID, ip); err != nil {
			return Address{}, err
		}
	}
	if n.Lifetime == "" {
		n.Lifetime = Ephemeral
	}
	if n.Lifetime != Ephemeral && n.Lifetime != Reserved {
		return Address{}, Invalid("lifetime %q is neither EPHEMERAL nor RESERVED.", n.Lifetime)
	}
	kind := "privateip"
	if ip.Is6() {
		kind = "ipv6"
	}
	a := Address{
		ID: AddressID(s.next(kind)), IP: ip, VNIC: n.VNIC, Subnet: subnetID, Lifetime: n.Lifetime,
		Tags: Tags{Freeform: n.Freeform, Defined: n.Defined}, Created: now, ETag: s.etag(),
	}
	set(&a.DisplayName, n.DisplayName)
	set(&a.HostnameLabel, n.HostnameLabel)
	set(&a.RouteTable, n.RouteTable)
	if a.DisplayName == "" {
		a.DisplayName = kind + now.UTC().Format("20060102150405")
	}
	s.Addresses[a.ID] = a
	return a, nil
}

// DeleteAddress unassigns and deletes an address object. Route rules keep naming its
// OCID and black-hole; a reserved public IP loses its assignment.
func (s *State) DeleteAddress(id AddressID, ifMatch string) error {
	a, ok := s.Addresses[id]
	if !ok {
		return NotFound(string(id))
	}
	if err := CheckETag(ifMatch, a.ETag); err != nil {
		return err
	}
	if a.Primary {
		return Invalid("The primary private IP %s cannot be deleted.", id)
	}
	delete(s.Addresses, id)
	for k, p := range s.PublicIPs {
		if p.Private == id {
			p.Private, p.ETag = "", s.etag()
			s.PublicIPs[k] = p
		}
	}
	return nil
}

// DetachAddress takes an address from its VNIC and keeps the object.
func (s *State) DetachAddress(id AddressID, ifMatch string) (Address, error) {
	a, ok := s.Addresses[id]
	if !ok {
		return Address{}, NotFound(string(id))
	}
	if err := CheckETag(ifMatch, a.ETag); err != nil {
		return Address{}, err
	}
	if a.Primary {
		return Address{}, Invalid("The primary private IP %s cannot be detached.", id)
	}
	if a.VNIC == "" {
		return Address{}, refuse(409, "IncorrectState", "Private IP %s is not assigned to a VNIC.", id)
	}
	a.VNIC, a.ETag = "", s.etag()
	s.Addresses[id] = a
	return a, nil
}
