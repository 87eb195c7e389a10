// SPDX-License-Identifier: Apache-2.0

// Package delivery finds out where a cloud's network delivers an address's packets, as a node that may itself carry the
// address sees it. The API says who is to have an address; the network may know of it later.
//
// A node cannot ask itself by ping: the kernel answers for each address that it carries. So an echo request is written
// to the interface below the kernel's own routing, addressed to the subnet's router. If the network delivers the address
// here the request itself comes back; if it delivers it to another host, that host answers. A request to the
// interface's own primary address tells whether the network returns such packets at all.
package delivery

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/mdlayher/packet"
	"github.com/vishvananda/netlink"
	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/sys/unix"
)

// Answer says what the network does with packets to the address.
type Answer string

// What can be found out. Silent means: not here, and who else gets them does not answer.
const (
	Unknown   Answer = "unknown"
	Here      Answer = "here"
	Elsewhere Answer = "elsewhere"
	Silent    Answer = "silent"
)

// Question names an IPv4 address and the interface that would carry it.
type Question struct {
	IP     netip.Addr
	NIC    string
	Own    netip.Addr // the interface's primary address, the request's source
	Router netip.Addr // of the subnet
}

// Seen is what came in.
type Seen struct {
	Control  bool // the request to Own came back
	Returned bool // the request to IP came back
	Answered bool // another host has answered it
}

// Judge decides.
func Judge(s Seen) Answer {
	switch {
	case s.Returned:
		return Here
	case s.Answered:
		return Elsewhere
	case s.Control:
		return Silent
	}
	return Unknown
}

const (
	patience = time.Second            // for an answer
	interval = 200 * time.Millisecond // between two requests
)

// Ask finds out, in about a second at most. An error comes with Unknown.
func Ask(ctx context.Context, q Question) (Answer, error) {
	if !q.IP.Is4() || !q.Own.Is4() || !q.Router.Is4() {
		return Unknown, errors.New("only IPv4 addresses in a subnet with a router can be asked about")
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ifi, err := net.InterfaceByName(q.NIC)
	if err != nil {
		return Unknown, fmt.Errorf("looking for interface %s: %w", q.NIC, err)
	}
	router, err := resolve(ctx, ifi, q)
	if err != nil {
		return Unknown, err
	}
	conn, err := packet.Listen(ifi, packet.Datagram, unix.ETH_P_IP, nil)
	if err != nil {
		return Unknown, fmt.Errorf("opening a packet socket on %s: %w", q.NIC, err)
	}
	defer conn.Close()
	s, err := converse(ctx, conn, router, q)
	return Judge(s), err
}

// resolve returns the router's MAC address, after making the kernel look for it.
func resolve(ctx context.Context, ifi *net.Interface, q Question) (net.HardwareAddr, error) {
	for {
		list, err := netlink.NeighList(ifi.Index, netlink.FAMILY_V4)
		if err != nil && !errors.Is(err, netlink.ErrDumpInterrupted) {
			return nil, fmt.Errorf("reading the neighbours of %s: %w", ifi.Name, err)
		}
		for _, n := range list {
			if ip, _ := netip.AddrFromSlice(n.IP); ip.Unmap() == q.Router && len(n.HardwareAddr) == 6 && n.State&(netlink.NUD_FAILED|netlink.NUD_INCOMPLETE) == 0 {
				return n.HardwareAddr, nil
			}
		}
		d := net.Dialer{LocalAddr: net.UDPAddrFromAddrPort(netip.AddrPortFrom(q.Own, 0))}
		if c, err := d.DialContext(ctx, "udp4", netip.AddrPortFrom(q.Router, 9).String()); err == nil { // discard (RFC 863)
			_, _ = c.Write([]byte{0})
			c.Close()
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("the subnet's router %s does not answer on %s", q.Router, ifi.Name)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// converse sends both requests again and again until one about the address has come to something, or time is over.
func converse(ctx context.Context, conn *packet.Conn, router net.HardwareAddr, q Question) (Seen, error) {
	var s Seen
	token := make([]byte, 16)
	_, _ = rand.Read(token) // never fails since Go 1.24
	id := int(binary.BigEndian.Uint16(token))
	buffer := make([]byte, 2048)
	for ctx.Err() == nil && !s.Returned && !s.Answered {
		for _, to := range []netip.Addr{q.IP, q.Own} {
			request, err := echo(q.Own, to, id, token)
			if err == nil {
				_, err = conn.WriteTo(request, &packet.Addr{HardwareAddr: router})
			}
			if err != nil {
				return s, fmt.Errorf("asking for %s: %w", to, err)
			}
		}
		end := time.Now().Add(interval)
		if deadline, ok := ctx.Deadline(); ok && deadline.Before(end) {
			end = deadline
		}
		if err := conn.SetReadDeadline(end); err != nil {
			return s, fmt.Errorf("waiting for an answer: %w", err)
		}
		for !s.Returned && !s.Answered {
			n, _, err := conn.ReadFrom(buffer)
			if err != nil {
				break // the deadline
			}
			s.note(buffer[:n], q, id, token)
		}
	}
	return s, nil
}

// note looks at an IPv4 packet.
func (s *Seen) note(b []byte, q Question, id int, token []byte) {
	h, err := ipv4.ParseHeader(b)
	if err != nil || h.Protocol != unix.IPPROTO_ICMP || h.Len >= len(b) {
		return
	}
	m, err := icmp.ParseMessage(unix.IPPROTO_ICMP, b[h.Len:min(len(b), max(h.TotalLen, h.Len))])
	if err != nil {
		return
	}
	body, ok := m.Body.(*icmp.Echo)
	if !ok || body.ID != id || string(body.Data) != string(token) {
		return
	}
	from, _ := netip.AddrFromSlice(h.Src.To4())
	to, _ := netip.AddrFromSlice(h.Dst.To4())
	switch {
	case m.Type == ipv4.ICMPTypeEcho && from == q.Own && to == q.IP:
		s.Returned = true
	case m.Type == ipv4.ICMPTypeEcho && from == q.Own && to == q.Own:
		s.Control = true
	case m.Type == ipv4.ICMPTypeEchoReply && from == q.IP && to == q.Own:
		s.Answered = true
	}
}

// echo is a whole IPv4 packet (RFC 791) with an echo request (RFC 792).
func echo(from, to netip.Addr, id int, data []byte) ([]byte, error) {
	message := icmp.Message{Type: ipv4.ICMPTypeEcho, Body: &icmp.Echo{ID: id, Data: data}}
	body, err := message.Marshal(nil)
	if err != nil {
		return nil, err
	}
	header := ipv4.Header{Version: 4, Len: ipv4.HeaderLen, TotalLen: ipv4.HeaderLen + len(body), TTL: 64, Protocol: unix.IPPROTO_ICMP,
		Src: from.AsSlice(), Dst: to.AsSlice()}
	b, err := header.Marshal()
	if err != nil {
		return nil, err
	}
	var sum uint32 // RFC 1071
	for i := 0; i < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	binary.BigEndian.PutUint16(b[10:], ^uint16(sum))
	return append(b, body...), nil
}
