// SPDX-License-Identifier: Apache-2.0

package ifaddr

import (
	"net/netip"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func ip(t *testing.T, args string) string {
	t.Helper()
	out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput()
	if err != nil {
		t.Fatalf("ip %s: %v: %s", args, err, out)
	}
	return string(out)
}

func TestRoutesTellWhatTheKernelRoutes(t *testing.T) {
	h := inNamespace(t)
	v0 := link(t, h, "v0")
	ip(t, "addr add 10.0.0.1/24 dev v0")
	ip(t, "addr add 2001:db8::1/64 dev v0 nodad")
	ip(t, "route add 10.9.0.0/16 via 10.0.0.254 metric 7 proto static")
	ip(t, "route add blackhole 10.8.0.0/16")
	routes, err := h.Routes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []Route{
		{Dst: netip.MustParsePrefix("10.0.0.0/24"), Link: v0.Index, OnLink: true, Protocol: 2, Source: netip.MustParseAddr("10.0.0.1")},
		{Dst: netip.MustParsePrefix("10.9.0.0/16"), Link: v0.Index, Metric: 7, Protocol: 4},
		{Dst: netip.MustParsePrefix("127.0.0.0/8"), Link: 1, Local: true, Protocol: 2, Source: netip.MustParseAddr("127.0.0.1")},
	} {
		if !slices.Contains(routes, want) {
			t.Errorf("missing %+v in %+v", want, routes)
		}
	}
	for _, r := range routes {
		if r.Dst == netip.MustParsePrefix("10.8.0.0/16") {
			t.Errorf("a black hole was taken for a route: %+v", r)
		}
	}
	if !slices.ContainsFunc(routes, func(r Route) bool { return r.Dst == netip.MustParsePrefix("2001:db8::/64") && r.Link == v0.Index }) {
		t.Errorf("no IPv6 route in %+v", routes)
	}
}

func TestAddressLabels(t *testing.T) {
	h := inNamespace(t)
	vip := netip.MustParseAddr("2001:db8::5")
	listed := func() bool { return strings.Contains(ip(t, "addrlabel list"), "prefix 2001:db8::5/128 label 99") }
	for range 2 {
		if err := h.SetAddressLabel(vip, 99); err != nil {
			t.Fatal(err)
		}
		if !listed() {
			t.Fatal("the label is not there")
		}
	}
	for range 2 {
		if err := h.ClearAddressLabel(vip, 99); err != nil {
			t.Fatal(err)
		}
		if listed() {
			t.Fatal("the label is still there")
		}
	}
}

func TestProtocolNames(t *testing.T) {
	for name, want := range map[string]int{"kernel": 2, "ra": 9, "186": 186} {
		if got, ok := Protocol(name); !ok || got != want {
			t.Errorf("%s: %d %t", name, got, ok)
		}
	}
	for _, name := range []string{"", "nonsense", "256", "-1"} {
		if _, ok := Protocol(name); ok {
			t.Errorf("%q was accepted", name)
		}
	}
}
