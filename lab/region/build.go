// SPDX-License-Identifier: Apache-2.0

package region

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"ocf-oci/lab/region/vcn"
)

// withDefaults fills what a Spec leaves out.
func (s Spec) withDefaults() Spec {
	s.Seed = cmp.Or(s.Seed, "lab")
	s.Region, s.RegionKey = cmp.Or(s.Region, "ca-toronto-1"), cmp.Or(s.RegionKey, "YYZ")
	s.Realm, s.Domain = cmp.Or(s.Realm, "oc1"), cmp.Or(s.Domain, "oraclecloud.com")
	s.Compartment = cmp.Or(s.Compartment, "network")
	s.TokenLife = cmp.Or(s.TokenLife, 20*time.Minute)
	return s
}

// build makes the network of a Spec.
func (s Spec) build(now time.Time) (*vcn.State, error) {
	state := vcn.New(s.Seed, s.Realm, s.Region, vcn.OCID("compartment", s.Realm, "", s.Seed, s.Compartment))
	if err := s.Quirks.limits(&state.Limits); err != nil {
		return nil, err
	}
	for _, sub := range s.Subnets {
		if err := addSubnet(state, sub, now); err != nil {
			return nil, err
		}
	}
	for _, inst := range s.Instances {
		if err := addInstance(state, inst, now); err != nil {
			return nil, err
		}
	}
	for _, a := range s.Addresses {
		made, err := addAddress(state, a, now)
		if err != nil {
			return nil, err
		}
		rename(state, &made, a.IP.String())
		state.Addresses[made.ID] = made
	}
	for _, p := range s.PublicIPs {
		public := vcn.PublicIP{ID: vcn.PublicIPID(state.Named("publicip", p.Name)), Name: p.Name, IP: p.IP, Created: now, ETag: "0"}
		if p.Private.IsValid() {
			a, ok := state.AddressByIP(p.Private)
			if !ok {
				return nil, fmt.Errorf("public IP %s: there is no private IP %s", p.Name, p.Private)
			}
			public.Private = a.ID
		}
		state.PublicIPs[public.ID] = public
	}
	return state, addRoutes(state, s.Subnets)
}

func addSubnet(state *vcn.State, spec SubnetSpec, now time.Time) error {
	if !spec.CIDR.IsValid() && !spec.IPv6.IsValid() {
		return fmt.Errorf("subnet %q has no CIDR", spec.Name)
	}
	id := vcn.SubnetID(state.Named("subnet", spec.Name))
	if _, twice := state.Subnets[id]; twice {
		return fmt.Errorf("subnet %q is there twice", spec.Name)
	}
	table := vcn.RouteTable{ID: vcn.RouteTableID(state.Named("routetable", spec.Name)), Name: spec.Name, Created: now, ETag: "0"}
	sub := vcn.Subnet{
		ID: id, Name: spec.Name, CIDR: spec.CIDR.Masked(), IPv6: spec.IPv6.Masked(), RouteTable: table.ID,
		RouterMAC: vcn.MAC(state.Seed, "router "+spec.Name), Created: now, ETag: "0",
	}
	if sub.CIDR.IsValid() {
		sub.Router = sub.CIDR.Addr().Next()
	}
	if sub.IPv6.IsValid() {
		sub.IPv6Router = sub.IPv6.Addr().Next()
	}
	state.Subnets[id], state.RouteTables[table.ID] = sub, table
	return nil
}

func addInstance(state *vcn.State, spec InstanceSpec, now time.Time) error {
	id := vcn.InstanceID(state.Named("instance", spec.Name))
	if _, twice := state.Instances[id]; twice || spec.Name == "" {
		return fmt.Errorf("instance %q has no name of its own", spec.Name)
	}
	state.Instances[id] = vcn.Instance{ID: id, Name: spec.Name, BareMetal: spec.BareMetal, State: "RUNNING", Created: now, ETag: "0"}
	for i, v := range spec.VNICs {
		name := spec.Name + "/" + v.NIC
		subnet := vcn.SubnetID(state.Named("subnet", v.Subnet))
		if _, ok := state.Subnets[subnet]; !ok {
			return fmt.Errorf("VNIC %s: there is no subnet %q", name, v.Subnet)
		}
		card := vcn.VNIC{
			ID: vcn.VNICID(state.Named("vnic", name)), Name: name, Instance: id, NIC: v.NIC, Index: i, Subnet: subnet,
			MAC: vcn.MAC(state.Seed, name), Primary: i == 0, IP: v.IP, SkipSourceDestCheck: v.SkipSourceDestCheck,
			HostnameLabel: strings.ToLower(spec.Name), State: "AVAILABLE", Created: now, ETag: "0",
		}
		if v.MAC != "" {
			mac, err := net.ParseMAC(v.MAC)
			if err != nil {
				return fmt.Errorf("VNIC %s: %w", name, err)
			}
			card.MAC = mac.String()
		}
		if _, twice := state.VNICs[card.ID]; twice {
			return fmt.Errorf("VNIC %s is there twice", name)
		}
		state.VNICs[card.ID] = card
		for _, ip := range append([]netip.Addr{v.IP}, v.IPv6...) {
			if !ip.IsValid() {
				continue
			}
			a, err := state.CreateAddress(vcn.NewAddress{IP: ip, IPv6: ip.Is6(), VNIC: card.ID}, now)
			if err != nil {
				return fmt.Errorf("VNIC %s: %w", name, err)
			}
			rename(state, &a, name+"/"+ip.String())
			a.Primary, a.Own, a.DisplayName = ip == v.IP, true, name
			state.Addresses[a.ID] = a
		}
	}
	return nil
}

