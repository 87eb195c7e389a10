// SPDX-License-Identifier: Apache-2.0

package region

import (
	"net/http"
	"net/netip"
	"strings"

	"ocf-oci/lab/region/vcn"
)

// addressBody is the body of Create and Update, for private IPs and IPv6 addresses.
type addressBody struct {
	VnicID        *vcn.VNICID               `json:"vnicId"`
	SubnetID      *vcn.SubnetID             `json:"subnetId"`
	VlanID        *string                   `json:"vlanId"`
	IPAddress     *string                   `json:"ipAddress"`
	DisplayName   *string                   `json:"displayName"`
	HostnameLabel *string                   `json:"hostnameLabel"`
	Lifetime      *string                   `json:"lifetime"`
	RouteTableID  *vcn.RouteTableID         `json:"routeTableId"`
	FreeformTags  map[string]string         `json:"freeformTags"`
	DefinedTags   map[string]map[string]any `json:"definedTags"`
}

func (b addressBody) change() vcn.AddressChange {
	return vcn.AddressChange{
		VNIC: b.VnicID, DisplayName: b.DisplayName, HostnameLabel: b.HostnameLabel, Lifetime: b.Lifetime,
		RouteTable: b.RouteTableID, Freeform: b.FreeformTags, Defined: b.DefinedTags,
	}
}

func (x *exchange) listPrivateIps() (reply, error)  { return x.listAddresses(false) }
func (x *exchange) createPrivateIP() (reply, error) { return x.createAddress(false) }
func (x *exchange) getPrivateIP() (reply, error)    { return x.getAddress(false) }
func (x *exchange) updatePrivateIP() (reply, error) { return x.updateAddress(false) }
func (x *exchange) deletePrivateIP() (reply, error) { return x.deleteAddress(false) }
func (x *exchange) detachPrivateIP() (reply, error) { return x.detachAddress(false) }
func (x *exchange) listIPv6s() (reply, error)       { return x.listAddresses(true) }
func (x *exchange) createIPv6() (reply, error)      { return x.createAddress(true) }
func (x *exchange) getIPv6() (reply, error)         { return x.getAddress(true) }
func (x *exchange) updateIPv6() (reply, error)      { return x.updateAddress(true) }
func (x *exchange) deleteIPv6() (reply, error)      { return x.deleteAddress(true) }
func (x *exchange) detachIPv6() (reply, error)      { return x.detachAddress(true) }

// address finds the object that the path names, of the right kind.
func (x *exchange) address(state *vcn.State, ipv6 bool) (vcn.Address, error) {
	id := vcn.AddressID(x.req.PathValue("id"))
	a, ok := state.Addresses[id]
	if !ok || a.IP.Is6() != ipv6 {
		return vcn.Address{}, vcn.NotFound(string(id))
	}
	return a, nil
}

func (x *exchange) getAddress(ipv6 bool) (reply, error) {
	state := x.read()
	a, err := x.address(state, ipv6)
	return reply{body: showAddress(state, a), etag: a.ETag}, err
}

func (x *exchange) listAddresses(ipv6 bool) (reply, error) {
	q := x.req.URL.Query()
	subnet, vnic, text := vcn.SubnetID(q.Get("subnetId")), vcn.VNICID(q.Get("vnicId")), q.Get("ipAddress")
	if q.Get("vlanId") != "" {
		return reply{}, vcn.NotFound(q.Get("vlanId"))
	}
	if subnet == "" && vnic == "" {
		return reply{}, &vcn.Refusal{Status: http.StatusBadRequest, Code: "MissingParameter",
			Message: "This request is missing one of the following arguments: subnetId, vnicId, vlanId."}
	}
	var ip netip.Addr
	if text != "" {
		var err error
		if ip, err = netip.ParseAddr(text); err != nil || ip.Is6() != ipv6 {
			return reply{}, vcn.Invalid("ipAddress %q is not an address of this IP version.", text)
		}
	}
	state := x.read()
	if _, ok := state.Subnets[subnet]; subnet != "" && !ok {
		return reply{}, vcn.NotFound(string(subnet))
	}
	if _, ok := state.VNICs[vnic]; vnic != "" && !ok {
		return reply{}, vcn.NotFound(string(vnic))
	}
	var found []vcn.Address
	for _, a := range state.Addresses {
		if a.IP.Is6() == ipv6 && (subnet == "" || a.Subnet == subnet) && (vnic == "" || a.VNIC == vnic) && (text == "" || a.IP == ip) &&
			(q.Get("ipState") == "" || strings.EqualFold(q.Get("ipState"), ipState(a))) &&
			(q.Get("lifetime") == "" || strings.EqualFold(q.Get("lifetime"), a.Lifetime)) {
			found = append(found, a)
		}
	}
	found, next, err := page(x, found, func(a vcn.Address) string { return string(a.ID) })
	items := make([]object, 0, len(found))
	for _, a := range found {
		items = append(items, showAddress(state, a))
	}
	return reply{body: items, nextPage: next}, err
}

