// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/netip"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/ifaddr"

	"golang.org/x/sys/unix"
)

// assignment is how an address is configured on its link, as the definition asks for it.
func (c *config) assignment(target floating.Target, link ifaddr.Link, inVCN bool) (ifaddr.Assignment, error) {
	o := c.options
	a := ifaddr.Assignment{Prefix: target.Prefix(), Link: link.Index, LinkName: link.Name, Metric: o.metric}
	if o.noprefixroute {
		a.Flags |= unix.IFA_F_NOPREFIXROUTE
	}
	if target.IP.Is6() {
		// In a VCN the control plane alone decides who owns an address, and the address is configured before it is
		// moved: there duplicate address detection could only find the node that it is just being taken from.
		if o.nodad || inVCN {
			a.Flags |= unix.IFA_F_NODAD
		}
		a.PreferredLifetime = o.preferred
		return a, nil
	}
	a.Broadcast = broadcastOf(o.broadcast, target)
	if o.label != "" {
		if a.Label = link.Name + ":" + o.label; len(a.Label) > maxLabel {
			return a, fmt.Errorf("label %s is longer than %d characters", a.Label, maxLabel)
		}
	}
	return a, nil
}

// broadcastOf is the broadcast address: the one given, the one that belongs to the prefix ("+" all host bits set, "-"
// none), else that of the address next to it. Prefixes of 31 and 32 bits have none (RFC 3021).
func broadcastOf(choice string, target floating.Target) netip.Addr {
	switch choice {
	case "":
		return target.Broadcast
	case "+", "-":
		if target.Bits > 30 {
			return netip.Addr{}
		}
		b := target.Prefix().Masked().Addr().As4()
		for bit := target.Bits; choice == "+" && bit < 32; bit++ {
			b[bit/8] |= 1 << (7 - bit%8)
		}
		return netip.AddrFrom4(b)
	}
	ip, _ := netip.ParseAddr(choice)
	return ip
}
