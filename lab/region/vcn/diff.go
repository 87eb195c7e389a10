// SPDX-License-Identifier: Apache-2.0

package vcn

import (
	"net/netip"
	"slices"
)

// Change is one thing that the data plane has to be told.
type Change struct {
	// Key orders changes: those of one key are applied in the order of their commits.
	Key string
	// One of the three is set.
	IP     netip.Addr
	Subnet SubnetID
	Card   VNICID
	// Owner of IP ("" nobody), Rules of Subnet, Check of Card.
	Owner VNICID
	Rules []ResolvedRule
	Check bool
}

// Diff returns what the data plane has to be told so that it goes from old to new; old
// may be nil for everything.
func Diff(old, new *State) []Change {
	if old == nil {
		old = &State{}
	}
	var out []Change
	before, after := owners(old), owners(new)
	for ip, owner := range after {
		if had, ok := before[ip]; !ok || had != owner {
			out = append(out, Change{Key: ip.String(), IP: ip, Owner: owner})
		}
	}
	for ip, had := range before {
		if _, ok := after[ip]; !ok && had != "" {
			out = append(out, Change{Key: ip.String(), IP: ip})
		}
	}
	for id := range new.Subnets {
		rules := new.Resolve(id)
		if _, known := old.Subnets[id]; !known || !slices.Equal(old.Resolve(id), rules) {
			out = append(out, Change{Key: string(id), Subnet: id, Rules: rules})
		}
	}
	for id, v := range new.VNICs {
		if had, known := old.VNICs[id]; !known || had.SkipSourceDestCheck != v.SkipSourceDestCheck {
			out = append(out, Change{Key: string(id), Card: id, Check: !v.SkipSourceDestCheck})
		}
	}
	slices.SortFunc(out, func(a, b Change) int { return rank(a) - rank(b) })
	return out
}

// rank puts owners before the routes that point to them.
func rank(c Change) int {
	switch {
	case c.IP.IsValid():
		return 0
	case c.Card != "":
		return 1
	}
	return 2
}

func owners(s *State) map[netip.Addr]VNICID {
	out := make(map[netip.Addr]VNICID, len(s.Addresses))
	for _, a := range s.Addresses {
		out[a.IP] = a.VNIC
	}
	return out
}
