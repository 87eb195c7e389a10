// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// What crm_simulate 2.1.5 prints for the handbook's cluster with a move of g_vips to sp2, made anew from the CIB.
func TestRun(t *testing.T) {
	cib, err := os.ReadFile("../../ngcpha/testdata/cib/cib.moved.xml")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(t.Context(), os.Environ(), cib)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Scores) == 0 || len(r.After.Nodes) != 2 {
		t.Errorf("%d scores, nodes %v", len(r.Scores), r.After.Nodes)
	}
	if _, err := Run(t.Context(), os.Environ(), []byte("no CIB")); err == nil || errors.Is(err, ErrNoXML) {
		t.Error("what is no CIB was simulated:", err)
	}
}

// TestNoXML: what crm_simulate of pacemaker 2.0.5 does with --output-as=xml, which it does not know; others end with 64.
func TestNoXML(t *testing.T) {
	for _, code := range []string{"0", "1", "64"} {
		dir := t.TempDir()
		script := "#!/bin/sh\ncat >/dev/null\necho 'Unknown option --output-as=xml' >&2\nexit " + code + "\n"
		if err := os.WriteFile(filepath.Join(dir, "crm_simulate"), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := Run(t.Context(), []string{"PATH=" + dir}, []byte("<cib/>")); !errors.Is(err, ErrNoXML) {
			t.Errorf("exit code %s: %v", code, err)
		}
	}
}

func TestParse(t *testing.T) {
	text, err := os.ReadFile("../../ngcpha/testdata/simulate.move.xml")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []Action{{Action: "move", Resource: "p_vip_eth1_v4_1", From: "sp1", To: "sp2"}, {Action: "start", Resource: "p_monit_services", To: "sp2"}} {
		if !slices.Contains(r.Actions, want) {
			t.Errorf("%+v is missing in %+v", want, r.Actions)
		}
	}
	for _, one := range r.After.In("g_vips") {
		if !slices.Equal(one.Nodes, []string{"sp2"}) {
			t.Errorf("%+v is not on sp2", one)
		}
	}
	if !slices.Contains(r.Scores, Score{"pcmk__primitive_assign", "sp2", "INFINITY", "p_vip_eth1_v4_1"}) {
		t.Error("a score is missing")
	}
}

func FuzzParse(f *testing.F) {
	text, _ := os.ReadFile("../../ngcpha/testdata/simulate.move.xml")
	f.Add(text)
	f.Fuzz(func(_ *testing.T, text []byte) { _, _ = Parse(text) })
}
