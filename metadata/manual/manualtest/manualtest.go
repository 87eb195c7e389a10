// SPDX-License-Identifier: Apache-2.0

// Package manualtest keeps the committed manual pages equal to what the agents' descriptions say. "make generate" writes
// them, "make test" compares.
package manualtest

import (
	"flag"
	"path/filepath"
	"strings"
	"testing"

	"ocf-oci/internal/ocf"
	"ocf-oci/metadata"
	"ocf-oci/metadata/manual"
)

var update = flag.Bool("update", false, "write the manual pages instead of comparing them")

// Check compares the manual page of an agent with the one below dir (docs/man of the project).
func Check(t *testing.T, a *metadata.Agent, dir string) {
	t.Helper()
	var reasons []manual.Reason
	for _, r := range ocf.Reasons() {
		says, _, _ := strings.Cut(r.Says, " -- ") // without the detail
		reasons = append(reasons, manual.Reason{ID: r.ID, Says: says, Remedy: r.Remedy})
	}
	page := manual.Man(a, manual.Options{Package: "ocf-oci", Reasons: reasons})
	CheckFile(t, filepath.Join(dir, manual.Name(a)+".7"), page)
}
