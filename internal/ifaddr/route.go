// SPDX-License-Identifier: Apache-2.0

package ifaddr

import (
	"context"
	"net/netip"
	"strconv"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Route is one unicast or local route of the main or the local table.
type Route struct {
	Dst      netip.Prefix // a default route has no bits
	Link     int          // interface index; 0 for a route with several next hops
	OnLink   bool         // the destination is connected: scope link (IPv4), no gateway (IPv6)
	Local    bool         // from the local table: addresses that this host has
	Protocol int          // RTPROT_*
	Metric   int          // 0 is the most wanted
	Source   netip.Addr   // preferred source address; invalid if the route names none
}

// Routes dumps the unicast routes of the main table and the local routes of the local table; an error means that
// nothing is known.
//
// Equivalent to: `ip route list; ip route list table local`, for both families.
func (h *Handle) Routes(ctx context.Context) ([]Route, error) {
	var routes []Route
	for _, table := range []int{unix.RT_TABLE_MAIN, unix.RT_TABLE_LOCAL} {
		found, err := dump(ctx, h, "routes", func() ([]netlink.Route, error) {
			return h.nl.RouteListFiltered(netlink.FAMILY_ALL, &netlink.Route{Table: table}, netlink.RT_FILTER_TABLE)
		})
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			if route, ok := routeOf(r, table); ok {
				routes = append(routes, route)
			}
		}
	}
	return routes, nil
}

func routeOf(r netlink.Route, table int) (Route, bool) {
	local := table == unix.RT_TABLE_LOCAL
	if want := map[bool]int{false: unix.RTN_UNICAST, true: unix.RTN_LOCAL}[local]; r.Type != want {
		return Route{}, false
	}
	dst, ok := prefixOf(r.Dst)
	if !ok {
		zero := netip.IPv4Unspecified()
		if r.Family == unix.AF_INET6 {
			zero = netip.IPv6Unspecified()
		}
		dst = netip.PrefixFrom(zero, 0)
	}
	onLink := r.Scope == netlink.SCOPE_LINK
	if dst.Addr().Is6() { // IPv6 routes have no scope
		onLink = len(r.Gw) == 0 && len(r.MultiPath) == 0
	}
	source, _ := netip.AddrFromSlice(r.Src)
	return Route{
		Dst: dst, Link: r.LinkIndex, OnLink: onLink, Local: local,
		Protocol: int(r.Protocol), Metric: r.Priority, Source: source.Unmap(),
	}, true
}

// protocols are the names of rtnetlink(7) and of iproute2's rt_protos file.
var protocols = map[string]int{
	"unspec": 0, "redirect": 1, "kernel": 2, "boot": 3, "static": 4, "gated": 8, "ra": 9, "mrt": 10, "zebra": 11,
	"bird": 12, "dnrouted": 13, "xorp": 14, "ntk": 15, "dhcp": 16, "keepalived": 18, "babel": 42, "openr": 99,
	"bgp": 186, "isis": 187, "ospf": 188, "rip": 189, "eigrp": 192,
}

// Protocol reads a route's origin by name or number (RTPROT_*, 0 to 255).
func Protocol(s string) (int, bool) {
	if n, err := strconv.ParseUint(s, 10, 8); err == nil {
		return int(n), true
	}
	n, ok := protocols[s]
	return n, ok
}
