// SPDX-License-Identifier: Apache-2.0

package diff

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"ocf-oci/internal/crmsyntax"
)

// TestWrittenAndReadIsTheSame: a configuration that is written in crm syntax
// and read again means the same. The judge is this package, not the one that writes.
func TestWrittenAndReadIsTheSame(t *testing.T) {
	check := func(name string, cfg *crmsyntax.Configuration) {
		again, err := crmsyntax.Parse(name, []byte(cfg.Text()), crmsyntax.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if changes := Compare(cfg, again, Options{}); len(changes) > 0 {
			t.Errorf("%s: written and read again it differs:\n%s", name, changes)
		}
	}
	archives, _ := filepath.Glob("../testdata/cases/*.txtar")
	cibs, _ := filepath.Glob("../testdata/*.xml")
	if len(archives) < 10 || len(cibs) < 4 {
		t.Fatalf("%d archives, %d CIBs", len(archives), len(cibs))
	}
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range archive.Files {
			cfg, err := crmsyntax.Parse(file.Name, file.Data, crmsyntax.Options{})
			if err != nil {
				t.Errorf("%s: %v", file.Name, err)
				continue
			}
			check(file.Name, cfg)
		}
	}
	for _, path := range cibs {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		check(path, read(t, text))
	}
}

// TestSameAsCrmsh: what crmsh made of a file and what we make of it mean the same.
func TestSameAsCrmsh(t *testing.T) {
	for crm, xml := range map[string]string{"cluster.crm": "cib.base.xml", "everything.crm": "everything.xml"} {
		text, err := os.ReadFile("../testdata/" + crm)
		if err != nil {
			t.Fatal(err)
		}
		// Where the agent ping comes from is looked up on the machine.
		text = []byte(strings.ReplaceAll(string(text), " ping params", " ocf:pacemaker:ping params"))
		golden, err := os.ReadFile("../testdata/" + xml)
		if err != nil {
			t.Fatal(err)
		}
		if changes := Compare(read(t, golden), parse(t, string(text)), Options{}); len(changes) > 0 {
			t.Errorf("%s differs from %s:\n%s", crm, xml, changes)
		}
	}
}

// TestMovedResource: the constraint that a move leaves behind is all that differs.
func TestMovedResource(t *testing.T) {
	base, err := os.ReadFile("../testdata/cib.base.xml")
	if err != nil {
		t.Fatal(err)
	}
	moved, err := os.ReadFile("../testdata/cib.moved.xml")
	if err != nil {
		t.Fatal(err)
	}
	want := "added location cli-prefer-g_vips"
	if got := Compare(read(t, base), read(t, moved), Options{}).String(); got != want {
		t.Errorf("got\n%s\nwant %s", got, want)
	}
}

// TestLarge: comparing 500 resources takes no noticeable time.
func TestLarge(t *testing.T) {
	var before, after strings.Builder
	for i := range 500 {
		fmt.Fprintf(&before, "primitive p%d Dummy params state=/run/%d op monitor interval=10 timeout=20\nlocation l%d p%d rule pingd: defined pingd\n", i, i, i, i)
		fmt.Fprintf(&after, "location l%d p%d rule pingd: defined pingd\nprimitive p%d Dummy params state=/run/%d op monitor interval=10s timeout=%d\n", i, i, i, i, 20+i%2)
	}
	a, b := parse(t, before.String()), parse(t, after.String())
	best := time.Hour
	for range 5 {
		began := time.Now()
		if changes := Compare(a, b, Options{}); len(changes) != 250 {
			t.Fatalf("%d changes", len(changes))
		}
		best = min(best, time.Since(began))
	}
	if best > time.Second {
		t.Errorf("took %v", best)
	}
}
