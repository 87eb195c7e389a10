// SPDX-License-Identifier: Apache-2.0

package migration

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ocf-oci/internal/packages"
)

// wellHere and wellThere are a pair that may migrate: the standby node and its active peer.
func well() (here, there Facts) {
	a := []netip.Addr{netip.MustParseAddr("10.0.0.1")}
	here = Facts{Node: "sp2", Shared: a, Heartbeat: Daemon{Package: "heartbeat-2", Active: true}, Resources: "none",
		Services: []Service{{Name: "ntp", Running: true}, {Name: "lb", HA: true}}, Configuration: "x", GCS: "heartbeat-2",
		Plan: packages.Plan{Install: []string{"corosync"}, Remove: []string{"heartbeat-2"}}, Free: map[string]uint64{"/var": 1 << 30}}
	there = here
	there.Node, there.Held, there.Resources = "sp1", a, "all"
	there.Services = []Service{{Name: "ntp", Running: true}, {Name: "lb", HA: true, Running: true}}
	return here, there
}

// Each change to a good pair is found, and how gravely; expectations are from the handbook's conditions, by hand.
func TestPreflight(t *testing.T) {
	link := Link{UDP: map[int]error{64: nil}}
	for _, c := range []struct {
		name   string
		change func(here, there *Facts, l *Link)
		want   string // "LEVEL check" of what is not PASS
	}{
		{"good", func(*Facts, *Facts, *Link) {}, ""},
		{"on the active node", func(h, o *Facts, _ *Link) {
			h.Held, o.Held = o.Held, nil
			h.Services, o.Services = o.Services, h.Services
		}, "FAIL role"},
		{"nobody is active", func(_, o *Facts, _ *Link) { o.Held = nil }, "FAIL role"},
		{"service down on the active node", func(_, o *Facts, _ *Link) { o.Services = []Service{{Name: "lb", HA: true}} }, "FAIL services"},
		{"service failing on the standby node", func(h, _ *Facts, _ *Link) { h.Services = []Service{{Name: "ntp", Bad: true}} }, "FAIL services"},
		{"no monit", func(h, _ *Facts, _ *Link) { h.ServicesError = "down" }, "FAIL services"},
		{"peer migrated", func(_, o *Facts, _ *Link) {
			o.Heartbeat, o.Pacemaker = Daemon{}, Daemon{Package: "pacemaker", Active: true}
		}, "FAIL stack"},
		{"interrupted elsewhere", func(_, o *Facts, _ *Link) { o.Journal = journal(1, 1) }, "FAIL stack"},
		{"Heartbeat down", func(h, _ *Facts, _ *Link) { h.Heartbeat.Active = false }, "FAIL stack"},
		{"both run", func(h, _ *Facts, _ *Link) { h.Pacemaker = Daemon{Package: "pacemaker", Active: true} }, "FAIL stack"},
		{"in transition", func(_, o *Facts, _ *Link) { o.Resources = "transition" }, "FAIL stack"},
		{"fencing", func(h, _ *Facts, _ *Link) { h.Fences = []string{"stonith x"} }, "FAIL fencing"},
		{"packages missing", func(_, o *Facts, _ *Link) { o.PlanError = "no" }, "FAIL packages"},
		{"removes something else", func(h, _ *Facts, _ *Link) { h.Plan.Remove = append(h.Plan.Remove, "kamailio") }, "FAIL packages"},
		{"no way back", func(h, _ *Facts, _ *Link) { h.PackageError = "no" }, "FAIL packages"},
		{"disk", func(_, o *Facts, _ *Link) { o.Free = map[string]uint64{"/var": 1 << 20} }, "FAIL disk"},
		{"ssh there", func(_, _ *Facts, l *Link) { l.SSHError = "no" }, "FAIL ssh"},
		{"ssh back", func(_, o *Facts, _ *Link) { o.SSHError = "no" }, "FAIL ssh"},
		{"clock", func(_, _ *Facts, l *Link) { l.Skew = time.Minute }, "WARN clock"},
		{"filter", func(_, _ *Facts, l *Link) { l.UDP = map[int]error{64: nil, 1472: errors.New("no answer")} }, "FAIL network"},
		{"different haresources", func(_, o *Facts, _ *Link) { o.Configuration = "y" }, "FAIL haresources"},
		{"untranslated", func(h, _ *Facts, _ *Link) { h.Untranslated = []string{"haresources:1:5: httpd"} }, "FAIL translation"},
		{"without counterpart", func(h, _ *Facts, _ *Link) { h.Findings = []string{"watchdog"} }, "WARN translation"},
		{"config.yml lies", func(h, _ *Facts, _ *Link) { h.GCS = "corosync" }, "WARN config.yml"},
	} {
		here, there := well()
		l := link
		c.change(&here, &there, &l)
		var got []string
		findings := Preflight(Forward, here, &there, l, false)
		for _, f := range findings {
			if f.Level != Pass {
				got = append(got, string(f.Level)+" "+f.Check)
			}
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: %q, want %q", c.name, s, c.want)
		}
		if Refused(findings) != strings.HasPrefix(c.want, "FAIL") {
			t.Errorf("%s: refused is %v", c.name, Refused(findings))
		}
	}
}
