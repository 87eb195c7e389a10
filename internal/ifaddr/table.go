// SPDX-License-Identifier: Apache-2.0

package ifaddr

import (
	"bytes"
	"net"
	"net/netip"
	"slices"

	"golang.org/x/sys/unix"
)

// Link is a network interface.
type Link struct {
	Index    int
	Name     string
	AltNames []string
	MAC      net.HardwareAddr
	// AdminUp is IFF_UP; Carrier is false without IFF_LOWER_UP and when the kernel's operational state is DOWN,
	// LOWERLAYERDOWN or NOTPRESENT (RFC 2863 ifOperStatus; UNKNOWN, which virtual devices report, counts as carrier).
	AdminUp, Carrier bool
	// Slave is IFF_SLAVE: a port of a bond or of an SR-IOV failover pair, which shares its master's MAC address.
	Slave, Loopback bool
	// NoARP is IFF_NOARP: neighbours are not resolved on this link, so nobody listens to announcements.
	NoARP bool
}

// Up reports whether the link can carry traffic.
func (l Link) Up() bool { return l.AdminUp && l.Carrier }

// Address is one address on one link.
type Address struct {
	// Prefix is the address itself with its prefix length, not the masked network.
	Prefix    netip.Prefix
	Link      int
	LinkName  string
	Label     string
	Broadcast netip.Addr
	// Flags are the kernel's IFA_F_* bits.
	Flags uint32
	// PreferredLifetime in seconds; the kernel's "forever" is math.MaxUint32.
	PreferredLifetime uint32
}

// Tentative reports whether duplicate address detection (RFC 4862) still runs.
func (a Address) Tentative() bool {
	return a.Flags&unix.IFA_F_TENTATIVE != 0 && a.Flags&unix.IFA_F_OPTIMISTIC == 0
}

// DuplicateFound reports whether duplicate address detection (RFC 4862) found another owner on the wire.
func (a Address) DuplicateFound() bool { return a.Flags&unix.IFA_F_DADFAILED != 0 }

// Table is everything that one complete dump of links and addresses said.
type Table struct {
	Links     []Link
	Addresses []Address
}

// Find returns every place where ip is configured: any link, any prefix length.
func (t Table) Find(ip netip.Addr) []Address {
	var found []Address
	for _, a := range t.Addresses {
		if a.Prefix.Addr() == ip.Unmap() {
			found = append(found, a)
		}
	}
	return found
}

// Link returns the link with this index.
func (t Table) Link(index int) (Link, bool) {
	for _, l := range t.Links {
		if l.Index == index {
			return l, true
		}
	}
	return Link{}, false
}

// ByName returns the link with this name or alternative name.
func (t Table) ByName(name string) (Link, bool) {
	for _, l := range t.Links {
		if l.Name == name {
			return l, true
		}
	}
	for _, l := range t.Links {
		if slices.Contains(l.AltNames, name) {
			return l, true
		}
	}
	return Link{}, false
}

// ByMAC returns the link that the administrator works with for a hardware address. Ports of a bond, of an SR-IOV
// failover pair (IFF_SLAVE) and loopback are passed over; among the rest (a VLAN or MACVLAN on bare metal shares the
// MAC with nothing, a bridge with its port) the one that carries want wins, then the first.
func (t Table) ByMAC(mac net.HardwareAddr, want netip.Addr) (Link, bool) {
	var first *Link
	for i, l := range t.Links {
		if l.Slave || l.Loopback || !bytes.Equal(l.MAC, mac) {
			continue
		}
		for _, a := range t.Addresses {
			if a.Link == l.Index && a.Prefix.Addr() == want {
				return l, true
			}
		}
		if first == nil {
			first = &t.Links[i]
		}
	}
	if first == nil {
		return Link{}, false
	}
	return *first, true
}

// Containing returns the directly connected prefix that contains ip, as a configured address other than ip itself
// shows it: the longest wins, then the order of the kernel. Only prefixes no longer than maxBits count when maxBits is
// positive, and only those of the link called nic when nic is not empty.
func (t Table) Containing(ip netip.Addr, nic string, maxBits int) (Address, bool) {
	var best Address
	ok := false
	for _, a := range t.Addresses {
		l, known := t.Link(a.Link)
		switch {
		case a.Prefix.Addr() == ip, !a.Prefix.Masked().Contains(ip), !known:
			continue
		case nic != "" && l.Name != nic && !slices.Contains(l.AltNames, nic):
			continue
		case maxBits > 0 && a.Prefix.Bits() > maxBits:
			continue
		}
		if !ok || a.Prefix.Bits() > best.Prefix.Bits() {
			best, ok = a, true
		}
	}
	return best, ok
}
