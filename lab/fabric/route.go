// SPDX-License-Identifier: Apache-2.0

package fabric

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Priorities of the policy rules, between the kernel's local (0) and main (32766).
const (
	priorityLocal = 1000 // inside the subnet: never by route rules
	priorityRules = 1001
)

// Metrics: the way to nowhere ranks behind every real route.
const (
	realMetric = 100
	sinkMetric = 50000
)

// SetOwner makes the VNIC the receiver of packets for ip from now on; "" leaves them without receiver. The
// VNIC need not be attached at the moment (its machine may be down). It is an error in a bridged fabric.
func (f *Fabric) SetOwner(ip netip.Addr, vnic string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.bridge {
		return fmt.Errorf("give %s an owner: this fabric is bridged, ARP decides there", ip)
	}
	if _, ok := f.ports[vnic]; vnic != "" && !ok {
		return fmt.Errorf("give %s to VNIC %s: no such VNIC; AddVNIC first", ip, vnic)
	}
	old := f.ports[f.owners[ip]]
	f.owners[ip] = vnic
	if err := f.program(ip); err != nil {
		return fmt.Errorf("give %s to VNIC %s: %w", ip, vnic, err)
	}
	if old != nil && old.ID != vnic && f.live(old) {
		// The route has moved on: the old neighbour entry only misleads a reader.
		if err := f.nl.NeighDel(neighbour(old, ip)); err != nil && !gone(err) {
			return fmt.Errorf("forget %s behind VNIC %s: %w", ip, old.ID, err)
		}
	}
	return nil
}

// SetRouteRules replaces the route rules of a subnet.
func (f *Fabric) SetRouteRules(subnetID string, rules []RouteRule) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	sn, ok := f.subnets[subnetID]
	if !ok {
		return fmt.Errorf("set route rules: subnet %q is unknown", subnetID)
	}
	if f.bridge {
		return fmt.Errorf("set route rules of subnet %s: this fabric is bridged", subnetID)
	}
	keep := map[netip.Prefix]bool{}
	for _, r := range rules {
		keep[r.Destination.Masked()] = true
	}
	old := sn.rules
	sn.rules = append([]RouteRule(nil), rules...)
	for _, r := range sn.rules {
		if err := f.nl.RouteReplace(f.sinkRoute(r.Destination, sn.table)); err != nil {
			return fmt.Errorf("route %s of subnet %s to nowhere: %w", r.Destination, sn.ID, err)
		}
		if err := f.programRule(sn, r); err != nil {
			return err
		}
	}
	for _, r := range old {
		if keep[r.Destination.Masked()] {
			continue
		}
		for _, rt := range []*netlink.Route{portRoute(r.Destination, sn.table), f.sinkRoute(r.Destination, sn.table)} {
			if err := f.nl.RouteDel(rt); err != nil && !gone(err) {
				return fmt.Errorf("remove route %s of subnet %s: %w", r.Destination, sn.ID, err)
			}
		}
	}
	return nil
}

// programPort routes everything that the VNIC owns to its port.
func (f *Fabric) programPort(p *port) error {
	for ip, owner := range f.owners {
		if owner != p.ID && ip.Is4() {
			continue
		}
		if err := f.program(ip); err != nil {
			return err
		}
	}
	return nil
}