func (x *exchange) createAddress(ipv6 bool) (reply, error) {
	var b addressBody
	if err := x.decode(&b); err != nil {
		return reply{}, err
	}
	if b.VlanID != nil {
		return reply{}, vcn.NotFound(*b.VlanID)
	}
	if b.VnicID == nil && b.SubnetID == nil {
		return reply{}, &vcn.Refusal{Status: http.StatusBadRequest, Code: "MissingParameter",
			Message: "This request is missing one of the following arguments: subnetId, vnicId, vlanId."}
	}
	n := vcn.NewAddress{IPv6: ipv6, AddressChange: b.change()}
	n.VNIC, n.Subnet, n.Lifetime = deref(b.VnicID), deref(b.SubnetID), deref(b.Lifetime)
	if text := deref(b.IPAddress); text != "" {
		ip, err := netip.ParseAddr(text)
		if err != nil {
			return reply{}, vcn.Invalid("ipAddress %q is not an IP address.", text)
		}
		n.IP = ip
	}
	return x.once(func() (vcn.Address, error) {
		var a vcn.Address
		err := x.write(func(s *vcn.State) (err error) {
			a, err = s.CreateAddress(n, x.clock)
			return err
		})
		return a, err
	})
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

func (x *exchange) updateAddress(ipv6 bool) (reply, error) {
	var b addressBody
	if err := x.decode(&b); err != nil {
		return reply{}, err
	}
	return x.changeAddress(ipv6, func(s *vcn.State, id vcn.AddressID) (vcn.Address, error) {
		return s.UpdateAddress(id, x.ifMatch(), b.change())
	})
}

func (x *exchange) detachAddress(ipv6 bool) (reply, error) {
	return x.changeAddress(ipv6, func(s *vcn.State, id vcn.AddressID) (vcn.Address, error) {
		return s.DetachAddress(id, x.ifMatch())
	})
}

func (x *exchange) changeAddress(ipv6 bool, change func(*vcn.State, vcn.AddressID) (vcn.Address, error)) (reply, error) {
	var out reply
	err := x.write(func(s *vcn.State) error {
		a, err := x.address(s, ipv6)
		if err != nil {
			return err
		}
		if a, err = change(s, a.ID); err == nil {
			out = reply{body: showAddress(s, a), etag: a.ETag}
		}
		return err
	})
	return out, err
}

func (x *exchange) deleteAddress(ipv6 bool) (reply, error) {
	return reply{status: http.StatusNoContent}, x.write(func(s *vcn.State) error {
		a, err := x.address(s, ipv6)
		if err != nil {
			return err
		}
		return s.DeleteAddress(a.ID, x.ifMatch())
	})
}

func ipState(a vcn.Address) string {
	if a.VNIC == "" {
		return "AVAILABLE"
	}
	return "ASSIGNED"
}

func showAddress(s *vcn.State, a vcn.Address) object {
	o := object{
		"id": a.ID, "ipAddress": a.IP, "vnicId": orNull(a.VNIC), "subnetId": a.Subnet, "compartmentId": s.Compartment,
		"displayName": a.DisplayName, "timeCreated": stamp(a.Created), "ipState": ipState(a), "lifetime": a.Lifetime,
		"routeTableId": orNull(a.RouteTable),
	}.tags(a.Tags)
	if a.IP.Is6() {
		o["lifecycleState"], o["cidrPrefixLength"] = "AVAILABLE", 128
		return o
	}
	// A private IP has no lifecycleState; its availability domain is null in a regional subnet.
	o["isPrimary"], o["hostnameLabel"], o["vlanId"] = a.Primary, orNull(a.HostnameLabel), nil
	o["availabilityDomain"], o["cidrPrefixLength"] = nil, nil
	return o
}
