// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"encoding/xml"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ocf-oci/lab"
	"ocf-oci/lab/region/control"
)

// The scenarios' judges must be able to say no.

func TestHarm(t *testing.T) {
	since := time.Unix(1000, 500_000_000)
	for name, c := range map[string]struct {
		operation string
		code      int
		at        int64
		harmless  bool
	}{
		"a monitor that is well":                   {"monitor", 0, 1010, true},
		"a degraded monitor":                       {"monitor", 190, 1010, true},
		"a probe that finds nothing":               {"monitor", 7, 1010, true},
		"a start before":                           {"start", 0, 999, true},
		"a start within the remembered second":     {"start", 0, 1000, true},
		"a start":                                  {"start", 0, 1001, false},
		"a stop":                                   {"stop", 0, 1001, false},
		"a migration":                              {"migrate_from", 0, 1001, false},
		"a monitor that failed":                    {"monitor", 1, 1001, false},
		"a monitor that was killed at its timeout": {"monitor", 198, 1001, false},
		"a start that has not come to its end":     {"start", noResult, 1001, false},
		"a monitor that has not come to its end":   {"monitor", noResult, 1001, false},
	} {
		text := fmt.Sprintf(`<cib><status><node_state uname="n1"><lrm><lrm_resources><lrm_resource id="vip">
			<lrm_rsc_op operation="monitor" interval="0" rc-code="0" last-rc-change="900"/>
			<lrm_rsc_op operation=%q rc-code="%d" last-rc-change="%d"/></lrm_resource></lrm_resources></lrm></node_state></status></cib>`, c.operation, c.code, c.at)
		var h cibHistory
		if err := xml.Unmarshal([]byte(text), &h); err != nil {
			t.Fatal(err)
		}
		if h.pending("vip") != (c.code == noResult) || h.pending("other") {
			t.Errorf("%s: pending %v", name, h.pending("vip"))
		}
		if err := h.harm("vip", since); (err == nil) != c.harmless {
			t.Errorf("%s: %v", name, err)
		}
		if h.harm("other", since) == nil {
			t.Errorf("%s: a resource without a history was not harmed", name)
		}
	}
}

func TestWatched(t *testing.T) {
	for name, c := range map[string]struct {
		operation, interval string
		watched             bool
	}{
		"a recurring monitor": {"monitor", "10000", true},
		"a probe":             {"monitor", "0", false},
		"a start":             {"start", "0", false},
	} {
		text := fmt.Sprintf(`<cib><status><node_state uname="n1"><lrm><lrm_resources><lrm_resource id="vip">
			<lrm_rsc_op operation=%q interval=%q rc-code="0"/></lrm_resource></lrm_resources></lrm></node_state></status></cib>`, c.operation, c.interval)
		var h cibHistory
		if err := xml.Unmarshal([]byte(text), &h); err != nil {
			t.Fatal(err)
		}
		if h.watched("vip") != c.watched || h.watched("other") {
			t.Errorf("%s: watched %v", name, h.watched("vip"))
		}
	}
}

func TestSatisfied(t *testing.T) {
	for _, c := range []struct {
		pattern, out string
		want         bool
	}{
		{"^b$", "a\nb\n", true}, {"^b$", "a\n", false}, {"^b$", "", false},
		{"not:^b$", "a\nb\n", false}, {"not:^b$", "a\n", true}, {"not:^b$", "", false},
	} {
		f, err := satisfied(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if f([]byte(c.out)) != c.want {
			t.Errorf("%q of %q: not %v", c.pattern, c.out, c.want)
		}
	}
	if _, err := satisfied("not:("); err == nil {
		t.Error("a pattern that is none is taken")
	}
}

func TestDisagreement(t *testing.T) {
	a, b := netip.MustParseAddr("10.0.0.100"), netip.MustParseAddr("10.1.0.100")
	held := func(ip netip.Addr, node string, agree, managed bool) lab.AddressStatus {
		return lab.AddressStatus{Address: ip, Region: node, Fabric: node, OS: []string{node}, Pacemaker: []string{node}, Agree: agree, Managed: managed}
	}
	both := lab.Status{Addresses: []lab.AddressStatus{held(a, "n1", true, true), held(b, "n1", true, false)}}
	apart := lab.Status{Addresses: []lab.AddressStatus{held(a, "n1", true, true), held(b, "n2", false, true)}}
	for name, c := range map[string]struct {
		status    lab.Status
		holder    string
		addresses []netip.Addr
		agreed    bool
	}{
		"the managed one":               {both, "", nil, true},
		"on the right node":             {both, "n1", nil, true},
		"on the wrong node":             {both, "n2", nil, false},
		"on any node but this":          {both, "not:n1", nil, false},
		"on any node but another":       {both, "not:n2", nil, true},
		"one of two":                    {apart, "", nil, false},
		"the other of two, named":       {apart, "", []netip.Addr{a}, true},
		"one that is not managed":       {both, "n1", []netip.Addr{b}, true},
		"one that does not exist":       {both, "", []netip.Addr{netip.MustParseAddr("10.9.9.9")}, false},
		"nothing is managed at all":     {lab.Status{}, "", nil, false},
		"the views disagree, right one": {apart, "n2", []netip.Addr{b}, false},
	} {
		if seen := disagreement(c.status, c.holder, c.addresses); (seen == "") != c.agreed {
			t.Errorf("%s: %q", name, seen)
		}
	}
}

func TestMatches(t *testing.T) {
	call := control.Call{Node: "n1", Operation: "UpdatePrivateIp", Status: 429, Service: "api", Outcome: "answered", IfMatch: true}
	for filter, want := range map[string]bool{
		"": true, "node=n1": true, "node=n2": false, "op=UpdatePrivateIp status=429": true, "op=UpdatePrivateIp status=200": false,
		"service=api outcome=answered": true, "outcome=refused": false, "if-match=true": true, "if-match=false": false, "floating=true": false,
	} {
		wanted := map[string]string{}
		for _, f := range strings.Fields(filter) {
			name, value, _ := strings.Cut(f, "=")
			wanted[name] = value
		}
		if got := matches(call, wanted); got != want {
			t.Errorf("%q: %v", filter, got)
		}
	}
}
