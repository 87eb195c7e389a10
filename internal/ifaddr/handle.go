// SPDX-License-Identifier: Apache-2.0

package ifaddr

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// maxSocketTimeout bounds one request to the kernel; rtnetlink answers in microseconds unless the RTNL lock is stuck.
const maxSocketTimeout = 3 * time.Second

// Handle is an rtnetlink socket in the network namespace of the thread that opened it.
type Handle struct {
	nl *netlink.Handle
	// trace is told of every change, in iproute2's words.
	trace func(op string, err error)
}

// Open opens a handle in the current network namespace. trace, which may be nil, is called after each change with the
// equivalent iproute2 command and its outcome.
func Open(trace func(op string, err error)) (*Handle, error) {
	h, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("open rtnetlink socket: %w", err)
	}
	if trace == nil {
		trace = func(string, error) {}
	}
	return &Handle{nl: h, trace: trace}, nil
}

// Close releases the socket.
func (h *Handle) Close() { h.nl.Close() }

// Table dumps links and addresses. Interrupted dumps are repeated until ctx ends; an error means that nothing is
// known, never that an address is absent.
//
// Equivalent to: `ip link show; ip address show`.
func (h *Handle) Table(ctx context.Context) (Table, error) {
	var t Table
	links, err := dump(ctx, h, "links", h.nl.LinkList)
	if err != nil {
		return t, err
	}
	addrs, err := dump(ctx, h, "addresses", func() ([]netlink.Addr, error) { return h.nl.AddrList(nil, netlink.FAMILY_ALL) })
	if err != nil {
		return t, err
	}
	names := map[int]string{}
	for _, l := range links {
		link := linkOf(l.Attrs())
		names[link.Index] = link.Name
		t.Links = append(t.Links, link)
	}
	for _, a := range addrs {
		if addr, ok := addressOf(a, names); ok {
			t.Addresses = append(t.Addresses, addr)
		}
	}
	return t, nil
}

// dump runs one list request until the kernel delivers it uninterrupted.
func dump[T any](ctx context.Context, h *Handle, what string, list func() ([]T, error)) ([]T, error) {
	for try := 1; ; try++ {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("dump %s: %w after %d interrupted tries", what, err, try-1)
		}
		if err := h.nl.SetSocketTimeout(socketTimeout(ctx)); err != nil {
			return nil, fmt.Errorf("dump %s: set socket timeout: %w", what, err)
		}
		items, err := list()
		if err == nil {
			return items, nil
		}
		if !retryable(err) {
			return nil, fmt.Errorf("dump %s: %w", what, err)
		}
		h.trace(fmt.Sprintf("dump %s, try %d", what, try), err)
		sleep(ctx, min(time.Duration(try)*time.Millisecond, 20*time.Millisecond))
	}
}

func retryable(err error) bool {
	return errors.Is(err, netlink.ErrDumpInterrupted) || errors.Is(err, unix.EINTR) || errors.Is(err, unix.EBUSY) ||
		errors.Is(err, unix.ENOBUFS)
}

func socketTimeout(ctx context.Context) time.Duration {
	d := maxSocketTimeout
	if end, ok := ctx.Deadline(); ok {
		d = min(d, time.Until(end))
	}
	return max(d, time.Millisecond) // zero would mean "wait for ever"
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func linkOf(a *netlink.LinkAttrs) Link {
	// The operational state follows the carrier with a delay of up to a second (linkwatch); IFF_LOWER_UP is the carrier.
	down := a.RawFlags&unix.IFF_LOWER_UP == 0 || a.OperState == netlink.OperDown || a.OperState == netlink.OperLowerLayerDown || a.OperState == netlink.OperNotPresent
	return Link{
		Index: a.Index, Name: a.Name, AltNames: a.AltNames, MAC: a.HardwareAddr,
		AdminUp: a.RawFlags&unix.IFF_UP != 0, Carrier: !down,
		Slave: a.RawFlags&unix.IFF_SLAVE != 0, Loopback: a.RawFlags&unix.IFF_LOOPBACK != 0,
		NoARP: a.RawFlags&unix.IFF_NOARP != 0,
	}
}

func addressOf(a netlink.Addr, names map[int]string) (Address, bool) {
	p, ok := prefixOf(a.IPNet)
	if !ok {
		return Address{}, false
	}
	brd, _ := netip.AddrFromSlice(a.Broadcast)
	return Address{
		Prefix: p, Link: a.LinkIndex, LinkName: names[a.LinkIndex], Label: a.Label, Broadcast: brd.Unmap(),
		Flags: uint32(a.Flags), PreferredLifetime: uint32(a.PreferedLft),
	}, true
}

func prefixOf(n *net.IPNet) (netip.Prefix, bool) {
	if n == nil {
		return netip.Prefix{}, false
	}
	ip, ok := netip.AddrFromSlice(n.IP)
	if !ok {
		return netip.Prefix{}, false
	}
	bits, of := n.Mask.Size()
	p := netip.PrefixFrom(ip.Unmap(), bits)
	return p, of != 0 && p.IsValid() // 0 of 0: not a mask
}
