// SPDX-License-Identifier: Apache-2.0

package ifaddr

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// Assignment is an address as it is to be configured.
type Assignment struct {
	Prefix    netip.Prefix // the address with its prefix length
	Link      int          // interface index
	LinkName  string       // for messages
	Broadcast netip.Addr   // the zero value configures none
	Label     string       // IPv4 only, at most 15 bytes, begins with the interface's name
	Flags     uint32       // IFA_F_NODAD, IFA_F_NOPREFIXROUTE
	Metric    uint32       // of the prefix route; 0 is the kernel's default
	// PreferredLifetime in seconds, 0 for a deprecated address; nil is for ever.
	PreferredLifetime *uint32
}

// Add configures an address; one that is already there, exactly so, is success.
//
// Equivalent to: `ip address add PREFIX dev LINK [broadcast B] [label L] ...`. The message is made here because the
// library invents a broadcast address where none is asked for and cannot set the metric.
func (h *Handle) Add(a Assignment) error {
	req := addressRequest(unix.RTM_NEWADDR, unix.NLM_F_CREATE|unix.NLM_F_EXCL|unix.NLM_F_ACK, a.Prefix, a.Link)
	if a.Broadcast.IsValid() {
		req.AddData(nl.NewRtAttr(unix.IFA_BROADCAST, a.Broadcast.AsSlice()))
	}
	if a.Label != "" {
		req.AddData(nl.NewRtAttr(unix.IFA_LABEL, nl.ZeroTerminated(a.Label)))
	}
	if a.Flags != 0 {
		req.AddData(nl.NewRtAttr(unix.IFA_FLAGS, nl.Uint32Attr(a.Flags)))
	}
	if a.Metric != 0 {
		req.AddData(nl.NewRtAttr(unix.IFA_RT_PRIORITY, nl.Uint32Attr(a.Metric)))
	}
	if a.PreferredLifetime != nil {
		req.AddData(nl.NewRtAttr(unix.IFA_CACHEINFO, cacheInfo(*a.PreferredLifetime)))
	}
	_, err := req.Execute(unix.NETLINK_ROUTE, 0)
	h.trace(fmt.Sprintf("ip address add %s dev %s", a.Prefix, a.LinkName), err)
	if err != nil && !errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("add %s to %s: %w", a.Prefix, a.LinkName, err)
	}
	return nil
}

// Remove takes an address away; one that is already gone, or whose link is, is success.
//
// Equivalent to: `ip address del PREFIX dev LINK`.
func (h *Handle) Remove(a Address) error {
	if a.Prefix.Addr().Is4() && a.Flags&unix.IFA_F_SECONDARY == 0 {
		defer h.promoteSecondaries(a.LinkName)()
	}
	req := addressRequest(unix.RTM_DELADDR, unix.NLM_F_ACK, a.Prefix, a.Link)
	_, err := req.Execute(unix.NETLINK_ROUTE, 0)
	h.trace(fmt.Sprintf("ip address del %s dev %s", a.Prefix, a.LinkName), err)
	if err != nil && !errors.Is(err, unix.EADDRNOTAVAIL) && !errors.Is(err, unix.ENODEV) {
		return fmt.Errorf("remove %s from %s: %w", a.Prefix, a.LinkName, err)
	}
	return nil
}

// promoteSecondaries makes the kernel keep the other IPv4 addresses of a prefix when its first one goes: by default it
// deletes them all with it (net.ipv4.conf.*.promote_secondaries). It returns what puts the setting back.
func (h *Handle) promoteSecondaries(link string) (restore func()) {
	file := "/proc/sys/net/ipv4/conf/" + link + "/promote_secondaries"
	was, err := os.ReadFile(file)
	if err == nil && strings.TrimSpace(string(was)) == "0" {
		err = os.WriteFile(file, []byte("1"), 0)
		h.trace("sysctl net.ipv4.conf."+link+".promote_secondaries=1", err)
		return func() {
			if err := os.WriteFile(file, was, 0); err != nil {
				h.trace("sysctl net.ipv4.conf."+link+".promote_secondaries=0", err)
			}
		}
	}
	if err != nil {
		h.trace("read "+file, err)
	}
	return func() {}
}

// SetUp brings a link up administratively.
//
// Equivalent to: `ip link set LINK up`.
func (h *Handle) SetUp(l Link) error {
	err := h.nl.LinkSetUp(&netlink.Device{LinkAttrs: netlink.LinkAttrs{Index: l.Index, Name: l.Name}})
	h.trace(fmt.Sprintf("ip link set %s up", l.Name), err)
	if err != nil {
		return fmt.Errorf("bring %s up: %w", l.Name, err)
	}
	return nil
}

func addressRequest(kind, flags int, p netip.Prefix, link int) *nl.NetlinkRequest {
	family := unix.AF_INET
	if p.Addr().Is6() {
		family = unix.AF_INET6
	}
	msg := nl.NewIfAddrmsg(family)
	msg.Index, msg.Prefixlen = uint32(link), uint8(p.Bits())
	if p.Addr().IsLoopback() {
		msg.Scope = unix.RT_SCOPE_HOST
	}
	req := nl.NewNetlinkRequest(kind, flags)
	req.AddData(msg)
	req.AddData(nl.NewRtAttr(unix.IFA_LOCAL, p.Addr().AsSlice()))
	req.AddData(nl.NewRtAttr(unix.IFA_ADDRESS, p.Addr().AsSlice()))
	return req
}

// cacheInfo is struct ifa_cacheinfo (linux/if_addr.h): preferred and valid lifetime in seconds, then two time stamps.
func cacheInfo(preferred uint32) []byte {
	b := make([]byte, 16)
	binary.NativeEndian.PutUint32(b, preferred)
	binary.NativeEndian.PutUint32(b[4:], ^uint32(0))
	return b
}
