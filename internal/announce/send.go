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

// Address is an address that lives on an interface of this host.
type Address struct {
	Interface string     `json:"interface"`
	IP        netip.Addr `json:"ip"`
	// Targets are neighbours of the same family that get a request of their own: some gateways and firewalls learn from
	// nothing else.
	Targets []netip.Addr `json:"targets,omitempty"`
}

// Send tells everybody on the link once: for IPv4 by a gratuitous ARP request and a reply (some equipment updates its
// table on requests only, some on replies only), for IPv6 by an unsolicited neighbour advertisement. Each target then
// gets a request addressed to it.
func Send(a Address) error {
	ifi, err := net.InterfaceByName(a.Interface)
	if err != nil {
		return fmt.Errorf("announce %s: interface %s: %w", a.IP, a.Interface, err)
	}
	frames, err := frames(a, ifi.HardwareAddr, isRouter(a.Interface))
	if err != nil {
		return fmt.Errorf("announce %s on %s: %w", a.IP, a.Interface, err)
	}
	kind := unix.ETH_P_ARP
	if a.IP.Is6() {
		kind = unix.ETH_P_IPV6
	}
	conn, err := packet.Listen(ifi, packet.Raw, kind, nil)
	if err != nil {
		return fmt.Errorf("announce %s: packet socket on %s: %w", a.IP, a.Interface, err)
	}
	defer conn.Close()
	for _, frame := range frames {
		if _, err := conn.WriteTo(frame, &packet.Addr{HardwareAddr: net.HardwareAddr(frame[:6])}); err != nil {
			return fmt.Errorf("announce %s on %s: send: %w", a.IP, a.Interface, err)
		}
	}
	return nil
}

// frames are the Ethernet frames of one announcement.
func frames(a Address, hw net.HardwareAddr, router bool) ([][]byte, error) {
	var all [][]byte
	add := func(frame []byte, err error) error { all = append(all, frame); return err }
	if a.IP.Is6() {
		if err := add(Advertisement(hw, a.IP, router)); err != nil {
			return nil, err
		}
	} else {
		for _, op := range []uint16{Request, Reply} {
			if err := add(Frame(op, hw, a.IP)); err != nil {
				return nil, err
			}
		}
	}
	for _, target := range a.Targets {
		switch {
		case target.Is4() && a.IP.Is4():
			if err := add(Ask(hw, a.IP, target)); err != nil {
				return nil, err
			}
		case target.Is6() && a.IP.Is6():
			if err := add(Solicitation(hw, a.IP, target)); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// Frame is the Ethernet frame of a gratuitous ARP packet: sender and target protocol address are ip, the frame goes to
// the broadcast address (RFC 5227 section 3: an ARP announcement is a request; the reply form serves older stacks).
func Frame(op uint16, hw net.HardwareAddr, ip netip.Addr) ([]byte, error) {
	target := net.HardwareAddr{0, 0, 0, 0, 0, 0}
	if op == Reply {
		target = broadcast
	}
	return ethernetARP(Packet{Op: op, SenderHW: hw, SenderIP: ip, TargetHW: target, TargetIP: ip})
}

// Ask is an ARP request for target from ip: whoever answers it has to learn who asks (RFC 826).
func Ask(hw net.HardwareAddr, ip, target netip.Addr) ([]byte, error) {
	return ethernetARP(Packet{Op: Request, SenderHW: hw, SenderIP: ip, TargetHW: make(net.HardwareAddr, 6), TargetIP: target})
}

// Probe is an ARP probe: a request for ip from nobody, which changes no neighbour's table (RFC 5227 section 2.1.1).
func Probe(hw net.HardwareAddr, ip netip.Addr) ([]byte, error) {
	return Ask(hw, netip.IPv4Unspecified(), ip)
}

func ethernetARP(p Packet) ([]byte, error) {
	body, err := p.Marshal()
	if err != nil {
		return nil, err
	}
	return ethernet(broadcast, p.SenderHW, unix.ETH_P_ARP, body), nil
}

func ethernet(to, from net.HardwareAddr, kind uint16, body []byte) []byte {
	frame := append(append(make([]byte, 0, 14+len(body)), to...), from...)
	return append(append(frame, byte(kind>>8), byte(kind)), body...)
}
