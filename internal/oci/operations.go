// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/core"
)

// VNIC describes a VNIC (GetVnic; needs VNIC_READ).
func (c *Client) VNIC(ctx context.Context, id VNICID) (VNIC, error) {
	return call(ctx, c, "GetVnic", reads, func(ctx context.Context, s core.VirtualNetworkClient) (VNIC, error) {
		r, err := s.GetVnic(ctx, core.GetVnicRequest{VnicId: common.String(string(id))})
		if err != nil {
			return VNIC{}, err
		}
		return vnicOf(r.Vnic, id)
	})
}

// Subnet describes a subnet (GetSubnet; needs SUBNET_READ).
func (c *Client) Subnet(ctx context.Context, id SubnetID) (Subnet, error) {
	return call(ctx, c, "GetSubnet", reads, func(ctx context.Context, s core.VirtualNetworkClient) (Subnet, error) {
		r, err := s.GetSubnet(ctx, core.GetSubnetRequest{SubnetId: common.String(string(id))})
		if err != nil {
			return Subnet{}, err
		}
		return subnetOf(r.Subnet, id)
	})
}

// Address reads one address object, with its ETag (GetPrivateIp or GetIpv6;
// needs PRIVATE_IP_READ or IPV6_READ).
func (c *Client) Address(ctx context.Context, id AddressID) (Address, error) {
	if id.IsIPv6() {
		return call(ctx, c, "GetIpv6", reads, func(ctx context.Context, s core.VirtualNetworkClient) (Address, error) {
			r, err := s.GetIpv6(ctx, core.GetIpv6Request{Ipv6Id: common.String(string(id))})
			if err != nil {
				return Address{}, err
			}
			return ipv6Of(r.Ipv6, r.Etag, id)
		})
	}
	return call(ctx, c, "GetPrivateIp", reads, func(ctx context.Context, s core.VirtualNetworkClient) (Address, error) {
		r, err := s.GetPrivateIp(ctx, core.GetPrivateIpRequest{PrivateIpId: common.String(string(id))})
		if err != nil {
			return Address{}, err
		}
		return privateIPOf(r.PrivateIp, r.Etag, id)
	})
}

// maxPages stops a list that never ends.
const maxPages = 100

// Find looks an address up in a subnet (ListPrivateIps or ListIpv6s). The error
// is NotFound when the subnet has no such object. The ETag is empty: lists give
// none; read the Address to get it.
func (c *Client) Find(ctx context.Context, subnet SubnetID, ip netip.Addr) (Address, error) {
	op, list := "ListPrivateIps", listPrivateIPs
	if ip.Unmap().Is6() {
		op, list = "ListIpv6s", listIPv6s
	}
	var found []Address
	page := (*string)(nil)
	for range maxPages {
		answer, err := call(ctx, c, op, reads, func(ctx context.Context, s core.VirtualNetworkClient) (addressPage, error) {
			return list(ctx, s, subnet, ip.Unmap(), page)
		})
		if err != nil {
			return Address{}, err
		}
		for _, a := range answer.addresses {
			// The filter is the service's; that 10.0.0.10 is not 10.0.0.1 is ours.
			if a.IP == ip.Unmap() {
				found = append(found, a)
			}
		}
		if page = answer.next; page == nil || *page == "" {
			break
		}
	}
	if page != nil && *page != "" {
		return Address{}, &Error{Op: op, Kind: Invalid, Message: fmt.Sprintf("the list of %s in subnet %s does not end after %d pages", ip, subnet, maxPages)}
	}
	switch len(found) {
	case 0:
		return Address{}, &Error{Op: op, Kind: NotFound, Message: fmt.Sprintf("subnet %s has no address %s", subnet, ip)}
	case 1:
		return found[0], nil
	}
	return Address{}, &Error{Op: op, Kind: Conflict, Message: fmt.Sprintf("address %s appears %d times in subnet %s", ip, len(found), subnet)}
}

// addressPage is one page of a list.
type addressPage struct {
	addresses []Address
	next      *string
}

// errNoList keeps an answer without a list from meaning "no such address".
var errNoList = errors.New("the answer is no list")

func listPrivateIPs(ctx context.Context, s core.VirtualNetworkClient, subnet SubnetID, ip netip.Addr, page *string) (addressPage, error) {
	r, err := s.ListPrivateIps(ctx, core.ListPrivateIpsRequest{SubnetId: common.String(string(subnet)), IpAddress: common.String(ip.String()), Page: page})
	if err != nil {
		return addressPage{}, err
	}
	if r.Items == nil { // "[]" makes an empty slice
		return addressPage{}, errNoList
	}
	out := addressPage{next: r.OpcNextPage}
	for _, item := range r.Items {
		a, err := privateIPOf(item, nil, "")
		if err != nil {
			return addressPage{}, err
		}
		out.addresses = append(out.addresses, a)
	}
	return out, nil
}

func listIPv6s(ctx context.Context, s core.VirtualNetworkClient, subnet SubnetID, ip netip.Addr, page *string) (addressPage, error) {
	r, err := s.ListIpv6s(ctx, core.ListIpv6sRequest{SubnetId: common.String(string(subnet)), IpAddress: common.String(ip.String()), Page: page})
	if err != nil {
		return addressPage{}, err
	}
	if r.Items == nil { // "[]" makes an empty slice
		return addressPage{}, errNoList
	}
	out := addressPage{next: r.OpcNextPage}
	for _, item := range r.Items {
		a, err := ipv6Of(item, nil, "")
		if err != nil {
			return addressPage{}, err
		}
		out.addresses = append(out.addresses, a)
	}
	return out, nil
}

