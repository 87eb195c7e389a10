// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/netip"

	"ocf-oci/internal/ifaddr"
)

// place is where the routing table puts an address.
type place struct {
	Link      ifaddr.Link
	Bits      int
	Broadcast netip.Addr // of the address that the route names as its source; invalid if there is none
}

// discover finds interface and prefix length in the routing table: the longest connected route that contains the
// address, then the one with the lowest metric. A route that only exists because the address itself is configured
// counts last: it would make every prefix length look right.
func discover(t ifaddr.Table, routes []ifaddr.Route, w wanted, proto string) (place, bool) {
	origin, chosen := ifaddr.Protocol(proto)
	var best *ifaddr.Route
	for i := range routes {
		r := &routes[i]
		link, known := t.Link(r.Link)
		switch {
		case !known, r.Dst.Bits() == 0, !r.Dst.Contains(w.IP), !connected(*r, w.IP):
		case w.Bits != 0 && r.Dst.Bits() > w.Bits:
		case w.NIC != "" && !named(link, w.NIC):
		case chosen && r.Protocol != origin:
		case best == nil || better(*r, *best, w.IP):
			best = r
		}
	}
	if best == nil {
		return place{}, false
	}
	p := place{Bits: best.Dst.Bits()}
	p.Link, _ = t.Link(best.Link)
	for _, a := range t.Find(best.Source) {
		if best.Source.IsValid() && a.Link == best.Link {
			p.Broadcast = a.Broadcast
		}
	}
	return p, true
}

// connected: the routes of the local table count for the addresses of the loopback network only, and there a whole
// network, not a single address.
func connected(r ifaddr.Route, ip netip.Addr) bool {
	if r.Local {
		return ip.IsLoopback() && r.Dst.Bits() < ip.BitLen()
	}
	return r.OnLink
}

func better(r, than ifaddr.Route, ip netip.Addr) bool {
	if own := r.Source == ip; own != (than.Source == ip) {
		return !own
	}
	if r.Dst.Bits() != than.Dst.Bits() {
		return r.Dst.Bits() > than.Dst.Bits()
	}
	return r.Metric < than.Metric
}

func named(l ifaddr.Link, name string) bool {
	if l.Name == name {
		return true
	}
	for _, alt := range l.AltNames {
		if alt == name {
			return true
		}
	}
	return false
}
