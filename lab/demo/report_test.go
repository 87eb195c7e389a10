// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ocf-oci/lab/schema"
)

func reportJSON(t *testing.T, r Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReportIsAsTheSchemaSays(t *testing.T) {
	if err := schema.Validate("report", reportJSON(t, sample().Report)); err != nil {
		t.Error(err)
	}
	// A demo that was cut short says so within the schema too.
	short := sample().Report
	short.Events, short.AgentExec = []Event{}, map[string]int64{}
	if err := schema.Validate("report", reportJSON(t, short)); err != nil {
		t.Error(err)
	}
	spoilt := sample().Report
	spoilt.Events[0].Kind = "holiday"
	if schema.Validate("report", reportJSON(t, spoilt)) == nil {
		t.Error("the schema takes any kind of event")
	}
}

// The keys are what other programs rely on, so they are written down here once more, by hand.
func TestReportKeys(t *testing.T) {
	var got map[string]any
	if err := json.Unmarshal(reportJSON(t, sample().Report), &got); err != nil {
		t.Fatal(err)
	}
	traffic := map[string]any{"sent": 3000.0, "lost": 0.0, "gap_ms": 5.0}
	event := map[string]any{
		"name": "planned move to vrouter2", "kind": "planned", "from": "vrouter1", "to": "vrouter2", "duration_ms": 3900.0,
		"to_address": traffic, "through_router": map[string]any{"sent": 6000.0, "lost": 0.0, "gap_ms": 5.0},
	}
	if d := cmp.Diff(event, got["events"].([]any)[0]); d != "" {
		t.Error(d)
	}
	delete(got, "events")
	want := map[string]any{
		"schema":        1.0,
		"cluster":       map[string]any{"pacemaker": "2.1.5", "corosync": "3.1.7", "pcs": "0.11.5", "nodes": []any{"vrouter1", "vrouter2", "vrouter3"}},
		"agent_exec_ms": map[string]any{"start": 41.0, "stop": 6.0, "monitor": 3.0, "migrate_from": 55.0},
		"api_calls":     map[string]any{"UpdatePrivateIp": 6.0, "GetPrivateIp": 41.0},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestWriteAndClear(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "build", "demo")
	if err := Clear(dir); err != nil {
		t.Fatal(err)
	}
	paths, err := Write(dir, sample())
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{filepath.Join(dir, "report.html"), filepath.Join(dir, "timeline.svg"), filepath.Join(dir, "report.json")}; !cmp.Equal(want, paths) {
		t.Errorf("wrote %q, want %q", paths, want)
	}
	b, err := os.ReadFile(paths[2])
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate("report", b); err != nil {
		t.Error(err)
	}
	o := sample()
	o.Diagnosis = "why"
	if paths, err := Write(dir, o); err != nil || len(paths) != 4 {
		t.Errorf("wrote %q, %v; want the diagnosis too", paths, err)
	}
	if err := Clear(dir); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("an old report is left: %v %v", left, err)
	}
}
