// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/netip"
	"strings"
	"testing"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/ifaddr"
	"ocf-oci/internal/ocf"
)

// FuzzDefinition feeds the environment, NUL separated as in /proc/PID/environ. Whatever it says, the definition is understood
// or has a problem with a reason, and what was understood can be configured.
func FuzzDefinition(f *testing.F) {
	f.Add("ip=10.0.0.100\x00nic=eth0:lab\x00cidr_netmask=255.255.255.0\x00broadcast=+\x00companions=10.1.0.100/24@ens5, fd00::1")
	f.Add("ip=2001:DB8::100\x00nodad=true\x00preferred_lft=0\x00lvs_ipv6_addrlabel_value=99\x00metric=4294967296")
	f.Add("ip=10.0.0.254\x00unique_clone_address=true\x00CRM_meta_globally_unique=true\x00CRM_meta_clone=3\x00CRM_meta_clone_max=4")
	f.Add("ip=fe80::1%eth0\x00vnic=a:b;c\x00allow_from=x\x00cloud_check=1h1h\x00settle=-1\x00arp_targets=,;\x00proto=256")
	f.Add("ip=::ffff:10.0.0.1\x00netmask=0\x00network_namespace=../x\x00iflabel=averylonglabelindeed\x00companions=@/@")
	f.Fuzz(func(t *testing.T, text string) {
		var environ []string
		for _, p := range strings.Split(text, "\x00") {
			environ = append(environ, "OCF_RESKEY_"+p)
		}
		c := read(ocf.NewRequest(model(), "start", environ))
		for _, p := range c.problems {
			if p.result.Code != ocf.ErrConfigured || p.result.Reason == nil || strings.ContainsAny(p.result.Text, "\n\r") {
				t.Errorf("problem %+v", p.result)
			}
		}
		if c.cloudCheck < 0 || c.settle < 0 {
			t.Errorf("cloud_check %v, settle %v", c.cloudCheck, c.settle)
		}
		seen := map[netip.Addr]bool{}
		for _, w := range c.addresses {
			if !w.IP.IsValid() || w.IP.Zone() != "" || w.IP.Is4In6() || w.IP.IsUnspecified() || w.Bits < 0 || w.Bits > w.IP.BitLen() || seen[w.IP] {
				t.Errorf("address %+v", w)
			}
			seen[w.IP] = true
			if len(c.problems) > 0 {
				continue
			}
			target := floating.Target{IP: w.IP, Bits: w.Bits, NIC: "eth0"}
			a, err := c.assignment(target, ifaddr.Link{Index: 2, Name: "eth0"}, true)
			if err == nil && len(a.Label) > maxLabel || a.Broadcast.IsValid() && !a.Broadcast.Is4() {
				t.Errorf("%+v becomes %+v (%v)", w, a, err)
			}
		}
		if len(c.problems) == 0 && len(c.addresses) == 0 {
			t.Error("no address and no problem")
		}
	})
}