// rename gives an address of a Spec an OCID that follows from its name, so that it is
// the same in every run.
func rename(state *vcn.State, a *vcn.Address, name string) {
	kind := "privateip"
	if a.IP.Is6() {
		kind = "ipv6"
	}
	delete(state.Addresses, a.ID)
	a.ID = vcn.AddressID(state.Named(kind, name))
}

// addAddress makes an address object, with an OCID that none ever had.
func addAddress(state *vcn.State, spec AddressSpec, now time.Time) (vcn.Address, error) {
	n := vcn.NewAddress{IP: spec.IP, IPv6: spec.IP.Is6(), Subnet: vcn.SubnetID(state.Named("subnet", spec.Subnet)), Lifetime: vcn.Reserved}
	if spec.Ephemeral {
		n.Lifetime = vcn.Ephemeral
	}
	if spec.Instance != "" {
		inst, ok := state.InstanceByName(spec.Instance)
		if !ok {
			return vcn.Address{}, fmt.Errorf("address %s: there is no instance %q", spec.IP, spec.Instance)
		}
		for _, v := range state.VNICs {
			if v.Instance == inst.ID && v.Subnet == n.Subnet {
				n.VNIC = v.ID
			}
		}
		if n.VNIC == "" {
			return vcn.Address{}, fmt.Errorf("address %s: instance %s has no VNIC in subnet %s", spec.IP, spec.Instance, spec.Subnet)
		}
	}
	a, err := state.CreateAddress(n, now)
	if err != nil {
		return vcn.Address{}, fmt.Errorf("address %s: %w", spec.IP, err)
	}
	a.DisplayName = cmp.Or(spec.Name, spec.IP.String())
	state.Addresses[a.ID] = a
	return a, nil
}

func addRoutes(state *vcn.State, subnets []SubnetSpec) error {
	for _, spec := range subnets {
		id := vcn.RouteTableID(state.Named("routetable", spec.Name))
		table := state.RouteTables[id]
		for _, r := range spec.Routes {
			a, ok := state.AddressByIP(r.Via)
			if !ok {
				return fmt.Errorf("route %s of subnet %s: there is no private IP %s", r.Destination, spec.Name, r.Via)
			}
			table.Rules = append(table.Rules, vcn.RouteRule{Destination: r.Destination, DestinationType: "CIDR_BLOCK", Target: string(a.ID), RouteType: "STATIC"})
		}
		state.RouteTables[id] = table
	}
	return nil
}

func (q Quirks) limits(l *vcn.Limits) error {
	l.SecondaryPerVNIC = cmp.Or(q.SecondaryPerVNIC, l.SecondaryPerVNIC)
	l.IPv6PerVNIC = cmp.Or(q.IPv6PerVNIC, l.IPv6PerVNIC)
	l.ETagUnchangedByMove = q.ETagUnchangedByMove
	for text, where := range map[string]**vcn.Refusal{q.AddressInUse: &l.AddressInUse, q.CrossSubnet: &l.CrossSubnet, q.TooMany: &l.TooMany} {
		if text == "" {
			continue
		}
		number, code, _ := strings.Cut(text, " ")
		status, err := strconv.Atoi(number)
		if err != nil || status < 400 || status > 599 || code == "" {
			return fmt.Errorf("quirk %q: want STATUS CODE such as \"409 Conflict\"", text)
		}
		*where = &vcn.Refusal{Status: status, Code: code}
	}
	return nil
}
