// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseVersion(t *testing.T) {
	for text, want := range map[string]version{
		"0.11.5\n": {0, 11, 5}, "0.10.18": {0, 10, 18}, "0.12": {0, 12, 0}, "0.12.1~rc1": {0, 12, 1}, "1.0.0": {1, 0, 0},
	} {
		if got, err := parseVersion(text); err != nil || got != want {
			t.Errorf("%q: got %v, %v; want %v", text, got, err, want)
		}
	}
	if _, err := parseVersion("pcs"); err == nil {
		t.Error("no version was read from a text without one")
	}
}

// The spellings by version: defaults got "update" in 0.10.7, and move takes its constraint away itself since 0.11.
func TestSpellings(t *testing.T) {
	for _, tt := range []struct {
		version  string
		defaults string
		move     []string
	}{
		{"0.10.6", "pcs resource defaults migration-threshold=1", []string{"pcs resource move Cluster_VIP vrouter2", "pcs resource clear Cluster_VIP"}},
		{"0.10.18", "pcs resource defaults update migration-threshold=1", []string{"pcs resource move Cluster_VIP vrouter2", "pcs resource clear Cluster_VIP"}},
		{"0.11.5", "pcs resource defaults update migration-threshold=1", []string{"pcs resource move Cluster_VIP vrouter2"}},
		{"0.12.0", "pcs resource defaults update migration-threshold=1", []string{"pcs resource move Cluster_VIP vrouter2"}},
	} {
		v, err := parseVersion(tt.version)
		if err != nil {
			t.Fatal(err)
		}
		if got := v.configuration()[3]; got != tt.defaults {
			t.Errorf("%s: %q, want %q", tt.version, got, tt.defaults)
		}
		if d := cmp.Diff(tt.move, v.move("vrouter2")); d != "" {
			t.Errorf("%s: %s", tt.version, d)
		}
	}
}

func TestConfigurationNamesNoOCID(t *testing.T) {
	for _, l := range (version{0, 11, 5}).configuration() {
		if strings.Contains(l, "ocid1") {
			t.Errorf("an OCID is typed: %s", l)
		}
		if strings.ContainsAny(l, `'"$\`) {
			t.Errorf("words that need a shell: %s", l)
		}
	}
}
