// SPDX-License-Identifier: Apache-2.0

package announce

import (
	"fmt"
	"net"
	"net/netip"

	"github.com/mdlayher/packet"
	"golang.org/x/sys/unix"
)

var broadcast = net.HardwareAddr{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// Gratuitous sends one gratuitous ARP request and one reply for ip to everybody on the interface: some equipment
// updates its table on requests only, some on replies only.
func Gratuitous(iface string, ip netip.Addr) error {
	ifi, err := net.InterfaceByName(iface)
	if err != nil {
		return fmt.Errorf("announce %s: interface %s: %w", ip, iface, err)
	}
	conn, err := packet.Listen(ifi, packet.Raw, unix.ETH_P_ARP, nil)
	if err != nil {
		return fmt.Errorf("announce %s: packet socket on %s: %w", ip, iface, err)
	}
	defer conn.Close()
	for _, op := range []uint16{Request, Reply} {
		frame, err := Frame(op, ifi.HardwareAddr, ip)
		if err != nil {
			return fmt.Errorf("announce %s on %s: %w", ip, iface, err)
		}
		if _, err := conn.WriteTo(frame, &packet.Addr{HardwareAddr: broadcast}); err != nil {
			return fmt.Errorf("announce %s on %s: send: %w", ip, iface, err)
		}
	}
	return nil
}

// Frame is the Ethernet frame of a gratuitous ARP packet: sender and target protocol address are ip, the frame goes to
// the broadcast address (RFC 5227 section 3: an ARP announcement is a request; the reply form serves older stacks).
func Frame(op uint16, hw net.HardwareAddr, ip netip.Addr) ([]byte, error) {
	target := net.HardwareAddr{0, 0, 0, 0, 0, 0}
	if op == Reply {
		target = broadcast
	}
	body, err := Packet{Op: op, SenderHW: hw, SenderIP: ip, TargetHW: target, TargetIP: ip}.Marshal()
	if err != nil {
		return nil, err
	}
	frame := append(append([]byte(nil), broadcast...), hw...)
	frame = append(frame, 0x08, 0x06)
	return append(frame, body...), nil
}