// program makes the kernel agree with owners for one address: neighbour first, then the route in one atomic
// replace, then the route rules that point at the address.
func (f *Fabric) program(ip netip.Addr) error {
	host := netip.PrefixFrom(ip, ip.BitLen())
	p := f.ports[f.owners[ip]]
	if ip.Is6() {
		// A solicitation is answered on every port but the owner's.
		for _, other := range f.ports {
			if f.live(other) {
				if err := f.proxy(other, ip, other != p); err != nil {
					return err
				}
			}
		}
	}
	if f.live(p) {
		if err := f.nl.NeighSet(neighbour(p, ip)); err != nil {
			return fmt.Errorf("set the neighbour %s on %s: %w", ip, p.name, err)
		}
		r := &netlink.Route{LinkIndex: p.index, Dst: ipNet(host), Priority: realMetric}
		if ip.Is4() {
			r.Scope = netlink.SCOPE_LINK
		}
		if err := f.nl.RouteReplace(r); err != nil {
			return fmt.Errorf("route %s to %s: %w", ip, p.name, err)
		}
	} else if err := f.nl.RouteDel(portRoute(host, unix.RT_TABLE_MAIN)); err != nil && !gone(err) {
		return fmt.Errorf("remove the route to %s: %w", ip, err)
	}
	for _, sn := range f.subnets {
		for _, r := range sn.rules {
			if r.NextHop == ip {
				if err := f.programRule(sn, r); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// programRule points a route rule at the owner of its private IP. A VNIC whose source/destination check is on
// takes no traffic for others, so there the rule is a black hole.
func (f *Fabric) programRule(sn *subnet, r RouteRule) error {
	p := f.ports[f.owners[r.NextHop]]
	if !r.NextHop.IsValid() || !f.live(p) || p.SourceDestCheck {
		if err := f.nl.RouteDel(portRoute(r.Destination, sn.table)); err != nil && !gone(err) {
			return fmt.Errorf("remove route %s of subnet %s: %w", r.Destination, sn.ID, err)
		}
		return nil
	}
	rt := &netlink.Route{
		Dst: ipNet(r.Destination), Table: sn.table, Priority: realMetric,
		LinkIndex: p.index, Gw: r.NextHop.AsSlice(), Flags: int(netlink.FLAG_ONLINK),
	}
	if err := f.nl.RouteReplace(rt); err != nil {
		return fmt.Errorf("route %s of subnet %s by %s on %s: %w", r.Destination, sn.ID, r.NextHop, p.name, err)
	}
	return nil
}

// policy makes packets that come in on the port look at their subnet's route rules, unless they stay inside.
func (f *Fabric) policy(p *port, sn *subnet, prefix netip.Prefix) error {
	family := netlink.FAMILY_V4
	if prefix.Addr().Is6() {
		family = netlink.FAMILY_V6
	}
	inside, rules := netlink.NewRule(), netlink.NewRule()
	inside.Family, inside.Priority, inside.IifName, inside.Table = family, priorityLocal, p.name, unix.RT_TABLE_MAIN
	inside.Dst = ipNet(prefix)
	rules.Family, rules.Priority, rules.IifName, rules.Table = family, priorityRules, p.name, sn.table
	for _, r := range []*netlink.Rule{inside, rules} {
		// The rules name the port, so they outlive it when its machine goes.
		if err := f.nl.RuleAdd(r); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("add policy rule for %s: %w", p.name, err)
		}
	}
	return nil
}

// proxy adds or removes a proxy neighbour entry: with it the port answers solicitations for the address.
func (f *Fabric) proxy(p *port, ip netip.Addr, on bool) error {
	n := &netlink.Neigh{LinkIndex: p.index, Family: unix.AF_INET6, Flags: netlink.NTF_PROXY, IP: ip.AsSlice()}
	err := error(nil)
	if on {
		err = f.nl.NeighSet(n)
	} else {
		err = f.nl.NeighDel(n)
	}
	if err != nil && (on || !gone(err)) {
		return fmt.Errorf("answer solicitations for %s on %s: %w", ip, p.name, err)
	}
	return nil
}

// live: the machine is there and its cable is not cut. A nil port is not live.
func (f *Fabric) live(p *port) bool { return p != nil && p.index != 0 && !f.down[p.Host] }

func (f *Fabric) addAddress(index int, p netip.Prefix) error {
	l, err := f.nl.LinkByIndex(index)
	if err != nil {
		return fmt.Errorf("find device %d in %s: %w", index, f.name, err)
	}
	a := &netlink.Addr{IPNet: ipNetHost(p)}
	if p.Addr().Is6() {
		a.Flags = unix.IFA_F_NODAD
	}
	if err := f.nl.AddrReplace(l, a); err != nil {
		return fmt.Errorf("add %s to %s: %w", p, l.Attrs().Name, err)
	}
	return nil
}

// portRoute is the key of a route that leads to a port. To delete one the kernel compares scope and metric, except a scope
// of "nowhere" and a metric of 0, which stand for any: hence our own metric, or the sink's route would go instead.
func portRoute(p netip.Prefix, table int) *netlink.Route {
	return &netlink.Route{Dst: ipNet(p), Table: table, Scope: netlink.SCOPE_NOWHERE, Priority: realMetric}
}

func (f *Fabric) sinkRoute(p netip.Prefix, table int) *netlink.Route {
	return &netlink.Route{LinkIndex: f.sink, Dst: ipNet(p), Table: table, Priority: sinkMetric}
}

func neighbour(p *port, ip netip.Addr) *netlink.Neigh {
	family := unix.AF_INET
	if ip.Is6() {
		family = unix.AF_INET6
	}
	return &netlink.Neigh{LinkIndex: p.index, Family: family, State: netlink.NUD_PERMANENT, IP: ip.AsSlice(), HardwareAddr: p.MAC}
}

func ipNet(p netip.Prefix) *net.IPNet { return ipNetHost(p.Masked()) }

// ipNetHost keeps the host part, as an interface address needs it.
func ipNetHost(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

// gone: the kernel says that the object is not there (any more).
func gone(err error) bool {
	var notFound netlink.LinkNotFoundError
	return errors.As(err, &notFound) || errors.Is(err, unix.ESRCH) || errors.Is(err, unix.ENOENT) ||
		errors.Is(err, unix.ENODEV) || errors.Is(err, unix.EADDRNOTAVAIL)
}
