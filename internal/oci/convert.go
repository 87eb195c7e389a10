// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"fmt"
	"net"
	"net/netip"

	"github.com/oracle/oci-go-sdk/v65/core"
)

// The SDK's models are all pointers, and it does not check that the answer has
// the mandatory ones. An answer without them, or about another object than the
// one asked for, is an error: it must never be read as "assigned to nobody".

func privateIPOf(p core.PrivateIp, etag *string, want AddressID) (Address, error) {
	return addressOf(text(p.Id), text(p.IpAddress), text(p.VnicId), text(p.SubnetId), p.IsPrimary != nil && *p.IsPrimary, text(etag), want)
}

func ipv6Of(p core.Ipv6, etag *string, want AddressID) (Address, error) {
	return addressOf(text(p.Id), text(p.IpAddress), text(p.VnicId), text(p.SubnetId), false, text(etag), want)
}

func addressOf(id, ip, vnic, subnet string, primary bool, etag string, want AddressID) (Address, error) {
	if id == "" || want != "" && AddressID(id) != want {
		return Address{}, fmt.Errorf("the answer is about address object %q, not %q", id, want)
	}
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return Address{}, fmt.Errorf("the answer about %s has no usable ipAddress: %w", id, err)
	}
	return Address{ID: AddressID(id), IP: addr.Unmap(), VNIC: VNICID(vnic), Subnet: SubnetID(subnet), Primary: primary, ETag: etag}, nil
}

func vnicOf(v core.Vnic, want VNICID) (VNIC, error) {
	if VNICID(text(v.Id)) != want {
		return VNIC{}, fmt.Errorf("the answer is about VNIC %q, not %q", text(v.Id), want)
	}
	out := VNIC{
		ID: want, Subnet: SubnetID(text(v.SubnetId)), State: string(v.LifecycleState), Primary: v.IsPrimary != nil && *v.IsPrimary,
		SkipSourceDestCheck: v.SkipSourceDestCheck != nil && *v.SkipSourceDestCheck,
		DisplayName:         text(v.DisplayName), Hostname: text(v.HostnameLabel), Compartment: text(v.CompartmentId),
	}
	if out.Subnet == "" {
		return VNIC{}, fmt.Errorf("the answer about VNIC %s names no subnet: VNICs of a VLAN are not supported", want)
	}
	if mac, err := net.ParseMAC(text(v.MacAddress)); err == nil {
		out.MAC = mac
	}
	if ip, err := netip.ParseAddr(text(v.PrivateIp)); err == nil {
		out.PrivateIP = ip
	}
	return out, nil
}

func subnetOf(s core.Subnet, want SubnetID) (Subnet, error) {
	if SubnetID(text(s.Id)) != want {
		return Subnet{}, fmt.Errorf("the answer is about subnet %q, not %q", text(s.Id), want)
	}
	out := Subnet{ID: want, RouteTable: text(s.RouteTableId), VCN: text(s.VcnId), State: string(s.LifecycleState), DisplayName: text(s.DisplayName)}
	out.CIDRs = prefixes(s.CidrBlock, s.Ipv4CidrBlocks)
	out.IPv6CIDRs = prefixes(s.Ipv6CidrBlock, s.Ipv6CidrBlocks)
	if ip, err := netip.ParseAddr(text(s.VirtualRouterIp)); err == nil {
		out.VirtualRouter = ip
	}
	return out, nil
}

// prefixes joins the older single field and the newer list, which repeats it.
func prefixes(first *string, more []string) (out []netip.Prefix) {
	seen := map[netip.Prefix]bool{}
	for _, s := range append([]string{text(first)}, more...) {
		p, err := netip.ParsePrefix(s)
		if err != nil || seen[p.Masked()] {
			continue
		}
		seen[p.Masked()] = true
		out = append(out, p.Masked())
	}
	return out
}

func publicIPOf(p core.PublicIp) (PublicIP, error) {
	ip, err := netip.ParseAddr(text(p.IpAddress))
	if err != nil || text(p.Id) == "" {
		return PublicIP{}, fmt.Errorf("the answer about public IP %q has no usable ipAddress %q", text(p.Id), text(p.IpAddress))
	}
	out := PublicIP{ID: text(p.Id), IP: ip, Lifetime: string(p.Lifetime), State: string(p.LifecycleState), AssignedTo: AddressID(text(p.PrivateIpId))}
	if out.AssignedTo == "" {
		out.AssignedTo = AddressID(text(p.AssignedEntityId))
	}
	return out, nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
