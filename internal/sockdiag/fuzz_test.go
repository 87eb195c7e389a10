// SPDX-License-Identifier: Apache-2.0

package sockdiag

import (
	"bytes"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"
)

// FuzzMatch feeds answers of the kernel: only a whole message that names the address may be a connection to reset.
func FuzzMatch(f *testing.F) {
	whole := make([]byte, msgLen)
	whole[0] = unix.AF_INET
	copy(whole[8:], []byte{10, 0, 0, 100})
	f.Add(whole)
	f.Add(whole[:msgLen-1])
	six := bytes.Clone(whole)
	six[0] = unix.AF_INET6
	copy(six[8:], netip.MustParseAddr("::ffff:10.0.0.100").AsSlice())
	f.Add(six)
	ip := netip.MustParseAddr("10.0.0.100")
	f.Fuzz(func(t *testing.T, answer []byte) {
		id, ok := match(answer, ip)
		if !ok {
			return
		}
		if len(id) != idLen || answer[1] == listen {
			t.Errorf("%x was matched", answer)
		}
		if short := id[4:8]; !bytes.Equal(short, ip.AsSlice()) && !bytes.Equal(id[16:20], ip.AsSlice()) {
			t.Errorf("%x was matched, which is not %s", answer, ip)
		}
	})
}

func TestMatch(t *testing.T) {
	message := make([]byte, msgLen)
	message[0] = unix.AF_INET
	copy(message[8:], []byte{10, 0, 0, 100})
	if _, ok := match(message, netip.MustParseAddr("10.0.0.100")); !ok {
		t.Error("a connection of the address was not found")
	}
	if _, ok := match(message, netip.MustParseAddr("10.0.0.10")); ok {
		t.Error("a connection of another address was found")
	}
	message[1] = listen
	if _, ok := match(message, netip.MustParseAddr("10.0.0.100")); ok {
		t.Error("a listening socket is no connection")
	}
}
