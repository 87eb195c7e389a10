// SPDX-License-Identifier: Apache-2.0

package announce

import (
	"net"
	"net/netip"
	"testing"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv6"
)

// FuzzNeighbour makes neighbour advertisements and solicitations of any addresses and has another implementation read them.
func FuzzNeighbour(f *testing.F) {
	f.Add([]byte(hw), netip.MustParseAddr("2001:db8::100").AsSlice(), netip.MustParseAddr("2001:db8::1").AsSlice(), true)
	f.Add([]byte{}, []byte{10, 0, 0, 1}, []byte{}, false)
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7}, make([]byte, 16), []byte{10, 0, 0, 1}, false)
	f.Fuzz(func(t *testing.T, hw, from, about []byte, router bool) {
		ip, _ := netip.AddrFromSlice(from)
		target, _ := netip.AddrFromSlice(about)
		frame, err := Advertisement(net.HardwareAddr(hw), ip, router)
		if (err == nil) != (len(hw) == 6 && ip.Is6()) {
			t.Fatalf("%x, %s: %v", hw, ip, err)
		}
		if err == nil {
			read(t, frame, ip, ipv6.ICMPTypeNeighborAdvertisement)
		}
		if !target.Is6() {
			return // who asks for what is checked by frames
		}
		if frame, err := Solicitation(net.HardwareAddr(hw), ip, target); err == nil {
			read(t, frame, target, ipv6.ICMPTypeNeighborSolicitation)
		}
	})
}

func read(t *testing.T, frame []byte, about netip.Addr, kind ipv6.ICMPType) {
	t.Helper()
	if len(frame) != 14+40+32 || frame[54] != byte(kind) {
		t.Fatalf("frame %x", frame)
	}
	src, dst := net.IP(frame[22:38]), net.IP(frame[38:54])
	m, err := icmp.ParseMessage(58, frame[54:])
	if err != nil {
		t.Fatal(err)
	}
	body, ok := m.Body.(*icmp.RawBody)
	if !ok || len(body.Data) != 28 || netip.AddrFrom16([16]byte(body.Data[4:20])) != about {
		t.Fatalf("message %x is not about %s", frame[54:], about)
	}
	again, err := (&icmp.Message{Type: kind, Code: m.Code, Body: body}).Marshal(icmp.IPv6PseudoHeader(src, dst))
	if err != nil || again[2] != frame[56] || again[3] != frame[57] {
		t.Fatalf("checksum % x, want % x (%v)", frame[56:58], again[2:4], err)
	}
}
