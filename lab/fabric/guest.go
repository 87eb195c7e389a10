// SPDX-License-Identifier: Apache-2.0

package fabric

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// loopbackUp sets lo up in the namespace of the calling thread.
func loopbackUp() error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return fmt.Errorf("find lo: %w", err)
	}
	if err := netlink.LinkSetUp(lo); err != nil {
		return fmt.Errorf("set lo up: %w", err)
	}
	return nil
}

// configureGuest does inside the machine what its DHCP client does on OCI: device up, primary addresses,
// default route, and the link-local range (instance metadata) on the link. It returns the device's MAC.
func configureGuest(guest netns.NsHandle, v VNIC, sn *subnet, cloud bool) (net.HardwareAddr, error) {
	nl, err := netlink.NewHandleAt(guest)
	if err != nil {
		return nil, fmt.Errorf("open a netlink socket in %s's namespace: %w", v.Host, err)
	}
	defer nl.Close()
	l, err := nl.LinkByName(v.Device)
	if err != nil {
		return nil, fmt.Errorf("find %s in %s: %w", v.Device, v.Host, err)
	}
	for _, p := range v.Primary {
		a := &netlink.Addr{IPNet: ipNetHost(p)}
		if p.Addr().Is6() {
			a.Flags = unix.IFA_F_NODAD
		}
		if err := nl.AddrReplace(l, a); err != nil {
			return nil, fmt.Errorf("add %s to %s of %s: %w", p, v.Device, v.Host, err)
		}
	}
	if err := nl.LinkSetUp(l); err != nil {
		return nil, fmt.Errorf("set %s of %s up: %w", v.Device, v.Host, err)
	}
	if !v.DefaultRoute {
		return l.Attrs().HardwareAddr, nil
	}
	var routes []*netlink.Route
	for i, p := range sn.Prefixes {
		r := &netlink.Route{LinkIndex: l.Attrs().Index, Gw: sn.router(i).AsSlice(), Dst: ipNet(netip.PrefixFrom(netip.IPv4Unspecified(), 0))}
		if !v.has(p) {
			continue
		}
		if p.Addr().Is6() {
			r.Dst = ipNet(netip.PrefixFrom(netip.IPv6Unspecified(), 0))
			if cloud {
				r.Gw = linkLocalRouter.AsSlice()
			}
		} else if cloud {
			routes = append(routes, &netlink.Route{
				LinkIndex: l.Attrs().Index, Scope: netlink.SCOPE_LINK,
				Dst: ipNet(netip.MustParsePrefix("169.254.0.0/16")),
			})
		}
		routes = append(routes, r)
	}
	for _, r := range routes {
		if err := nl.RouteReplace(r); err != nil {
			return nil, fmt.Errorf("add route %s to %s: %w", r.Dst, v.Host, err)
		}
	}
	return l.Attrs().HardwareAddr, nil
}

// has tells whether one of the VNIC's primary addresses is in the prefix.
func (v VNIC) has(p netip.Prefix) bool {
	for _, a := range v.Primary {
		if p.Contains(a.Addr()) {
			return true
		}
	}
	return false
}

// Forward makes the machine in the namespace bound at path a router: it forwards IPv4 and IPv6, and does not drop
// what comes in on another device than the answer would leave by.
func Forward(path string) error {
	return sysctls(path, [][2]string{
		{"net/ipv4/ip_forward", "1"}, {"net/ipv6/conf/all/forwarding", "1"}, {"net/ipv6/conf/default/forwarding", "1"},
		{"net/ipv4/conf/all/rp_filter", "0"}, {"net/ipv4/conf/default/rp_filter", "0"},
	})
}

// Address is an address that a machine's kernel carries.
type Address struct {
	Device string
	Prefix netip.Prefix
}

// Addresses reads the addresses in the network namespace bound at path, without loopback and link-local ones (but with
// global ones on lo). The answer is whole: an interrupted dump is repeated.
func Addresses(path string) ([]Address, error) {
	h, err := netns.GetFromPath(path)
	if err != nil {
		return nil, fmt.Errorf("open network namespace %s: %w", path, err)
	}
	defer h.Close()
	nl, err := netlink.NewHandleAt(h)
	if err != nil {
		return nil, fmt.Errorf("open a netlink socket in %s: %w", path, err)
	}
	defer nl.Close()
	links, err := whole(func() ([]netlink.Link, error) { return nl.LinkList() })
	if err != nil {
		return nil, fmt.Errorf("list devices in %s: %w", path, err)
	}
	device := map[int]string{}
	for _, l := range links {
		device[l.Attrs().Index] = l.Attrs().Name
	}
	addrs, err := whole(func() ([]netlink.Addr, error) { return nl.AddrList(nil, netlink.FAMILY_ALL) })
	if err != nil {
		return nil, fmt.Errorf("list addresses in %s: %w", path, err)
	}
	var list []Address
	for _, a := range addrs {
		ip, ok := netip.AddrFromSlice(a.IP)
		if ip = ip.Unmap(); !ok || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
			continue
		}
		bits, _ := a.Mask.Size()
		list = append(list, Address{device[a.LinkIndex], netip.PrefixFrom(ip, bits)})
	}
	return list, nil
}

// whole repeats a netlink dump until it was not interrupted, for at most a second.
func whole[T any](dump func() ([]T, error)) ([]T, error) {
	for end := time.Now().Add(time.Second); ; {
		list, err := dump()
		if !errors.Is(err, netlink.ErrDumpInterrupted) || time.Now().After(end) {
			return list, err
		}
	}
}
