// SPDX-License-Identifier: Apache-2.0

package ifaddr

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// SetAddressLabel puts an IPv6 address into a class of its own in the policy table of RFC 6724, so that it is not chosen
// as the source of connections to other classes. An entry that is already there is replaced: the kernel would add a second
// one where another address's entry stands between them.
//
// Equivalent to: `ip addrlabel del prefix IP; ip addrlabel add prefix IP label VALUE`.
func (h *Handle) SetAddressLabel(ip netip.Addr, value uint32) error {
	if err := h.ClearAddressLabel(ip, value); err != nil {
		return err
	}
	_, err := labelRequest(unix.RTM_NEWADDRLABEL, unix.NLM_F_CREATE|unix.NLM_F_EXCL|unix.NLM_F_ACK, ip, value).Execute(unix.NETLINK_ROUTE, 0)
	h.trace(fmt.Sprintf("ip addrlabel add prefix %s label %d", ip, value), err)
	if err != nil && !errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("label %s with %d in the address policy table: %w", ip, value, err)
	}
	return nil
}

// maxLabels bounds the entries that one address can have.
const maxLabels = 100

// ClearAddressLabel removes all such entries; none is success.
//
// Equivalent to: `ip addrlabel del prefix IP label VALUE`, until it fails.
func (h *Handle) ClearAddressLabel(ip netip.Addr, value uint32) error {
	for range maxLabels {
		_, err := labelRequest(unix.RTM_DELADDRLABEL, unix.NLM_F_ACK, ip, value).Execute(unix.NETLINK_ROUTE, 0)
		h.trace(fmt.Sprintf("ip addrlabel del prefix %s label %d", ip, value), err)
		switch {
		case errors.Is(err, unix.ESRCH), errors.Is(err, unix.ENOENT):
			return nil
		case err != nil:
			return fmt.Errorf("remove the label of %s from the address policy table: %w", ip, err)
		}
	}
	return fmt.Errorf("remove the label of %s from the address policy table: it has more than %d", ip, maxLabels)
}

// labelMsg is struct ifaddrlblmsg (linux/if_addrlabel.h).
type labelMsg struct{ family, prefixLen byte }

func (m labelMsg) Len() int { return 12 }

func (m labelMsg) Serialize() []byte {
	b := make([]byte, m.Len()) // family, reserved, prefix length, flags, index, sequence
	b[0], b[2] = m.family, m.prefixLen
	return b
}

func labelRequest(kind, flags int, ip netip.Addr, value uint32) *nl.NetlinkRequest {
	req := nl.NewNetlinkRequest(kind, flags)
	req.AddData(labelMsg{family: unix.AF_INET6, prefixLen: 128})
	req.AddData(nl.NewRtAttr(unix.IFAL_ADDRESS, ip.AsSlice()))
	b := make([]byte, 4)
	binary.NativeEndian.PutUint32(b, value)
	req.AddData(nl.NewRtAttr(unix.IFAL_LABEL, b))
	return req
}
