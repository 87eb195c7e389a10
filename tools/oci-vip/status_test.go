// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/netip"
	"strings"
	"testing"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/oci"
	"ocf-oci/internal/pacemaker/mon"
	"ocf-oci/internal/readiness"
)

// TestHolderNotKnown: a node that has not published its VNICs may be the holder, and is not called a liar.
func TestHolderNotKnown(t *testing.T) {
	for name, c := range map[string]struct {
		holder          oci.VNICID
		published, want string
	}{
		"has not published":         {"ocid1.vnic.b", "", ""},
		"has published another one": {"ocid1.vnic.x", "ocid1.vnic.b", "cloud: delivers to ocid1.vnic.x"},
		"has published this one":    {"ocid1.vnic.b", "ocid1.vnic.b", ""},
		"we have it":                {"ocid1.vnic.a", "", "cloud: delivers to a"},
		"nobody has it":             {"", "", "cloud: delivers to nobody"},
	} {
		b := mon.Node{Name: "b", Online: true, Attributes: map[string]string{}}
		if c.published != "" {
			b.Attributes[vnicsAttribute+"vip"] = c.published
		}
		cluster := mon.State{Nodes: []mon.Node{{Name: "a", Online: true}, b}, Resources: []mon.Resource{{ID: "vip", Nodes: []string{"b"}}}}
		r := readiness.Record{Resource: "vip", Readiness: floating.Readiness{Targets: []floating.Candidate{
			{IP: netip.MustParseAddr("10.0.0.100"), VNIC: "ocid1.vnic.a", Holder: c.holder, Asked: true, Exists: true}}}}
		got := strings.Join(statusOf(r, "a", cluster, map[string]string{}, nil).Addresses[0].Disagreements, "; ")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
