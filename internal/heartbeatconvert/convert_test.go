// SPDX-License-Identifier: Apache-2.0

package heartbeatconvert

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"ocf-oci/internal/crmsyntax"
	"ocf-oci/internal/crmsyntax/diff"
)

var update = flag.Bool("update", false, "write the results into testdata; read them before you commit")

// inputs are the files of a case that are read; all others are results.
var inputs = []string{"ha.cf", "haresources", "authkeys", "network.yml"}

// convertCase converts a case in a folder of its own and returns its results by name.
func convertCase(t *testing.T, a *txtar.Archive) (Result, map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for _, f := range a.Files {
		if slices.Contains(inputs, f.Name) {
			if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	plain := func(s string) string { return strings.ReplaceAll(s, dir+"/", "") }
	source, err := Read(Input{Dir: dir})
	if err != nil {
		return Result{}, map[string]string{"errors": plain(err.Error()) + "\n"}
	}
	r, err := Convert(source)
	out := map[string]string{}
	var findings strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintln(&findings, plain(f.String()))
	}
	out["findings"] = findings.String()
	if err != nil {
		out["errors"] = plain(err.Error()) + "\n"
		return r, out
	}
	out["corosync.conf"], out["cluster.crm"] = r.Corosync, r.Cluster
	return r, out
}

func cases(t *testing.T) map[string]*txtar.Archive {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	all := map[string]*txtar.Archive{}
	for _, p := range paths {
		a, err := txtar.ParseFile(p)
		if err != nil {
			t.Fatal(err)
		}
		all[p] = a
	}
	return all
}

// The table: each case is a Heartbeat pair and what it becomes.
func TestConvert(t *testing.T) {
	for path, a := range cases(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			_, got := convertCase(t, a)
			want := map[string]string{}
			var files []txtar.File
			for _, f := range a.Files {
				if slices.Contains(inputs, f.Name) {
					files = append(files, f)
				} else {
					want[f.Name] = string(f.Data)
				}
			}
			if *update {
				for _, name := range []string{"errors", "findings", "corosync.conf", "cluster.crm"} {
					if got[name] != "" {
						files = append(files, txtar.File{Name: name, Data: []byte(got[name])})
					}
				}
				if err := os.WriteFile(path, txtar.Format(&txtar.Archive{Comment: a.Comment, Files: files}), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			for _, name := range []string{"errors", "findings", "corosync.conf", "cluster.crm"} {
				if d := cmp.Diff(want[name], got[name]); d != "" {
					t.Errorf("%s (-want +got):\n%s", name, d)
				}
			}
			refused := strings.HasPrefix(filepath.Base(path), "refused")
			if refused != (got["errors"] != "") {
				t.Errorf("errors are %q", got["errors"])
			}
		})
	}
}

// The handbook's own cluster.crm is what its pair becomes, but for a time of the past.
func TestHandbook(t *testing.T) {
	a, err := txtar.ParseFile("testdata/handbook.txtar")
	if err != nil {
		t.Fatal(err)
	}
	r, _ := convertCase(t, a)
	text, err := os.ReadFile("../crmsyntax/testdata/cluster.crm")
	if err != nil {
		t.Fatal(err)
	}
	got, err := crmsyntax.Parse("converted", []byte(r.Cluster), crmsyntax.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := crmsyntax.Parse("handbook", []byte(text), crmsyntax.Options{})
	if err != nil {
		t.Fatal(err)
	}
	// What pacemaker sets itself may be missing in the new file.
	if changes := diff.Compare(want, got, diff.Options{IgnoreProperties: diff.PacemakerOwned}); len(changes) != 0 {
		t.Errorf("differs from the handbook:\n%s", changes)
	}
	if len(r.AuthKey) != keySize {
		t.Errorf("key of %d bytes", len(r.AuthKey))
	}
}
