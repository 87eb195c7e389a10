// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// largeFile is a configuration with n primitives: floating addresses in
// groups of five, with constraints between the groups.
func largeFile(n int) []byte {
	var out strings.Builder
	out.WriteString("node 1: sp1\nnode 2: sp2\nproperty stonith-enabled=false\nrsc_defaults resource-stickiness=100\n")
	for i := range n {
		fmt.Fprintf(&out, "primitive p_%d ocf:heartbeat:Dummy \\\n\tparams state=/run/dummy-%d fake=%d \\\n\tmeta migration-threshold=20 failure-timeout=800 \\\n"+
			"\top monitor interval=10s timeout=60s on-fail=restart \\\n\top start interval=0 timeout=60s\n", i, i, i)
		if i%5 == 4 {
			g := i / 5
			fmt.Fprintf(&out, "group g_%d p_%d p_%d p_%d p_%d p_%d\n", g, i-4, i-3, i-2, i-1, i)
			fmt.Fprintf(&out, "location l_%d g_%d rule pingd: defined pingd\n", g, g)
			if g > 0 {
				fmt.Fprintf(&out, "colocation c_%d inf: g_%d g_%d\norder o_%d Mandatory: g_%d g_%d\n", g, g, g-1, g, g-1, g)
			}
		}
	}
	return []byte(out.String())
}

// TestLargeFile: 500 resources are read in less than a tenth of a second of
// processor time, and written again in not much more.
func TestLargeFile(t *testing.T) {
	text := largeFile(500)
	var cfg *Configuration
	if took := cost(t, func() {
		var err error
		if cfg, err = Parse("large.crm", text, Options{}); err != nil {
			t.Fatal(err)
		}
	}); took > 100*time.Millisecond {
		t.Errorf("reading took %v", took)
	}
	if n := len(cfg.Objects()); n != 2+500+100+100+99+99+2 {
		t.Errorf("%d objects", n)
	}
	if took := cost(t, func() { _ = cfg.Text() }); took > 300*time.Millisecond {
		t.Errorf("writing took %v", took)
	}
	checkRoundTrip(t, cfg)
}

// BenchmarkLoad500 reads a file of 500 resources: we into a configuration in
// memory, crmsh into a CIB file (crm -F configure load replace).
func BenchmarkLoad500(b *testing.B) {
	text := largeFile(500)
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, err := Parse("large.crm", text, Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("crmsh", func(b *testing.B) {
		if _, err := exec.LookPath("crm"); err != nil {
			b.Skip("crmsh is not installed")
		}
		dir := b.TempDir()
		file, cib := filepath.Join(dir, "large.crm"), filepath.Join(dir, "cib.xml")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if err := os.WriteFile(cib, []byte(emptyCIB), 0o600); err != nil {
				b.Fatal(err)
			}
			cmd := exec.CommandContext(b.Context(), "crm", "-F", "configure", "load", "replace", file)
			cmd.Env = append(os.Environ(), "HOME="+dir, "CIB_file="+cib)
			if out, err := cmd.CombinedOutput(); err != nil {
				b.Fatalf("%v\n%s", err, out)
			}
			if loaded, err := os.ReadFile(cib); err != nil || strings.Count(string(loaded), "<primitive") != 500 {
				b.Fatalf("crmsh did not load the file: %v", err)
			}
		}
	})
}

func BenchmarkText500(b *testing.B) {
	cfg, err := Parse("large.crm", largeFile(500), Options{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		_ = cfg.Text()
	}
}

func BenchmarkGarbage(b *testing.B) {
	for name, text := range garbage() {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, _ = Parse("garbage", text, Options{})
			}
		})
	}
}
