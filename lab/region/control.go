// SPDX-License-Identifier: Apache-2.0

package region

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"ocf-oci/lab/region/control"
	"ocf-oci/lab/region/vcn"
)

// Owner says who holds an address, in the region and in the data plane.
func (r *Region) Owner(ip netip.Addr) (control.Owner, error) {
	state := r.current()
	a, ok := state.AddressByIP(ip)
	if !ok {
		return control.Owner{}, fmt.Errorf("there is no address %s in this region", ip)
	}
	told, _, _ := r.network.view()
	return ownerOf(state, a, told), nil
}

func ownerOf(state *vcn.State, a vcn.Address, told map[netip.Addr]vcn.VNICID) control.Owner {
	o := control.Owner{
		Address: a.IP, ID: string(a.ID), Subnet: state.Subnets[a.Subnet].Name, Primary: a.Own, ETag: a.ETag,
		VNIC: string(a.VNIC), DataplaneVNIC: string(told[a.IP]),
	}
	o.Node, o.NIC = nodeOf(state, a.VNIC)
	o.Dataplane, _ = nodeOf(state, told[a.IP])
	for _, p := range state.PublicIPs {
		if p.Private == a.ID {
			o.PublicIP = p.IP.String()
		}
	}
	return o
}

func nodeOf(state *vcn.State, id vcn.VNICID) (node, nic string) {
	v, ok := state.VNICs[id]
	if !ok {
		return "", ""
	}
	return state.Instances[v.Instance].Name, v.NIC
}

// Nodes lists the instances with their VNICs, by name.
func (r *Region) Nodes() []control.Node {
	state := r.current()
	var out []control.Node
	for _, i := range state.Instances {
		n := control.Node{Name: i.Name, ID: string(i.ID), State: i.State, VNICs: []control.VNIC{}}
		for _, v := range state.VNICs {
			if v.Instance == i.ID {
				n.VNICs = append(n.VNICs, control.VNIC{
					ID: string(v.ID), NIC: v.NIC, MAC: v.MAC, Subnet: state.Subnets[v.Subnet].Name, SubnetID: string(v.Subnet),
					IP: v.IP, SkipSourceDestCheck: v.SkipSourceDestCheck,
				})
			}
		}
		slices.SortFunc(n.VNICs, func(a, b control.VNIC) int { return cmp.Compare(a.NIC, b.NIC) })
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b control.Node) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// Status is the region at a glance. Owners are the secondary addresses.
func (r *Region) Status() control.Status {
	state, now := r.current(), r.Settings()
	told, pending, errs := r.network.view()
	s := control.Status{
		Region: r.spec.Region, Time: time.Now(), Latency: control.Duration(now.Latency), Propagation: control.Duration(now.Propagation),
		Limit: now.Limit, TokenLife: control.Duration(now.TokenLife), Calls: r.journal.Count(), Pending: pending, Errors: errs,
		Faults: []control.Fault{}, Owners: []control.Owner{}, Nodes: r.Nodes(),
	}
	for _, f := range r.faults.List() {
		s.Faults = append(s.Faults, wireFault(f))
	}
	for _, a := range state.Addresses {
		if !a.Own {
			s.Owners = append(s.Owners, ownerOf(state, a, told))
		}
	}
	slices.SortFunc(s.Owners, func(a, b control.Owner) int { return a.Address.Compare(b.Address) })
	return s
}

// Calls returns the journal from a time on; the zero time is all of it.
func (r *Region) Calls(since time.Time) []control.Call { return r.journal.Since(since) }

// Give moves an address behind everybody's back, as somebody at the cloud's console would:
// to a node, or to nobody with "". The rules of the network hold, the policy does not.
func (r *Region) Give(ip netip.Addr, node string) error {
	return r.commit(func(s *vcn.State) error {
		a, ok := s.AddressByIP(ip)
		if !ok {
			return fmt.Errorf("there is no address %s in this region", ip)
		}
		if node == "" {
			_, err := s.DetachAddress(a.ID, "")
			return err
		}
		inst, ok := s.InstanceByName(node)
		if !ok {
			return noNode(node)
		}
		for _, v := range s.VNICs {
			if v.Instance == inst.ID && v.Subnet == a.Subnet {
				_, err := s.UpdateAddress(a.ID, "", vcn.AddressChange{VNIC: &v.ID})
				return err
			}
		}
		return fmt.Errorf("node %s has no VNIC in the subnet of %s", node, ip)
	})
}

// Delete removes an address object behind everybody's back.
func (r *Region) Delete(ip netip.Addr) error {
	return r.commit(func(s *vcn.State) error {
		a, ok := s.AddressByIP(ip)
		if !ok {
			return fmt.Errorf("there is no address %s in this region", ip)
		}
		return s.DeleteAddress(a.ID, "")
	})
}

// Create makes an address object behind everybody's back, held by a node or by nobody.
func (r *Region) Create(a AddressSpec) error {
	return r.commit(func(s *vcn.State) error {
		_, err := addAddress(s, a, time.Now())
		return err
	})
}

// SetInstanceState shows another life-cycle state (RUNNING, STOPPED ...) of a node in the
// API; the lab calls it when it crashes or boots one.
func (r *Region) SetInstanceState(node, state string) error {
	return r.commit(func(s *vcn.State) error {
		inst, ok := s.InstanceByName(node)
		if !ok {
			return noNode(node)
		}
		_, err := s.SetInstanceState(inst.ID, "", state)
		return err
	})
}

// SubnetID returns the OCID of a subnet of the Spec.
func (r *Region) SubnetID(name string) (string, error) {
	for _, s := range r.current().Subnets {
		if s.Name == name {
			return string(s.ID), nil
		}
	}
	return "", errors.New("there is no subnet " + name)
}
