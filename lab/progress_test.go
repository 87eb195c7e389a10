// SPDX-License-Identifier: Apache-2.0

package lab

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A step that lasts is repeated every ten seconds, by its name.
func TestReporter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		r := newReporter(&out)
		r.step("node %s: up", "n1")
		time.Sleep(9 * time.Second)
		r.step("cluster: pcs cluster setup")
		time.Sleep(25 * time.Second)
		r.stop()
		time.Sleep(time.Minute)
		r.step("never")
		var got []string
		for line := range strings.Lines(out.String()) {
			var p progress
			if err := json.Unmarshal([]byte(line), &p); err != nil {
				t.Fatal(err)
			}
			got = append(got, p.Step)
		}
		want := []string{
			"  0.0s  node n1: up", "  9.0s  cluster: pcs cluster setup", " 19.0s    ... cluster: pcs cluster setup", " 29.0s    ... cluster: pcs cluster setup",
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}
