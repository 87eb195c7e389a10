// SPDX-License-Identifier: Apache-2.0

package announce

import (
	"encoding/hex"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The bytes are those of RFC 826 for Ethernet and IPv4 in the form of RFC 5227 section 3.
func TestGratuitousFrames(t *testing.T) {
	hw := net.HardwareAddr{0x02, 0, 0x17, 0x05, 0xd1, 0xdb}
	ip := netip.MustParseAddr("10.0.0.100")
	for op, want := range map[uint16]string{
		Request: "ffffffffffff 02001705d1db 0806 0001 0800 06 04 0001 02001705d1db 0a000064 000000000000 0a000064",
		Reply:   "ffffffffffff 02001705d1db 0806 0001 0800 06 04 0002 02001705d1db 0a000064 ffffffffffff 0a000064",
	} {
		got, err := Frame(op, hw, ip)
		if err != nil {
			t.Fatal(err)
		}
		if hex.EncodeToString(got) != strings.ReplaceAll(want, " ", "") {
			t.Errorf("op %d:\n got %x\nwant %s", op, got, want)
		}
	}
}

func TestFrameRefusesWhatIsNotEthernetAndIPv4(t *testing.T) {
	if _, err := Frame(Request, net.HardwareAddr{1, 2}, netip.MustParseAddr("10.0.0.1")); err == nil {
		t.Error("a two byte hardware address was accepted")
	}
	if _, err := Frame(Request, net.HardwareAddr{1, 2, 3, 4, 5, 6}, netip.MustParseAddr("::1")); err == nil {
		t.Error("an IPv6 address was accepted")
	}
}

func FuzzParse(f *testing.F) {
	frame, _ := Frame(Reply, net.HardwareAddr{1, 2, 3, 4, 5, 6}, netip.MustParseAddr("10.0.0.1"))
	f.Add(frame[14:])
	f.Add([]byte{})
	f.Add(make([]byte, 27))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Parse(b)
		if err != nil {
			return
		}
		again, err := p.Marshal()
		if err != nil {
			t.Fatalf("what was parsed cannot be encoded: %v", err)
		}
		q, err := Parse(again)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(p, q, cmpopts.EquateComparable(netip.Addr{})); d != "" {
			t.Error(d)
		}
	})
}
