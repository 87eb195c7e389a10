// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ocf-oci/lab"

	"github.com/rogpeppe/go-internal/testscript"
)

// Run runs the scenario files of dir one after another against a lab that stays up; before, if not nil, puts the lab
// into its starting state before each file; vars are environment variables of the files. It returns how many files there
// were.
func Run(t *testing.T, l *lab.Lab, dir string, vars map[string]string, before func(context.Context, *testing.T)) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenario in %s: %v", dir, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			if before != nil {
				before(t.Context(), t)
			}
			w := &world{lab: l, remembered: time.Now(), turn: map[string]int{}}
			testscript.RunT(sequential{t}, testscript.Params{
				Files: []string{file},
				Cmds:  w.commands(),
				Setup: func(e *testscript.Env) error {
					for name, value := range vars {
						e.Setenv(name, value)
					}
					return nil
				},
			})
		})
	}
	return len(files)
}

// sequential keeps testscript from running files side by side: they share a lab.
type sequential struct{ *testing.T }

func (s sequential) Parallel()     {}
func (s sequential) Verbose() bool { return testing.Verbose() }

// Run does not nest: the file is the test that it runs in already.
func (s sequential) Run(_ string, f func(testscript.T)) { f(s) }
