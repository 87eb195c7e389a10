// SPDX-License-Identifier: Apache-2.0

package lab

import (
	"net/netip"
	"strings"
	"testing"
)

// TestTopologies: what the documents and the interface page fix, and that every scenario is sound at every size.
func TestTopologies(t *testing.T) {
	for _, s := range []Scenario{Router, Plain, NGCP} {
		for k := 1; k <= maxNodes; k++ {
			topo, err := topology(s, k)
			if s == NGCP && k != 2 {
				if err == nil {
					t.Errorf("scenario ngcp with %d nodes was accepted", k)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			seen := map[netip.Addr]string{}
			claim := func(ip netip.Addr, network, who string) {
				n := topo.network(network)
				if !n.CIDR.Contains(ip) && !n.IPv6.Contains(ip) {
					t.Errorf("%s/%d: %s of %s is outside network %s", s, k, ip, who, network)
				}
				if other, twice := seen[ip]; twice {
					t.Errorf("%s/%d: %s belongs to %s and %s", s, k, ip, who, other)
				}
				seen[ip] = who
			}
			for _, n := range topo.Subnets {
				router := n.Router
				if !router.IsValid() {
					router = n.CIDR.Addr().Next()
				}
				claim(router, n.Name, "the router of "+n.Name)
			}
			for _, m := range topo.machines() {
				for _, c := range m.Cards {
					claim(c.IP, c.Network, m.Name)
					if c.IPv6.IsValid() {
						claim(c.IPv6, c.Network, m.Name)
					}
				}
			}
			for _, f := range topo.Floating {
				claim(f.IP, f.Network, "floating")
			}
			for _, st := range topo.Streams {
				if _, err := topo.machine(st.Host); err != nil || seen[st.To] == "" {
					t.Errorf("%s/%d: stream %+v leads nowhere (%v)", s, k, st, err)
				}
			}
		}
	}
	router, _ := topology(Router, 3)
	for want, who := range map[string]string{"10.0.0.11": "vrouter1", "10.1.0.13": "vrouter3", "10.0.0.50": "isv", "10.1.0.50": "pod"} {
		m, err := router.machine(who)
		if err != nil || !strings.Contains(cards(m), want) {
			t.Errorf("%s has %s, want %s (%v)", who, cards(m), want, err)
		}
	}
	ngcp, _ := topology(NGCP, 0)
	if got := names(ngcp.Nodes); got != "sp1, sp2" {
		t.Errorf("the nodes of scenario ngcp are %s", got)
	}
	if got := names(router.Nodes); got != "vrouter1, vrouter2, vrouter3" {
		t.Errorf("the nodes of scenario router are %s", got)
	}
}

func cards(m Machine) string {
	var s []string
	for _, c := range m.Cards {
		s = append(s, c.IP.String())
	}
	return strings.Join(s, " ")
}

func TestStreams(t *testing.T) {
	for _, text := range []string{"to_address=isv:10.0.0.100", "v6=isv:2001:db8::1"} {
		s, err := ParseStream(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := FormatStream(s); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	for _, text := range []string{"", "isv:10.0.0.100", "a=isv", "a=10.0.0.100", "=isv:10.0.0.100", "a=isv:10.0.0"} {
		if s, err := ParseStream(text); err == nil {
			t.Errorf("%q was read as %+v", text, s)
		}
	}
}
