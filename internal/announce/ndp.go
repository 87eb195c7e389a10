// SPDX-License-Identifier: Apache-2.0

package announce

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// ICMPv6 types (RFC 4861).
const (
	solicitation  = 135
	advertisement = 136
)

var allNodes = netip.MustParseAddr("ff02::1")

// Advertisement is the Ethernet frame of an unsolicited neighbour advertisement for ip with the override flag, to all
// nodes on the link (RFC 4861 section 7.2.6). A node that forwards packets says so: neighbours would otherwise drop it
// from their list of routers.
func Advertisement(hw net.HardwareAddr, ip netip.Addr, router bool) ([]byte, error) {
	flags := uint32(0x20000000)
	if router {
		flags |= 0x80000000
	}
	return neighbour(hw, ip, allNodes, advertisement, flags, ip, 2)
}

// Solicitation is the Ethernet frame of a neighbour solicitation for target from ip: whoever answers it has to learn
// where it comes from (RFC 4861 section 7.2.3).
func Solicitation(hw net.HardwareAddr, ip, target netip.Addr) ([]byte, error) {
	group := allNodes.As16()
	t := target.As16()
	copy(group[:], netip.MustParseAddr("ff02::1:ff00:0").AsSlice())
	copy(group[13:], t[13:])
	return neighbour(hw, ip, netip.AddrFrom16(group), solicitation, 0, target, 1)
}

// neighbour builds a neighbour discovery message about an address, with the sender's hardware address as an option
// (1 source, 2 target).
func neighbour(hw net.HardwareAddr, from, to netip.Addr, kind byte, flags uint32, about netip.Addr, option byte) ([]byte, error) {
	if len(hw) != 6 || !from.Is6() || !about.Is6() {
		return nil, fmt.Errorf("neighbour discovery needs Ethernet and IPv6 addresses, got %s, %s and %s", hw, from, about)
	}
	msg := []byte{kind, 0, 0, 0}
	msg = binary.BigEndian.AppendUint32(msg, flags)
	msg = append(msg, about.AsSlice()...)
	msg = append(append(msg, option, 1), hw...)
	binary.BigEndian.PutUint16(msg[2:], checksum(from, to, msg))

	header := []byte{0x60, 0, 0, 0} // version 6
	header = binary.BigEndian.AppendUint16(header, uint16(len(msg)))
	header = append(header, unix.IPPROTO_ICMPV6, 255) // the hop limit proves that no router forwarded it
	header = append(append(header, from.AsSlice()...), to.AsSlice()...)
	dst := to.As16()
	group := net.HardwareAddr{0x33, 0x33, dst[12], dst[13], dst[14], dst[15]} // RFC 2464 section 7
	return ethernet(group, hw, unix.ETH_P_IPV6, append(header, msg...)), nil
}

// checksum of an ICMPv6 message with its pseudo-header (RFC 4443 section 2.3).
func checksum(from, to netip.Addr, msg []byte) uint16 {
	pseudo := append(from.AsSlice(), to.AsSlice()...)
	pseudo = binary.BigEndian.AppendUint32(pseudo, uint32(len(msg)))
	pseudo = append(pseudo, 0, 0, 0, unix.IPPROTO_ICMPV6)
	var sum uint32
	for _, b := range [][]byte{pseudo, msg} { // both have even lengths
		for i := 0; i < len(b); i += 2 {
			sum += uint32(b[i])<<8 | uint32(b[i+1])
		}
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

func isRouter(iface string) bool {
	b, err := os.ReadFile("/proc/sys/net/ipv6/conf/" + iface + "/forwarding")
	return err == nil && strings.TrimSpace(string(b)) != "0"
}
