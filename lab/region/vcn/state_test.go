// SPDX-License-Identifier: Apache-2.0

package vcn

import (
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// network makes two subnets, three machines with a VNIC in each, and two floating addresses.
func network(t *rapid.T) *State {
	s := New("prop", "oc1", "ca-toronto-1", "ocid1.compartment")
	s.Limits.SecondaryPerVNIC = 1
	now := time.Unix(1_700_000_000, 0)
	for _, name := range []string{"a", "b"} {
		third := byte(name[0] - 'a')
		sub := Subnet{ID: SubnetID(name), CIDR: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, third, 0, 0}), 28), RouteTable: RouteTableID("rt-" + name)}
		sub.Router = sub.CIDR.Addr().Next()
		s.Subnets[sub.ID] = sub
		s.RouteTables[sub.RouteTable] = RouteTable{ID: sub.RouteTable}
		for i := range byte(3) {
			id := VNICID(name + string('1'+rune(i)))
			s.VNICs[id] = VNIC{ID: id, Subnet: sub.ID, State: "AVAILABLE"}
			a, err := s.CreateAddress(NewAddress{IP: netip.AddrFrom4([4]byte{10, third, 0, 2 + i}), VNIC: id}, now)
			if err != nil {
				t.Fatal(err)
			}
			a.Primary = true
			s.Addresses[a.ID] = a
		}
		if _, err := s.CreateAddress(NewAddress{IP: netip.AddrFrom4([4]byte{10, third, 0, 10}), Subnet: sub.ID}, now); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range s.Addresses {
		if !a.Primary {
			rt := s.Subnets[a.Subnet].RouteTable
			s.RouteTables[rt] = RouteTable{ID: rt, Rules: []RouteRule{{Destination: netip.MustParsePrefix("192.168.0.0/16"), Target: string(a.ID)}}}
		}
	}
	return s
}

// invariants hold in every state, by the rules of a VCN.
func invariants(t *rapid.T, s *State, seen map[AddressID]netip.Addr) {
	ips, held := map[netip.Addr]AddressID{}, map[VNICID]int{}
	for id, a := range s.Addresses {
		if id != a.ID {
			t.Fatalf("%s is kept under %s", a.ID, id)
		}
		if other, twice := ips[a.IP]; twice {
			t.Fatalf("%s is both %s and %s", a.IP, id, other)
		}
		ips[a.IP] = id
		if !s.Subnets[a.Subnet].CIDR.Contains(a.IP) || reserved(s.Subnets[a.Subnet], a.IP) {
			t.Fatalf("%s is no host address of subnet %s", a.IP, a.Subnet)
		}
		if a.VNIC != "" && s.VNICs[a.VNIC].Subnet != a.Subnet {
			t.Fatalf("%s of subnet %s is on VNIC %s of subnet %s", a.IP, a.Subnet, a.VNIC, s.VNICs[a.VNIC].Subnet)
		}
		if a.Primary && (a.VNIC == "" || s.Addresses[id].VNIC != a.VNIC) {
			t.Fatalf("the primary address %s lost its VNIC", a.IP)
		}
		if !a.Primary {
			held[a.VNIC]++
		}
		if ip, had := seen[id]; had && ip != a.IP {
			t.Fatalf("OCID %s was %s and is %s", id, ip, a.IP)
		}
		seen[id] = a.IP
	}
	delete(held, "")
	for v, n := range held {
		if n > s.Limits.SecondaryPerVNIC {
			t.Fatalf("VNIC %s holds %d addresses", v, n)
		}
	}
}

// dataPlane is what a fabric knows after being told changes.
type dataPlane struct {
	owner  map[netip.Addr]VNICID
	routes map[SubnetID][]ResolvedRule
	checks map[VNICID]bool
}

func (d *dataPlane) apply(changes []Change) {
	for _, c := range changes {
		switch {
		case c.IP.IsValid():
			d.owner[c.IP] = c.Owner
		case c.Subnet != "":
			d.routes[c.Subnet] = c.Rules
		default:
			d.checks[c.Card] = c.Check
		}
	}
}

func TestEveryStateKeepsTheRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := network(t)
		seen := map[AddressID]netip.Addr{}
		plane := &dataPlane{map[netip.Addr]VNICID{}, map[SubnetID][]ResolvedRule{}, map[VNICID]bool{}}
		plane.apply(Diff(nil, s))
		vnics := append(slices.Sorted(maps.Keys(s.VNICs)), "gone")
		pick := func(s *State) AddressID {
			return rapid.SampledFrom(append(slices.Sorted(maps.Keys(s.Addresses)), "gone")).Draw(t, "address")
		}
		etag := func(s *State, id AddressID) string {
			return rapid.SampledFrom([]string{"", "*", s.Addresses[id].ETag, "old"}).Draw(t, "if-match")
		}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			before, next := s.Clone(), s.Clone()
			var err error
			id := pick(next)
			match := etag(next, id)
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0, 1:
				v := rapid.SampledFrom(vnics).Draw(t, "to")
				_, err = next.UpdateAddress(id, match, AddressChange{VNIC: &v})
			case 2:
				ip := netip.AddrFrom4([4]byte{10, rapid.ByteRange(0, 1).Draw(t, "net"), 0, rapid.ByteRange(0, 17).Draw(t, "host")})
				_, err = next.CreateAddress(NewAddress{IP: ip, VNIC: rapid.SampledFrom(vnics).Draw(t, "on")}, time.Unix(0, 0))
			case 3:
				err = next.DeleteAddress(id, match)
			case 4:
				_, err = next.DetachAddress(id, match)
			}
			if err != nil && !reflect.DeepEqual(before.Addresses, next.Addresses) {
				t.Fatalf("refused (%v), and yet something changed", err)
			}
			if err == nil && match == "old" && !slices.Contains(slices.Collect(maps.Keys(next.Addresses)), "gone") && len(before.Addresses) == len(next.Addresses) && !reflect.DeepEqual(before.Addresses, next.Addresses) {
				t.Fatalf("a write with an old etag was carried out")
			}
			if !reflect.DeepEqual(before, s) {
				t.Fatal("changing a clone changed the original")
			}
			if err != nil {
				continue
			}
			plane.apply(Diff(s, next))
			s = next
			invariants(t, s, seen)
			whole := &dataPlane{map[netip.Addr]VNICID{}, map[SubnetID][]ResolvedRule{}, map[VNICID]bool{}}
			whole.apply(Diff(nil, s))
			for ip, v := range plane.owner {
				if whole.owner[ip] != v {
					t.Fatalf("the data plane sends %s to %q, the state says %q", ip, v, whole.owner[ip])
				}
			}
			if !reflect.DeepEqual(plane.routes, whole.routes) || !reflect.DeepEqual(plane.checks, whole.checks) {
				t.Fatalf("routes %v, the state says %v", plane.routes, whole.routes)
			}
		}
	})
}
