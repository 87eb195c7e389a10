// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"net/netip"
	"testing"
)

func TestHasAddress(t *testing.T) {
	const text = "primitive p IPaddr params ip=192.168.1.161 nic=eth2 cidr_netmask=24\nprimitive q IPaddr params ip=\"2001:db8:0::5\"\nlocation l p 10.0.0.10/24 \\\n"
	for address, want := range map[string]bool{
		"192.168.1.161": true, "192.168.1.16": false, "92.168.1.161": false, "2001:db8::5": true, "2001:db8::": false, "10.0.0.10": true, "10.0.0.1": false,
	} {
		if got := hasAddress(text, netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}
