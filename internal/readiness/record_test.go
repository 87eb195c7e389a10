// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/oci"
	"ocf-oci/internal/pacemaker/cib"

	"github.com/google/go-cmp/cmp"
)

func TestChanged(t *testing.T) {
	record := func(change func(*Record)) Record {
		r := Record{Readiness: floating.Readiness{Ready: true, Warnings: []floating.Finding{{ID: "w", Text: "at 12:00"}}}}
		change(&r)
		return r
	}
	before := record(func(*Record) {})
	for name, c := range map[string]struct {
		now  Record
		want bool
	}{
		"nothing":           {record(func(*Record) {}), false},
		"another text":      {record(func(r *Record) { r.Warnings[0].Text = "at 12:01" }), false},
		"the same twice":    {record(func(r *Record) { r.Warnings = append(r.Warnings, r.Warnings[0]) }), false},
		"no longer ready":   {record(func(r *Record) { r.Ready = false }), true},
		"degraded":          {record(func(r *Record) { r.Degraded = true }), true},
		"another problem":   {record(func(r *Record) { r.Problems = []floating.Finding{{ID: "p"}} }), true},
		"a warning went":    {record(func(r *Record) { r.Warnings = nil }), true},
		"a warning changed": {record(func(r *Record) { r.Warnings[0].ID = "x" }), true},
	} {
		if got := Changed(before, c.now); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if names, err := s.Resources(); err != nil || len(names) != 0 {
		t.Errorf("before anything was kept: %v %v", names, err)
	}
	odd := "a/b c"
	for _, name := range []string{"vip", odd} {
		if err := s.Put(Record{Resource: name, Readiness: floating.Readiness{Ready: true}, At: time.Unix(1, 0).UTC()}); err != nil {
			t.Fatal(err)
		}
	}
	if names, err := s.Resources(); err != nil || !cmp.Equal(names, []string{odd, "vip"}) {
		t.Errorf("%v %v", names, err)
	}
	if r, ok := s.Last(odd); !ok || !r.Ready || r.At.Unix() != 1 {
		t.Errorf("%+v %v", r, ok)
	}
	if err := s.Drop(odd); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Last(odd); ok {
		t.Error("still there")
	}
}

func TestTextfile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.prom")
	held := func(holder oci.VNICID) floating.Readiness {
		return floating.Readiness{Cloud: "oci", Targets: []floating.Candidate{{IP: netip.MustParseAddr("10.0.0.100"), VNIC: "me", Holder: holder, Exists: true, Asked: true}}}
	}
	unknown := floating.Readiness{Cloud: "oci", Targets: []floating.Candidate{{VNIC: "me"}}}
	err := Textfile(path, []Record{
		{Resource: "mine", Readiness: held("me"), At: time.Unix(7, 0)}, {Resource: "other", Readiness: held("you")},
		{Resource: "nobody", Readiness: held("")}, {Resource: "unknown", Readiness: unknown},
		{Resource: `q"\`, Readiness: floating.Readiness{Cloud: "none", Owned: true, Ready: true, Degraded: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`ocf_oci_owner{resource="mine"} 1`, `ocf_oci_owner{resource="other"} 0`, `ocf_oci_owner{resource="nobody"} 0`,
		`ocf_oci_owner{resource="q\"\\"} 1`, `ocf_oci_ready{resource="mine"} 0`, `ocf_oci_ready{resource="q\"\\"} 1`,
		`ocf_oci_degraded{resource="q\"\\"} 1`, `ocf_oci_last_check_timestamp_seconds{resource="mine"} 7`,
		`# TYPE ocf_oci_ready gauge`,
	} {
		if !strings.Contains(string(b), line+"\n") {
			t.Errorf("no line %s in\n%s", line, b)
		}
	}
	if strings.Contains(string(b), `ocf_oci_owner{resource="unknown"}`) {
		t.Error("an unknown owner is given as known")
	}
	if st, _ := os.Stat(path); st.Mode().Perm() != 0o644 {
		t.Errorf("mode %v", st.Mode())
	}
}

// An agent that is missing, fails, hangs or talks nonsense makes the node not ready, in time.
func TestAskNeverHangsAndNeverBelievesNonsense(t *testing.T) {
	p := cib.Primitive{ID: "vip", Class: "ocf", Provider: "oci", Type: "IPaddr2", Params: map[string]string{"ip": "10.0.0.100"}}
	for name, c := range map[string]struct{ script, id string }{
		"missing":  {"", NoAgent},
		"nonsense": {"echo hello", AgentSilent},
		"silent":   {"exit 0", AgentSilent},
		"hangs":    {"sleep 60 & wait", AgentSilent},
	} {
		root := t.TempDir()
		if c.script != "" {
			install(t, root, c.script)
		}
		from := time.Now()
		r := Asker{Root: root}.Ask(t.Context(), p, 200*time.Millisecond)
		if r.Ready || len(r.Problems) != 1 || r.Problems[0].ID != c.id {
			t.Errorf("%s: %+v", name, r)
		}
		if d := time.Since(from); d > 5*time.Second {
			t.Errorf("%s took %s", name, d)
		}
	}
	root := t.TempDir()
	install(t, root, `[ "$1$OCF_RESOURCE_INSTANCE$OCF_RESKEY_ip$OCF_RESKEY_CRM_meta_on_node" = readyvip10.0.0.100n1 ] && echo '{"ready":true}'`)
	if r := (Asker{Root: root, Node: "n1"}).Ask(t.Context(), p, time.Second); !r.Ready {
		t.Errorf("%+v", r)
	}
}

func install(t *testing.T, root, script string) {
	t.Helper()
	dir := filepath.Join(root, "resource.d", "oci")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "IPaddr2"), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}
