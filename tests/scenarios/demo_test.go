// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ocf-oci/lab"
	"ocf-oci/lab/schema"
)

// The demo as "make demo" runs it, to its end: the promises hold, the two reports are there, and nothing is left.
func TestDemo(t *testing.T) {
	if !soak {
		t.Skip("two minutes of what the other tests show in parts: make soak runs it")
	}
	if os.Geteuid() != 0 {
		t.Skip("needs root: nodes are made of namespaces")
	}
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "demo")
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "../../build/bin/ocf-lab", "demo", "--out", dir)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // it cleans up after itself
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
	report, err := os.ReadFile(filepath.Join(dir, "report.json"))
	check(t, err)
	check(t, schema.Validate("report", report))
	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	check(t, err)
	if !strings.Contains(string(page), "<svg") {
		t.Error("report.html has no plot")
	}
	labs, err := lab.List()
	check(t, err)
	for _, l := range labs {
		if strings.Contains(string(out), "(lab "+l.Name+")") {
			t.Errorf("the demo left lab %s", l.Name)
		}
	}
}
