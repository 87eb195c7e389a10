// SPDX-License-Identifier: Apache-2.0

package region

import (
	"net/http"
	"net/netip"
	"strings"

	"ocf-oci/lab/region/vcn"
)

func (x *exchange) getVnic() (reply, error) {
	state := x.read()
	v, ok := state.VNICs[vcn.VNICID(x.req.PathValue("id"))]
	if !ok {
		return reply{}, vcn.NotFound(x.req.PathValue("id"))
	}
	return reply{body: showVnic(state, v), etag: v.ETag}, nil
}

func (x *exchange) updateVnic() (reply, error) {
	var b struct {
		SkipSourceDestCheck *bool                     `json:"skipSourceDestCheck"`
		DisplayName         *string                   `json:"displayName"`
		HostnameLabel       *string                   `json:"hostnameLabel"`
		RouteTableID        *vcn.RouteTableID         `json:"routeTableId"`
		NsgIds              []string                  `json:"nsgIds"`
		FreeformTags        map[string]string         `json:"freeformTags"`
		DefinedTags         map[string]map[string]any `json:"definedTags"`
	}
	if err := x.decode(&b); err != nil {
		return reply{}, err
	}
	var out reply
	err := x.write(func(s *vcn.State) error {
		v, err := s.UpdateVNIC(vcn.VNICID(x.req.PathValue("id")), x.ifMatch(), vcn.VNICChange{
			SkipSourceDestCheck: b.SkipSourceDestCheck, DisplayName: b.DisplayName, HostnameLabel: b.HostnameLabel,
			RouteTable: b.RouteTableID, NSGs: b.NsgIds, Freeform: b.FreeformTags, Defined: b.DefinedTags,
		})
		out = reply{body: showVnic(s, v), etag: v.ETag}
		return err
	})
	return out, err
}

func showVnic(s *vcn.State, v vcn.VNIC) object {
	ipv6 := []netip.Addr{}
	var public, private any
	if v.IP.IsValid() {
		private = v.IP
	}
	for _, a := range s.Addresses {
		if a.VNIC == v.ID && a.IP.Is6() {
			ipv6 = append(ipv6, a.IP)
		}
		if a.VNIC == v.ID && a.Primary {
			for _, p := range s.PublicIPs {
				if p.Private == a.ID {
					public = p.IP
				}
			}
		}
	}
	nsgs := v.NSGs
	if nsgs == nil {
		nsgs = []string{}
	}
	return object{
		"id": v.ID, "availabilityDomain": availabilityDomain(s.Region), "compartmentId": s.Compartment, "displayName": v.Name,
		"hostnameLabel": v.HostnameLabel, "isPrimary": v.Primary, "lifecycleState": v.State, "macAddress": strings.ToUpper(v.MAC),
		"nsgIds": nsgs, "privateIp": private, "publicIp": public, "ipv6Addresses": ipv6, "routeTableId": orNull(v.RouteTable),
		"skipSourceDestCheck": v.SkipSourceDestCheck, "subnetId": v.Subnet, "timeCreated": stamp(v.Created), "vlanId": nil,
	}.tags(v.Tags)
}

func availabilityDomain(region string) string {
	return "LaBs:" + strings.ToUpper(region) + "-AD-1"
}

func (x *exchange) getSubnet() (reply, error) {
	state := x.read()
	s, ok := state.Subnets[vcn.SubnetID(x.req.PathValue("id"))]
	if !ok {
		return reply{}, vcn.NotFound(x.req.PathValue("id"))
	}
	o := object{
		"id": s.ID, "compartmentId": state.Compartment, "displayName": s.Name, "dnsLabel": s.Name, "lifecycleState": "AVAILABLE",
		"routeTableId": s.RouteTable, "vcnId": state.Named("vcn", "vcn"), "virtualRouterMac": strings.ToUpper(s.RouterMAC),
		"availabilityDomain": nil, "timeCreated": stamp(s.Created), "prohibitPublicIpOnVnic": false, "prohibitInternetIngress": false,
		"securityListIds": []string{}, "ipv6CidrBlocks": []string{}, "ipv4CidrBlocks": []string{},
	}.tags(vcn.Tags{})
	if s.CIDR.IsValid() {
		o["cidrBlock"], o["ipv4CidrBlocks"], o["virtualRouterIp"] = s.CIDR, []netip.Prefix{s.CIDR}, s.Router
	}
	if s.IPv6.IsValid() {
		o["ipv6CidrBlock"], o["ipv6CidrBlocks"], o["ipv6VirtualRouterIp"] = s.IPv6, []netip.Prefix{s.IPv6}, s.IPv6Router
	}
	return reply{body: o, etag: s.ETag}, nil
}

func (x *exchange) getRouteTable() (reply, error) {
	state := x.read()
	t, ok := state.RouteTables[vcn.RouteTableID(x.req.PathValue("id"))]
	if !ok {
		return reply{}, vcn.NotFound(x.req.PathValue("id"))
	}
	return reply{body: showRouteTable(state, t), etag: t.ETag}, nil
}