// Move gives an address to another VNIC of the same subnet (UpdatePrivateIp or
// UpdateIpv6; needs PRIVATE_IP_UPDATE, VNIC_ASSIGN and VNIC_UNASSIGN, that is
// "use private-ips" and "use vnics"). The body is {"vnicId": to} and nothing
// else. With ifMatch the service answers 412 (PreconditionFailed) if the object
// changed since that ETag was read; empty: the last writer wins.
//
// The result is what the service answered: the caller compares VNIC with to.
// An error that IsAmbiguous leaves the outcome open: read Address back.
func (c *Client) Move(ctx context.Context, a Address, to VNICID, ifMatch string) (Address, error) {
	if a.ID.IsIPv6() {
		return call(ctx, c, "UpdateIpv6", writes, func(ctx context.Context, s core.VirtualNetworkClient) (Address, error) {
			r, err := s.UpdateIpv6(ctx, core.UpdateIpv6Request{
				Ipv6Id: common.String(string(a.ID)), IfMatch: optional(ifMatch),
				UpdateIpv6Details: core.UpdateIpv6Details{VnicId: common.String(string(to))},
			})
			if err != nil {
				return Address{}, err
			}
			return ipv6Of(r.Ipv6, r.Etag, a.ID)
		})
	}
	return call(ctx, c, "UpdatePrivateIp", writes, func(ctx context.Context, s core.VirtualNetworkClient) (Address, error) {
		r, err := s.UpdatePrivateIp(ctx, core.UpdatePrivateIpRequest{
			PrivateIpId: common.String(string(a.ID)), IfMatch: optional(ifMatch),
			UpdatePrivateIpDetails: core.UpdatePrivateIpDetails{VnicId: common.String(string(to))},
		})
		if err != nil {
			return Address{}, err
		}
		return privateIPOf(r.PrivateIp, r.Etag, a.ID)
	})
}

// Create makes an address object on a VNIC (CreatePrivateIp or CreateIpv6). The
// same retryToken (at most 64 characters, valid for 24 hours) makes a repeated
// call safe; an address that exists already is Conflict or Invalid. The object
// is RESERVED: an EPHEMERAL one would be deleted, and route rules to it
// blackholed, when the instance that happened to create it is terminated.
func (c *Client) Create(ctx context.Context, vnic VNICID, ip netip.Addr, retryToken string) (Address, error) {
	ip = ip.Unmap()
	if ip.Is6() {
		return call(ctx, c, "CreateIpv6", writes, func(ctx context.Context, s core.VirtualNetworkClient) (Address, error) {
			r, err := s.CreateIpv6(ctx, core.CreateIpv6Request{
				OpcRetryToken:     optional(retryToken),
				CreateIpv6Details: core.CreateIpv6Details{VnicId: common.String(string(vnic)), IpAddress: common.String(ip.String()), Lifetime: core.CreateIpv6DetailsLifetimeReserved},
			})
			if err != nil {
				return Address{}, err
			}
			return ipv6Of(r.Ipv6, r.Etag, "")
		})
	}
	return call(ctx, c, "CreatePrivateIp", writes, func(ctx context.Context, s core.VirtualNetworkClient) (Address, error) {
		r, err := s.CreatePrivateIp(ctx, core.CreatePrivateIpRequest{
			OpcRetryToken:          optional(retryToken),
			CreatePrivateIpDetails: core.CreatePrivateIpDetails{VnicId: common.String(string(vnic)), IpAddress: common.String(ip.String()), Lifetime: core.CreatePrivateIpDetailsLifetimeReserved},
		})
		if err != nil {
			return Address{}, err
		}
		return privateIPOf(r.PrivateIp, r.Etag, "")
	})
}

// Detach unassigns an address from its VNIC without deleting the object
// (PrivateIpVnicDetach or Ipv6VnicDetach). Its OCID, and the route rules that
// name it, stay.
func (c *Client) Detach(ctx context.Context, id AddressID, ifMatch string) error {
	if id.IsIPv6() {
		_, err := call(ctx, c, "Ipv6VnicDetach", writes, func(ctx context.Context, s core.VirtualNetworkClient) (struct{}, error) {
			_, err := s.Ipv6VnicDetach(ctx, core.Ipv6VnicDetachRequest{Ipv6Id: common.String(string(id)), IfMatch: optional(ifMatch)})
			return struct{}{}, err
		})
		return err
	}
	_, err := call(ctx, c, "PrivateIpVnicDetach", writes, func(ctx context.Context, s core.VirtualNetworkClient) (struct{}, error) {
		_, err := s.PrivateIpVnicDetach(ctx, core.PrivateIpVnicDetachRequest{PrivateIpId: common.String(string(id)), IfMatch: optional(ifMatch)})
		return struct{}{}, err
	})
	return err
}

// PublicIP gives the public address that hangs on a private one
// (GetPublicIpByPrivateIpId, a POST that changes nothing). Without one the
// error is Denied: the service answers 404 as for missing rights.
func (c *Client) PublicIP(ctx context.Context, id AddressID) (PublicIP, error) {
	return call(ctx, c, "GetPublicIpByPrivateIpId", reads, func(ctx context.Context, s core.VirtualNetworkClient) (PublicIP, error) {
		r, err := s.GetPublicIpByPrivateIpId(ctx, core.GetPublicIpByPrivateIpIdRequest{
			GetPublicIpByPrivateIpIdDetails: core.GetPublicIpByPrivateIpIdDetails{PrivateIpId: common.String(string(id))},
		})
		if err != nil {
			return PublicIP{}, err
		}
		return publicIPOf(r.PublicIp)
	})
}

// optional is nil for an empty header value, which the SDK then leaves out.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
