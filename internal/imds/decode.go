// SPDX-License-Identifier: Apache-2.0

package imds

import (
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// text is a JSON value taken as text, whatever its type. The service writes
// the literal "<null>" where it has nothing to say (an IPv6-only VNIC's
// subnetCidrBlock), and has changed types between shapes; both must not cost us
// the rest of the document.
type text string

// UnmarshalJSON never fails: what is not a string, number or boolean is "".
func (t *text) UnmarshalJSON(b []byte) error {
	*t = ""
	var v any
	if json.Unmarshal(b, &v) != nil {
		return nil
	}
	switch v := v.(type) {
	case string:
		if v = strings.TrimSpace(v); v != "<null>" {
			*t = text(v)
		}
	case float64, bool:
		*t = text(strings.TrimSpace(string(b)))
	}
	return nil
}

func (t text) addr() netip.Addr {
	a, err := netip.ParseAddr(string(t))
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}

func (t text) prefix() netip.Prefix {
	p, err := netip.ParsePrefix(string(t))
	if err != nil {
		return netip.Prefix{}
	}
	return p.Masked()
}

func (t text) number() int {
	n, err := strconv.Atoi(string(t))
	if err != nil {
		return 0
	}
	return n
}

func (t text) mac() net.HardwareAddr {
	m, err := net.ParseMAC(string(t))
	if err != nil {
		return nil
	}
	return m
}

// list is a JSON array of text, or one text that stands for an array of one
// (ipv6SubnetCidrBlock is spelled both ways).
type list []text

// UnmarshalJSON never fails, like text's.
func (l *list) UnmarshalJSON(b []byte) error {
	*l = nil
	var many []text
	if json.Unmarshal(b, &many) == nil {
		*l = many
		return nil
	}
	var one text
	if json.Unmarshal(b, &one) == nil && one != "" {
		*l = list{one}
	}
	return nil
}

func (l list) addrs() (out []netip.Addr) {
	for _, t := range l {
		if a := t.addr(); a.IsValid() {
			out = append(out, a)
		}
	}
	return out
}

func (l list) prefixes() (out []netip.Prefix) {
	for _, t := range l {
		if p := t.prefix(); p.IsValid() {
			out = append(out, p)
		}
	}
	return out
}

// decodeVNICs reads the answer of vnics/. Entries without an OCID are dropped;
// an answer that is no JSON array of objects, or one in which no entry is
// usable, is an error (an instance always has a VNIC).
func decodeVNICs(body []byte) ([]VNIC, error) {
	var entries []struct {
		VnicID              text `json:"vnicId"`
		MacAddr             text `json:"macAddr"`
		PrivateIP           text `json:"privateIp"`
		SubnetCidrBlock     text `json:"subnetCidrBlock"`
		VirtualRouterIP     text `json:"virtualRouterIp"`
		Ipv6Addresses       list `json:"ipv6Addresses"`
		Ipv6SubnetCidrBlock list `json:"ipv6SubnetCidrBlock"`
		Ipv6VirtualRouterIP text `json:"ipv6VirtualRouterIp"`
		VlanTag             text `json:"vlanTag"`
		NicIndex            text `json:"nicIndex"`
	}
	if err := json.Unmarshal(body, &entries); err != nil {
		return nil, fmt.Errorf("no list of VNICs: %w", err)
	}
	var vnics []VNIC
	for _, e := range entries {
		if e.VnicID == "" {
			continue
		}
		vnics = append(vnics, VNIC{
			ID: string(e.VnicID), MAC: e.MacAddr.mac(), PrivateIP: e.PrivateIP.addr(), SubnetCIDR: e.SubnetCidrBlock.prefix(),
			VirtualRouter: e.VirtualRouterIP.addr(), IPv6: e.Ipv6Addresses.addrs(), IPv6CIDRs: e.Ipv6SubnetCidrBlock.prefixes(),
			IPv6Router: e.Ipv6VirtualRouterIP.addr(), VLANTag: e.VlanTag.number(), NICIndex: e.NicIndex.number(),
		})
	}
	if len(vnics) == 0 {
		return nil, fmt.Errorf("none of %d entries names a vnicId", len(entries))
	}
	return vnics, nil
}

// decodeInstance reads the answer of instance/.
func decodeInstance(body []byte) (Instance, error) {
	var e struct {
		ID, DisplayName, Hostname, CompartmentID, TenantID, AvailabilityDomain, FaultDomain, Shape, State text
		Region, CanonicalRegionName                                                                       text
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return Instance{}, fmt.Errorf("no description of an instance: %w", err)
	}
	if e.ID == "" && e.Region == "" && e.CanonicalRegionName == "" {
		return Instance{}, fmt.Errorf("neither id nor region in it")
	}
	region := e.CanonicalRegionName
	if region == "" {
		region = e.Region
	}
	return Instance{
		ID: string(e.ID), DisplayName: string(e.DisplayName), Hostname: string(e.Hostname), Compartment: string(e.CompartmentID), Tenancy: string(e.TenantID),
		Region: string(region), AvailabilityDomain: string(e.AvailabilityDomain), FaultDomain: string(e.FaultDomain), Shape: string(e.Shape), State: string(e.State),
	}, nil
}

// decodeRegionInfo reads the answer of instance/regionInfo.
func decodeRegionInfo(body []byte) (RegionInfo, error) {
	var e struct {
		RealmKey, RealmDomainComponent, RegionKey, RegionIdentifier text
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return RegionInfo{}, fmt.Errorf("no region information: %w", err)
	}
	if e.RegionIdentifier == "" || e.RealmDomainComponent == "" {
		return RegionInfo{}, fmt.Errorf("regionIdentifier or realmDomainComponent is missing")
	}
	return RegionInfo{RealmKey: string(e.RealmKey), RealmDomain: string(e.RealmDomainComponent), RegionKey: string(e.RegionKey), Region: string(e.RegionIdentifier)}, nil
}
