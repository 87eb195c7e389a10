// SPDX-License-Identifier: Apache-2.0

package ifaddr

import (
	"net/netip"
	"os/exec"
	"strings"
	"testing"
)

// Two addresses that are labelled again and again have one label each, and none when it is cleared: the kernel adds a second
// entry for an address when another one's stands between them.
func TestLabelsOfTwoAddresses(t *testing.T) {
	h := inNamespace(t)
	ips := []netip.Addr{netip.MustParseAddr("2001:db8:0:10::100"), netip.MustParseAddr("2001:db8:0:11::100")}
	list := func() string {
		t.Helper()
		out, err := exec.Command("ip", "addrlabel", "list").CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return string(out)
	}
	for range 3 {
		for _, ip := range ips {
			if err := h.SetAddressLabel(ip, 99); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, ip := range ips {
		if text := list(); strings.Count(text, ip.String()+"/128 label 99") != 1 {
			t.Errorf("%s should be labelled once:\n%s", ip, text)
		}
		if err := h.ClearAddressLabel(ip, 99); err != nil {
			t.Error(err)
		}
		if text := list(); strings.Contains(text, ip.String()) {
			t.Errorf("%s is labelled still:\n%s", ip, text)
		}
	}
	if err := h.ClearAddressLabel(ips[0], 99); err != nil {
		t.Errorf("nothing to clear: %v", err)
	}
}
