// SPDX-License-Identifier: Apache-2.0

package fabric

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Hop is where the fabric delivers packets. The zero Hop means that they are dropped.
type Hop struct {
	VNIC   string
	Host   string
	Device string // in the machine
	MAC    net.HardwareAddr
}

// NextHop asks the kernel where a packet to ip would be delivered now. In a VCN that is the route and the
// neighbour entry; in a bridged fabric it is the machine that answers ARP or a solicitation for ip now. An
// address that nobody receives gives the zero Hop and no error.
func (f *Fabric) NextHop(ip netip.Addr) (Hop, error) { return f.nextHop(ip, nil) }

// NextHopFrom is NextHop for a packet that comes in from a VNIC: it obeys that subnet's route rules. from must
// be an address of that VNIC.
func (f *Fabric) NextHopFrom(ip netip.Addr, vnic string, from netip.Addr) (Hop, error) {
	f.mu.Lock()
	p := f.ports[vnic]
	live := f.live(p)
	f.mu.Unlock()
	if p == nil {
		return Hop{}, fmt.Errorf("next hop of %s from VNIC %s: no such VNIC", ip, vnic)
	}
	if !live {
		return Hop{}, nil
	}
	return f.nextHop(ip, &netlink.RouteGetOptions{Iif: p.name, SrcAddr: from.AsSlice()})
}

func (f *Fabric) nextHop(ip netip.Addr, o *netlink.RouteGetOptions) (Hop, error) {
	rs, err := f.nl.RouteGetWithOptions(ip.AsSlice(), o)
	if errors.Is(err, unix.ENETUNREACH) || errors.Is(err, unix.EHOSTUNREACH) || errors.Is(err, unix.EINVAL) {
		return Hop{}, nil
	}
	if err != nil {
		return Hop{}, fmt.Errorf("next hop of %s: %w", ip, err)
	}
	if len(rs) == 0 || rs[0].LinkIndex == f.sink {
		return Hop{}, nil
	}
	to := ip
	if gw, ok := netip.AddrFromSlice(rs[0].Gw); ok {
		to = gw.Unmap()
	}
	mac, err := f.resolve(rs[0].LinkIndex, to)
	if err != nil || mac == nil {
		return Hop{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.ports {
		if p.index != 0 && (p.index == rs[0].LinkIndex || f.bridge) && p.MAC.String() == mac.String() {
			return Hop{VNIC: p.ID, Host: p.Host, Device: p.Device, MAC: mac}, nil
		}
	}
	return Hop{}, nil
}

// resolve reads the neighbour entry of ip. In a bridged fabric it first has the kernel ask for it anew, and waits
// up to 300 ms for the answer.
func (f *Fabric) resolve(index int, ip netip.Addr) (net.HardwareAddr, error) {
	family := unix.AF_INET
	if ip.Is6() {
		family = unix.AF_INET6
	}
	if f.bridge {
		old := &netlink.Neigh{LinkIndex: index, Family: family, IP: ip.AsSlice()}
		if err := f.nl.NeighDel(old); err != nil && !gone(err) {
			return nil, fmt.Errorf("forget the neighbour %s: %w", ip, err)
		}
		ask := &netlink.Neigh{LinkIndex: index, Family: family, IP: ip.AsSlice(), Flags: netlink.NTF_USE}
		if err := f.nl.NeighSet(ask); err != nil {
			return nil, fmt.Errorf("ask who has %s: %w", ip, err)
		}
	}
	for end := time.Now().Add(300 * time.Millisecond); ; time.Sleep(5 * time.Millisecond) {
		ns, err := f.nl.NeighList(index, family)
		if err != nil && !errors.Is(err, netlink.ErrDumpInterrupted) {
			return nil, fmt.Errorf("list the neighbours for %s: %w", ip, err)
		}
		for _, n := range ns {
			a, _ := netip.AddrFromSlice(n.IP)
			if a.Unmap() == ip && n.State&(netlink.NUD_PERMANENT|netlink.NUD_REACHABLE|netlink.NUD_STALE|netlink.NUD_DELAY|netlink.NUD_PROBE) != 0 {
				return n.HardwareAddr, nil
			}
		}
		if !f.bridge && err == nil || time.Now().After(end) {
			return nil, nil
		}
	}
}
