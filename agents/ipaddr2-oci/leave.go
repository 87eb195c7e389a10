// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/netip"
	"os"

	"ocf-oci/internal/sockdiag"
)

// before is what stop does while the address is still here: nothing may announce it any more, and a reset of its
// connections can still reach their peers.
func (a *action) before(ctx context.Context, ips []netip.Addr) {
	a.endAnnouncer()
	if !a.cfg.options.killTCP {
		return
	}
	for _, ip := range ips {
		n, err := sockdiag.Reset(ctx, ip)
		if err != nil {
			a.Log.Warn("TCP connections of the address were not all reset", "address", ip, "reset", n, "error", err)
		} else if n > 0 {
			a.Log.Info("reset TCP connections of the address", "address", ip, "connections", n)
		}
	}
}

// after is what stop does when the address is gone. None of it can make stop fail.
func (a *action) after(ctx context.Context, ips []netip.Addr) {
	for _, ip := range ips {
		if a.cfg.options.flushRoutes {
			flushRoutes(ip, a)
		}
		a.clearLabel(ip)
	}
	a.giveToLoopback(ctx)
}

// flushRoutes drops what the kernel remembers of routes (`ip route flush cache`).
func flushRoutes(ip netip.Addr, a *action) {
	file := "/proc/sys/net/ipv4/route/flush"
	if ip.Is6() {
		file = "/proc/sys/net/ipv6/route/flush"
	}
	if err := os.WriteFile(file, []byte("1\n"), 0); err != nil {
		a.Log.Warn("the route cache was not flushed", "error", err)
	}
}

// setLabel keeps the node's own connections from using an IPv6 address as their source; without it they still work.
func (a *action) setLabel(ip netip.Addr) {
	if value := a.cfg.options.addressLabel; ip.Is6() && value != nil {
		if err := a.labels.SetAddressLabel(ip, *value); err != nil {
			a.Log.Warn("the address may be used as source", "error", err)
		}
	}
}

func (a *action) clearLabel(ip netip.Addr) {
	if value := a.cfg.options.addressLabel; ip.Is6() && value != nil {
		if err := a.labels.ClearAddressLabel(ip, *value); err != nil {
			a.Log.Warn("a label stays behind", "error", err)
		}
	}
}
