// SPDX-License-Identifier: Apache-2.0

package announce

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
)

// ARP operations (RFC 826).
const (
	Request uint16 = 1
	Reply   uint16 = 2
)

// Packet is an ARP packet for Ethernet and IPv4.
type Packet struct {
	Op       uint16
	SenderHW net.HardwareAddr // 6 bytes
	SenderIP netip.Addr       // IPv4
	TargetHW net.HardwareAddr // 6 bytes
	TargetIP netip.Addr       // IPv4
}

const packetLen = 28

// Marshal encodes the packet (28 bytes, RFC 826).
func (p Packet) Marshal() ([]byte, error) {
	if len(p.SenderHW) != 6 || len(p.TargetHW) != 6 || !p.SenderIP.Is4() || !p.TargetIP.Is4() {
		return nil, fmt.Errorf("ARP needs Ethernet and IPv4 addresses, got %s/%s and %s/%s", p.SenderHW, p.SenderIP, p.TargetHW, p.TargetIP)
	}
	b := make([]byte, 0, packetLen)
	b = binary.BigEndian.AppendUint16(b, 1)      // hardware: Ethernet
	b = binary.BigEndian.AppendUint16(b, 0x0800) // protocol: IPv4
	b = append(b, 6, 4)
	b = binary.BigEndian.AppendUint16(b, p.Op)
	b = append(b, p.SenderHW...)
	b = append(b, p.SenderIP.AsSlice()...)
	b = append(b, p.TargetHW...)
	return append(b, p.TargetIP.AsSlice()...), nil
}

// Parse decodes an ARP packet; trailing padding is ignored, anything but Ethernet and IPv4 is an error.
func Parse(b []byte) (Packet, error) {
	if len(b) < packetLen {
		return Packet{}, fmt.Errorf("ARP packet has %d bytes, need %d", len(b), packetLen)
	}
	if binary.BigEndian.Uint16(b) != 1 || binary.BigEndian.Uint16(b[2:]) != 0x0800 || b[4] != 6 || b[5] != 4 {
		return Packet{}, fmt.Errorf("ARP packet is not Ethernet and IPv4: % x", b[:6])
	}
	return Packet{
		Op:       binary.BigEndian.Uint16(b[6:]),
		SenderHW: net.HardwareAddr(append([]byte(nil), b[8:14]...)), SenderIP: netip.AddrFrom4([4]byte(b[14:18])),
		TargetHW: net.HardwareAddr(append([]byte(nil), b[18:24]...)), TargetIP: netip.AddrFrom4([4]byte(b[24:28])),
	}, nil
}
