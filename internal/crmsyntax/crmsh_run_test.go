// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// emptyCIB is what a configuration is loaded into.
const emptyCIB = `<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0">` +
	`<configuration><crm_config/><nodes/><resources/><constraints/></configuration><status/></cib>`

// result is what crmsh makes of a file: the CIB, and the same in crm syntax.
type result struct{ xml, shown []byte }

// crmsh loads files with the installed crmsh, each into an empty CIB, and
// returns what it makes of them. What crmsh refuses, or dies of, is missing.
// Two sessions share the files, since crmsh uses one processor.
func crmsh(t *testing.T, cases []testCase) map[string]result {
	t.Helper()
	dirs := []string{crmshHome(t), crmshHome(t)}
	made := make([]map[string]result, 2)
	var sessions sync.WaitGroup
	for i, half := range [][]testCase{cases[:len(cases)/2], cases[len(cases)/2:]} {
		sessions.Go(func() { made[i] = crmshSession(t, dirs[i], half) })
	}
	sessions.Wait()
	maps.Copy(made[0], made[1])
	return made[0]
}

// crmshSession loads the files in one session as long as crmsh survives: a
// start takes most of a second.
func crmshSession(t *testing.T, dir string, cases []testCase) map[string]result {
	t.Helper()
	made := map[string]result{}
	if err := os.WriteFile(filepath.Join(dir, "cib.xml"), []byte(emptyCIB), 0o600); err != nil {
		t.Error(err)
		return made
	}
	for len(cases) > 0 {
		var script strings.Builder
		for i, c := range cases {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.crm", i)), []byte(c.text), 0o600); err != nil {
				t.Error(err)
			}
			fmt.Fprintf(&script, "load replace %s/%d.crm\nsave xml %s/%d.xml\nsave %s/%d.show\nrefresh\nerase nodes\n", dir, i, dir, i, dir, i)
		}
		messages := runCrm(t, dir, script.String(), "-D", "plain", "-F", "configure")
		done := 0
		for ; done < len(cases); done++ {
			path := filepath.Join(dir, fmt.Sprintf("%d.xml", done))
			xml, err := os.ReadFile(path)
			if err != nil {
				t.Logf("crmsh died of %s: %s", cases[done].name, lastLine(messages))
				done++
				break
			}
			if cfg, err := Read(xml); err == nil && len(cfg.Objects()) > 0 {
				shown, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%d.show", done)))
				if err != nil {
					t.Errorf("%s: %v", cases[done].name, err)
				}
				made[cases[done].name] = result{xml: xml, shown: shown}
			}
			os.Remove(path)
		}
		cases = cases[done:]
	}
	return made
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}

func crmshHome(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("crm"); err != nil {
		t.Skip("crmsh is not installed: nothing to compare with")
	}
	return t.TempDir()
}

func runCrm(t *testing.T, dir, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "crm", args...)
	cmd.Env = append(os.Environ(), "HOME="+dir, "CIB_file="+filepath.Join(dir, "cib.xml"), "LC_ALL=C.UTF-8")
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		t.Errorf("crm %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}