type routeRuleBody struct {
	NetworkEntityID string `json:"networkEntityId"`
	Destination     string `json:"destination"`
	CidrBlock       string `json:"cidrBlock"` // the old name of destination
	DestinationType string `json:"destinationType"`
	RouteType       string `json:"routeType"`
	Description     string `json:"description"`
}

func (x *exchange) updateRouteTable() (reply, error) {
	var b struct {
		DisplayName  *string           `json:"displayName"`
		RouteRules   *[]routeRuleBody  `json:"routeRules"`
		FreeformTags map[string]string `json:"freeformTags"`
	}
	if err := x.decode(&b); err != nil {
		return reply{}, err
	}
	var rules []vcn.RouteRule
	for _, r := range deref(b.RouteRules) {
		if r.Destination == "" {
			r.Destination = r.CidrBlock
		}
		p, err := netip.ParsePrefix(r.Destination)
		if err != nil || p != p.Masked() {
			return reply{}, vcn.Invalid("destination %q is not a CIDR block.", r.Destination)
		}
		if r.DestinationType != "" && r.DestinationType != "CIDR_BLOCK" {
			return reply{}, vcn.Invalid("destinationType %q is not known in this region.", r.DestinationType)
		}
		rules = append(rules, vcn.RouteRule{Destination: p, DestinationType: "CIDR_BLOCK", Target: r.NetworkEntityID, Description: r.Description, RouteType: "STATIC"})
	}
	var out reply
	err := x.write(func(s *vcn.State) error {
		t, err := s.UpdateRouteTable(vcn.RouteTableID(x.req.PathValue("id")), x.ifMatch(), b.DisplayName, rules, b.RouteRules != nil, b.FreeformTags)
		out = reply{body: showRouteTable(s, t), etag: t.ETag}
		return err
	})
	return out, err
}

func showRouteTable(s *vcn.State, t vcn.RouteTable) object {
	rules := []object{}
	for _, r := range t.Rules {
		rules = append(rules, object{
			"networkEntityId": r.Target, "destination": r.Destination, "cidrBlock": nil, "destinationType": r.DestinationType,
			"routeType": r.RouteType, "description": orNull(r.Description),
		})
	}
	return object{
		"id": t.ID, "compartmentId": s.Compartment, "displayName": t.Name, "lifecycleState": "AVAILABLE", "routeRules": rules,
		"vcnId": s.Named("vcn", "vcn"), "timeCreated": stamp(t.Created),
	}.tags(t.Tags)
}

func (x *exchange) getPublicIP() (reply, error) {
	state := x.read()
	p, ok := state.PublicIPs[vcn.PublicIPID(x.req.PathValue("id"))]
	if !ok {
		return reply{}, vcn.NotFound(x.req.PathValue("id"))
	}
	return reply{body: showPublicIP(state, p), etag: p.ETag}, nil
}

func (x *exchange) updatePublicIP() (reply, error) {
	var b struct {
		PrivateIPID *vcn.AddressID `json:"privateIpId"`
	}
	if err := x.decode(&b); err != nil {
		return reply{}, err
	}
	if b.PrivateIPID == nil {
		return x.getPublicIP()
	}
	var out reply
	err := x.write(func(s *vcn.State) error {
		p, err := s.UpdatePublicIP(vcn.PublicIPID(x.req.PathValue("id")), x.ifMatch(), *b.PrivateIPID)
		out = reply{body: showPublicIP(s, p), etag: p.ETag}
		return err
	})
	return out, err
}

func (x *exchange) publicIPOf() (reply, error) {
	var b struct {
		PrivateIPID vcn.AddressID `json:"privateIpId"`
	}
	if err := x.decode(&b); err != nil {
		return reply{}, err
	}
	x.call.Target = string(b.PrivateIPID)
	if b.PrivateIPID == "" {
		return reply{}, &vcn.Refusal{Status: http.StatusBadRequest, Code: "MissingParameter", Message: "privateIpId is missing."}
	}
	state := x.read()
	for _, p := range state.PublicIPs {
		if p.Private == b.PrivateIPID {
			return reply{body: showPublicIP(state, p), etag: p.ETag}, nil
		}
	}
	return reply{}, vcn.NotFound(string(b.PrivateIPID))
}

func showPublicIP(s *vcn.State, p vcn.PublicIP) object {
	o := object{
		"id": p.ID, "ipAddress": p.IP, "compartmentId": s.Compartment, "displayName": p.Name, "lifetime": "RESERVED", "scope": "REGION",
		"lifecycleState": "AVAILABLE", "privateIpId": orNull(p.Private), "assignedEntityId": orNull(p.Private), "timeCreated": stamp(p.Created),
	}.tags(vcn.Tags{})
	if p.Private != "" {
		o["lifecycleState"], o["assignedEntityType"] = "ASSIGNED", "PRIVATE_IP"
	}
	return o
}
