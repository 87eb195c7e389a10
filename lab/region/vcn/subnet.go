// SPDX-License-Identifier: Apache-2.0

package vcn

import "net/netip"

// canCreate checks that ip is a host address of the subnet that nobody has.
func (s *State) canCreate(subnet Subnet, ip netip.Addr, wantIPv6 bool) error {
	prefix := subnet.Prefix(ip)
	if ip.Is6() != wantIPv6 || ip.Is4In6() {
		return Invalid("ipAddress %s is not of the right IP version for this operation.", ip)
	}
	if !prefix.IsValid() || !prefix.Contains(ip) {
		return Invalid("ipAddress %s is not in the CIDR of subnet %s (%s).", ip, subnet.ID, prefix)
	}
	if reserved(subnet, ip) {
		return Invalid("ipAddress %s is reserved by the network.", ip)
	}
	if a, ok := s.FindAddress(subnet.ID, ip); ok {
		return Invalid("ipAddress %s is already in use by %s.", ip, a.ID).override(s.Limits.AddressInUse)
	}
	return nil
}

// reserved addresses are the first two and the last of an IPv4 subnet (network, virtual
// router, broadcast) and the router of an IPv6 one.
// https://docs.oracle.com/iaas/Content/Network/Concepts/overview.htm
func reserved(subnet Subnet, ip netip.Addr) bool {
	if ip.Is6() {
		return ip == subnet.IPv6.Masked().Addr() || ip == subnet.IPv6Router
	}
	first := subnet.CIDR.Masked().Addr()
	return ip == first || ip == subnet.Router || ip == lastOf(subnet.CIDR)
}

func lastOf(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().As4()
	for i := p.Bits(); i < 32; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	return netip.AddrFrom4(b)
}

// free returns the first host address of the family that nobody has.
func (s *State) free(subnet Subnet, ipv6 bool) (netip.Addr, error) {
	prefix := subnet.CIDR
	if ipv6 {
		prefix = subnet.IPv6
	}
	if !prefix.IsValid() {
		return netip.Addr{}, Invalid("Subnet %s has no CIDR of this IP version.", subnet.ID)
	}
	for ip := prefix.Masked().Addr(); prefix.Contains(ip); ip = ip.Next() {
		if _, used := s.FindAddress(subnet.ID, ip); !used && !reserved(subnet, ip) {
			return ip, nil
		}
	}
	return netip.Addr{}, refuse(400, "LimitExceeded", "Subnet %s has no free address.", subnet.ID)
}

// FindAddress returns the address object of an IP in a subnet.
func (s *State) FindAddress(subnet SubnetID, ip netip.Addr) (Address, bool) {
	for _, a := range s.Addresses {
		if a.Subnet == subnet && a.IP == ip {
			return a, true
		}
	}
	return Address{}, false
}

// AddressByIP returns the address object of an IP anywhere in the network.
func (s *State) AddressByIP(ip netip.Addr) (Address, bool) {
	for _, a := range s.Addresses {
		if a.IP == ip {
			return a, true
		}
	}
	return Address{}, false
}

// InstanceByName returns the instance with a host name.
func (s *State) InstanceByName(name string) (Instance, bool) {
	for _, i := range s.Instances {
		if i.Name == name {
			return i, true
		}
	}
	return Instance{}, false
}
