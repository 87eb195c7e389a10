// SPDX-License-Identifier: Apache-2.0

package icmp

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// tokenSize is the least payload of an echo: 128 random bits that only a host which got the request can send back.
const tokenSize = 16

type token [tokenSize]byte

const (
	protocolICMP   = 1  // IANA protocol numbers
	protocolICMPv6 = 58 //
)

// marshalEcho makes an echo request whose payload is tok, padded with zeros to size bytes.
// The ICMPv6 checksum is left to the kernel, which fills it in on both kinds of socket (RFC 3542 3.1).
func marshalEcho(v6 bool, id, seq uint16, tok token, size int) ([]byte, error) {
	payload := make([]byte, max(size, tokenSize))
	copy(payload, tok[:])
	m := icmp.Message{Type: ipv4.ICMPTypeEcho, Body: &icmp.Echo{ID: int(id), Seq: int(seq), Data: payload}}
	if v6 {
		m.Type = ipv6.ICMPTypeEchoRequest
	}
	return m.Marshal(nil)
}

// incoming is a received message as far as it concerns us.
type incoming struct {
	reply bool   // an echo reply; else an error about an echo request of somebody's
	tok   token  // of the reply, or of the request that the error quotes
	full  bool   // tok is complete: an error may quote as few as 8 bytes of the request (RFC 792)
	id    uint16 // as above
	seq   uint16
	what  string // errors: what is wrong
}

// parse reads an ICMP message without its IP header. ok is false for everything that is neither an echo reply
// nor an error about an echo request, and for damaged messages.
func parse(v6 bool, b []byte) (in incoming, ok bool) {
	proto := protocolICMP
	if v6 {
		proto = protocolICMPv6
	} else if checksum(b) != 0 {
		return in, false // a raw IPv4 socket gets the message before the kernel has checked it
	}
	m, err := icmp.ParseMessage(proto, b)
	if err != nil {
		return in, false
	}
	switch m.Type {
	case ipv4.ICMPTypeEchoReply, ipv6.ICMPTypeEchoReply:
		echo, isEcho := m.Body.(*icmp.Echo)
		if !isEcho || len(echo.Data) < tokenSize {
			return in, false
		}
		in = incoming{reply: true, full: true, id: uint16(echo.ID), seq: uint16(echo.Seq)}
		copy(in.tok[:], echo.Data)
		return in, true
	case ipv4.ICMPTypeDestinationUnreachable, ipv4.ICMPTypeTimeExceeded,
		ipv6.ICMPTypeDestinationUnreachable, ipv6.ICMPTypePacketTooBig, ipv6.ICMPTypeTimeExceeded:
		return parseError(v6, m)
	}
	return in, false
}

// parseError looks into the quoted packet of an ICMP error.
func parseError(v6 bool, m *icmp.Message) (in incoming, ok bool) {
	var quoted []byte
	switch body := m.Body.(type) {
	case *icmp.DstUnreach:
		quoted = body.Data
	case *icmp.TimeExceeded:
		quoted = body.Data
	case *icmp.PacketTooBig:
		quoted = body.Data
	}
	header, request := 40, byte(128) // IPv6 header without extensions; ICMPv6 echo request
	if !v6 {
		if len(quoted) < 20 {
			return in, false
		}
		header, request = int(quoted[0]&0xf)*4, 8
		if quoted[9] != protocolICMP {
			return in, false
		}
	} else if len(quoted) < 40 || quoted[6] != protocolICMPv6 {
		return in, false
	}
	if len(quoted) < header+8 || quoted[header] != request {
		return in, false
	}
	echo := quoted[header:]
	in = incoming{id: binary.BigEndian.Uint16(echo[4:]), seq: binary.BigEndian.Uint16(echo[6:]), what: errorText(v6, m)}
	if len(echo) >= 8+tokenSize {
		in.full = true
		copy(in.tok[:], echo[8:])
	}
	return in, true
}

// errorText names an ICMP error in the words of ping(8).
func errorText(v6 bool, m *icmp.Message) string {
	switch m.Type {
	case ipv4.ICMPTypeTimeExceeded, ipv6.ICMPTypeTimeExceeded:
		return "time to live exceeded"
	case ipv6.ICMPTypePacketTooBig:
		return "packet too big"
	}
	names := map[int]string{0: "network unreachable", 1: "host unreachable", 2: "protocol unreachable", 4: "fragmentation needed",
		9: "network prohibited", 10: "host prohibited", 13: "administratively prohibited"}
	if v6 {
		names = map[int]string{0: "no route", 1: "administratively prohibited", 2: "beyond scope of source address",
			3: "address unreachable", 4: "port unreachable", 5: "source address failed policy", 6: "route rejected"}
	}
	if name, known := names[m.Code]; known {
		return name
	}
	return fmt.Sprintf("unreachable, code %d", m.Code)
}

// checksum is the Internet checksum (RFC 1071): zero over an intact message that contains its own.
func checksum(b []byte) uint16 {
	var sum uint32
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
