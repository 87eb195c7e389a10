// SPDX-License-Identifier: Apache-2.0

package announce

import (
	"net"
	"net/netip"
	"testing"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv6"
)

var hw = net.HardwareAddr{0x02, 0, 0x17, 0x05, 0xd1, 0xdb}

// The fields of RFC 4861 section 4.4, at their places in an Ethernet frame, and a checksum that another implementation
// agrees with.
func TestAdvertisement(t *testing.T) {
	ip := netip.MustParseAddr("2001:db8::100")
	for router, flags := range map[bool]byte{false: 0x20, true: 0xa0} {
		f, err := Advertisement(hw, ip, router)
		if err != nil {
			t.Fatal(err)
		}
		if len(f) != 86 || net.HardwareAddr(f[:6]).String() != "33:33:00:00:00:01" || f[21] != 255 {
			t.Fatalf("frame % x", f)
		}
		if from, to := netip.AddrFrom16([16]byte(f[22:38])), netip.AddrFrom16([16]byte(f[38:54])); from != ip || to != allNodes {
			t.Errorf("from %s to %s", from, to)
		}
		msg := f[54:]
		if msg[0] != 136 || msg[4] != flags || netip.AddrFrom16([16]byte(msg[8:24])) != ip || msg[24] != 2 || msg[25] != 1 || net.HardwareAddr(msg[26:32]).String() != hw.String() {
			t.Errorf("message % x", msg)
		}
		again := append([]byte(nil), msg...)
		again[2], again[3] = 0, 0
		m, err := icmp.ParseMessage(58, again)
		if err != nil {
			t.Fatal(err)
		}
		want, err := (&icmp.Message{Type: ipv6.ICMPTypeNeighborAdvertisement, Body: m.Body}).Marshal(icmp.IPv6PseudoHeader(ip.AsSlice(), allNodes.AsSlice()))
		if err != nil {
			t.Fatal(err)
		}
		if msg[2] != want[2] || msg[3] != want[3] {
			t.Errorf("checksum % x, want % x", msg[2:4], want[2:4])
		}
	}
}

func TestSolicitationGoesToTheTargetsGroup(t *testing.T) {
	f, err := Solicitation(hw, netip.MustParseAddr("2001:db8::100"), netip.MustParseAddr("2001:db8::12:3456"))
	if err != nil {
		t.Fatal(err)
	}
	if to := netip.AddrFrom16([16]byte(f[38:54])); to != netip.MustParseAddr("ff02::1:ff12:3456") || net.HardwareAddr(f[:6]).String() != "33:33:ff:12:34:56" {
		t.Errorf("goes to %s, % x", to, f[:6])
	}
	if f[54] != 135 || f[54+24] != 1 {
		t.Errorf("message % x", f[54:])
	}
}

func TestNeighbourDiscoveryRefusesWhatIsNotEthernetAndIPv6(t *testing.T) {
	if _, err := Advertisement(hw[:2], netip.MustParseAddr("::1"), false); err == nil {
		t.Error("a two byte hardware address was accepted")
	}
	if _, err := Advertisement(hw, netip.MustParseAddr("10.0.0.1"), false); err == nil {
		t.Error("an IPv4 address was accepted")
	}
}
