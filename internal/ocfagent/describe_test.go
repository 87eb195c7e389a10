// SPDX-License-Identifier: Apache-2.0

package ocfagent

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParameters(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "resource.d", "test")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, script := range map[string]string{
		"Good": `[ "$1" = meta-data ] && [ "$OCF_ROOT" = "` + root + `" ] && cat <<X
<?xml version="1.0"?>
<!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">
<resource-agent name="Good"><parameters>
<parameter name="ip" unique="1" required="1"><content type="string" default=""/></parameter>
<parameter name="nic" required="0"><content type="string"/></parameter>
<parameter name="mode" required="1"><content type="string" default="auto"/></parameter>
</parameters></resource-agent>
X`,
		"Fails":    "exit 3",
		"Nonsense": "echo '<resource-agent'",
		"Hangs":    "sleep 60",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	r := Root{Dir: root, Env: []string{"PATH=" + os.Getenv("PATH")}}
	got, err := r.Parameters(t.Context(), "test", "Good")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]Parameter{{"ip", true}, {"nic", false}, {"mode", false}}, got); d != "" {
		t.Error(d)
	}
	for _, bad := range []string{"Fails", "Nonsense", "Missing"} {
		if list, err := r.Parameters(t.Context(), "test", bad); err == nil {
			t.Errorf("%s: %v", bad, list)
		}
	}
}

// TestInstalled: the distribution's IPaddr2 and pacemaker's own Dummy.
func TestInstalled(t *testing.T) {
	r := Root{Dir: "/usr/lib/ocf", Env: os.Environ()}
	for name, want := range map[string]Parameter{"heartbeat/IPaddr2": {"ip", true}, "pacemaker/Dummy": {"fake", false}} {
		t.Run(name, func(t *testing.T) {
			if _, err := os.Stat("/usr/lib/ocf/resource.d/" + name); err != nil {
				t.Skipf("%s is not installed; make setup does it", name)
			}
			list, err := r.Parameters(t.Context(), filepath.Dir(name), filepath.Base(name))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(list, want) {
				t.Errorf("no %+v in %+v", want, list)
			}
		})
	}
}
