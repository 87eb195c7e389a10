// SPDX-License-Identifier: Apache-2.0

package ifaddr

import (
	"net"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// FuzzNetlink feeds what rtnetlink may answer: a link message as bytes, and the fields of an address and of a route with
// lengths that no kernel should send. Nothing becomes an address, a link or a route that is not one.
func FuzzNetlink(f *testing.F) {
	link := []byte{0, 0, 1, 0, 2, 0, 0, 0, 0x43, 0x10, 1, 0, 0, 0, 0, 0, 9, 0, 3, 0, 'e', 't', 'h', '0', 0, 0, 0, 0}
	f.Add(link, []byte{10, 0, 0, 100}, []byte{255, 255, 255, 0}, []byte{10, 0, 0, 255}, uint8(unix.RTN_UNICAST), 2)
	f.Add(link[:16], make([]byte, 16), make([]byte, 16), []byte{}, uint8(unix.RTN_LOCAL), 0)
	f.Add(link[:16], []byte{10}, []byte{255, 0, 255, 0}, []byte{1, 2, 3}, uint8(0), -1)
	f.Fuzz(func(t *testing.T, message, ip, mask, other []byte, kind uint8, index int) {
		if l, err := deserialize(message); err == nil {
			got := linkOf(l.Attrs())
			if got.Carrier && l.Attrs().RawFlags&unix.IFF_LOWER_UP == 0 || got.AdminUp != (l.Attrs().RawFlags&unix.IFF_UP != 0) {
				t.Errorf("%x became %+v", message, got)
			}
		}
		network := &net.IPNet{IP: ip, Mask: mask}
		if a, ok := addressOf(netlink.Addr{IPNet: network, Broadcast: other, LinkIndex: index}, map[int]string{2: "eth0"}); ok {
			if !a.Prefix.IsValid() || a.Prefix.Addr().Is4In6() {
				t.Errorf("%x/%x became the address %v", ip, mask, a.Prefix)
			}
		}
		for _, table := range []int{unix.RT_TABLE_MAIN, unix.RT_TABLE_LOCAL} {
			r, ok := routeOf(netlink.Route{Dst: network, LinkIndex: index, Type: int(kind), Src: other, Gw: other, Family: unix.AF_INET6}, table)
			if ok && (!r.Dst.IsValid() || r.Local != (table == unix.RT_TABLE_LOCAL)) {
				t.Errorf("%x/%x became the route %+v", ip, mask, r)
			}
		}
	})
}

// deserialize is netlink's own reader; a kernel message that it cannot read is an error of the library's, not a link.
func deserialize(message []byte) (l netlink.Link, err error) {
	defer func() {
		if recover() != nil {
			err = net.ErrClosed
		}
	}()
	if len(message) < unix.SizeofIfInfomsg {
		return nil, net.ErrClosed
	}
	return netlink.LinkDeserialize(nil, message)
}
