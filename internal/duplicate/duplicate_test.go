// SPDX-License-Identifier: Apache-2.0

package duplicate

import (
	"net"
	"net/netip"
	"testing"

	"ocf-oci/internal/announce"
)

func TestConflict(t *testing.T) {
	ip, other := netip.MustParseAddr("10.0.0.100"), netip.MustParseAddr("10.0.0.9")
	none := netip.IPv4Unspecified()
	mac := func(last byte) net.HardwareAddr { return net.HardwareAddr{2, 0, 0, 0, 0, last} }
	hw, own := mac(5), []net.HardwareAddr{mac(5), mac(6)}
	for _, c := range []struct {
		name   string
		packet announce.Packet
		want   bool
	}{
		{"its reply", announce.Packet{Op: announce.Reply, SenderHW: mac(9), SenderIP: ip, TargetHW: hw, TargetIP: none}, true},
		{"its own announcement", announce.Packet{Op: announce.Request, SenderHW: mac(9), SenderIP: ip, TargetHW: mac(0), TargetIP: ip}, true},
		{"it asks for somebody else", announce.Packet{Op: announce.Request, SenderHW: mac(9), SenderIP: ip, TargetHW: mac(0), TargetIP: other}, true},
		{"somebody asks for it", announce.Packet{Op: announce.Request, SenderHW: mac(9), SenderIP: other, TargetHW: mac(0), TargetIP: ip}, false},
		{"our own probe", announce.Packet{Op: announce.Request, SenderHW: hw, SenderIP: none, TargetHW: mac(0), TargetIP: ip}, false},
		{"our other interface answers", announce.Packet{Op: announce.Reply, SenderHW: mac(6), SenderIP: ip, TargetHW: hw, TargetIP: none}, false},
		{"another probe, which comes first", announce.Packet{Op: announce.Request, SenderHW: mac(4), SenderIP: none, TargetHW: mac(0), TargetIP: ip}, true},
		{"another probe, which gives way", announce.Packet{Op: announce.Request, SenderHW: mac(9), SenderIP: none, TargetHW: mac(0), TargetIP: ip}, false},
	} {
		body, err := c.packet.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		frame := append(make([]byte, 14), body...)
		if got := conflict(frame, hw, ip, own); (got != nil) != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}

func FuzzConflict(f *testing.F) {
	probe, _ := announce.Probe(net.HardwareAddr{2, 0, 0, 0, 0, 1}, netip.MustParseAddr("10.0.0.1"))
	f.Add(probe)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, frame []byte) {
		hw := net.HardwareAddr{2, 0, 0, 0, 0, 5}
		if other := conflict(frame, hw, netip.MustParseAddr("10.0.0.1"), nil); other != nil && other.String() == hw.String() {
			t.Error("in conflict with itself")
		}
	})
}
