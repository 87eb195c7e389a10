// SPDX-License-Identifier: Apache-2.0

package vipcheck

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// ReadRouting reads the kernel's unicast routes of all tables and the rules that look at a source, of both families.
func ReadRouting() ([]Route, []Rule, error) {
	var routes []Route
	var rules []Rule
	names := map[int]string{}
	links, err := whole(netlink.LinkList)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the interfaces: %w", err)
	}
	for _, l := range links {
		names[l.Attrs().Index] = l.Attrs().Name
	}
	for _, family := range []int{unix.AF_INET, unix.AF_INET6} {
		found, err := whole(func() ([]netlink.Route, error) {
			return netlink.RouteListFiltered(family, &netlink.Route{Table: unix.RT_TABLE_UNSPEC, Type: unix.RTN_UNICAST}, netlink.RT_FILTER_TABLE|netlink.RT_FILTER_TYPE)
		})
		if err != nil {
			return nil, nil, fmt.Errorf("reading the routes: %w", err)
		}
		for _, r := range found {
			routes = append(routes, Route{Table: r.Table, Metric: r.Priority, Dst: prefix(r.Dst, family), NIC: names[r.LinkIndex], Gateway: address(r.Gw), Source: address(r.Src)})
		}
		list, err := whole(func() ([]netlink.Rule, error) { return netlink.RuleList(family) })
		if err != nil {
			return nil, nil, fmt.Errorf("reading the routing policy: %w", err)
		}
		for _, r := range list {
			if r.Src != nil {
				rules = append(rules, Rule{From: prefix(r.Src, family), Table: r.Table})
			}
		}
	}
	return routes, rules, nil
}

// whole repeats a dump that was interrupted by a change: a part of it says nothing.
func whole[T any](list func() ([]T, error)) (all []T, err error) {
	for range 10 {
		if all, err = list(); !errors.Is(err, netlink.ErrDumpInterrupted) {
			break
		}
	}
	return all, err
}

func address(ip net.IP) netip.Addr {
	a, _ := netip.AddrFromSlice(ip)
	return a.Unmap()
}

// prefix converts a network; none is all of the family.
func prefix(n *net.IPNet, family int) netip.Prefix {
	if n == nil {
		if family == unix.AF_INET {
			return netip.PrefixFrom(netip.IPv4Unspecified(), 0)
		}
		return netip.PrefixFrom(netip.IPv6Unspecified(), 0)
	}
	bits, _ := n.Mask.Size()
	return netip.PrefixFrom(address(n.IP), bits)
}
