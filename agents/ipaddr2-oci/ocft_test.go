// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const ocftDir = "/usr/share/resource-agents/ocft"

// A suite is one of the ocft configurations that come with resource-agents. Ours must pass every case that the original
// passes here, but for those named, where DESIGN gives other codes.
var suites = map[string][]string{
	// The codes of a start where nic does not exist: 5, since the next node may have it, where 4.12 says 6.
	"IPaddr2":   {"check base env: set invalid 'OCF_RESKEY_nic'"},
	"IPaddr2v4": nil,
	"IPaddr2v6": nil,
}

// ocftCase is one script that ocft makes.
type ocftCase struct{ Name, Output string }

// ocftRun is what a suite showed of one agent.
type ocftRun struct {
	Failed map[int]ocftCase // by number
	Total  int
}

// The suites spend their time sleeping, so each has a world of its own for each agent, all at once.
func TestOcft(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("needs root for network and mount namespaces")
	}
	for suite := range suites {
		for _, file := range []string{original, "/usr/sbin/ocft", filepath.Join(ocftDir, "configs", suite)} {
			if _, err := os.Stat(file); err != nil {
				t.Skipf("needs resource-agents: %v", err)
			}
		}
	}
	var mu sync.Mutex
	runs := map[string]ocftRun{} // by suite and agent
	var group sync.WaitGroup
	for suite := range suites {
		for _, who := range []string{"theirs", "ours"} {
			group.Go(func() {
				report := filepath.Join(t.TempDir(), "report")
				out, err := inWorld("^TestOcftInWorld$", ocftEnv+"="+suite+" "+who+" "+report)
				text, _ := os.ReadFile(report)
				var r ocftRun
				if err != nil || json.Unmarshal(text, &r) != nil {
					t.Errorf("%s, %s: %v\n%s", suite, who, err, out)
				}
				mu.Lock()
				runs[suite+who] = r
				mu.Unlock()
			})
		}
	}
	group.Wait()
	for suite, excepted := range suites {
		theirs, ours := runs[suite+"theirs"], runs[suite+"ours"]
		for number, c := range ours.Failed {
			switch _, failed := theirs.Failed[number]; {
			case failed:
				t.Logf("%s case %d, %s: the original fails as well", suite, number, c.Name)
			case slices.Contains(excepted, c.Name):
				t.Logf("%s case %d, %s: other codes by design", suite, number, c.Name)
			default:
				t.Errorf("%s case %d, %s: the original passes\n%s", suite, number, c.Name, c.Output)
			}
		}
		t.Logf("%s: %d cases, the original fails %d, ours %d", suite, ours.Total, len(theirs.Failed), len(ours.Failed))
		if ours.Total == 0 || ours.Total != theirs.Total || len(theirs.Failed) > 1 {
			t.Errorf("%s: %d cases of ours, %d of the original's, which fails %d: the comparison shows nothing", suite, ours.Total, theirs.Total, len(theirs.Failed))
		}
	}
}

const ocftEnv = "IPADDR2_TEST_OCFT"

// TestOcftInWorld is one world of TestOcft.
func TestOcftInWorld(t *testing.T) {
	words := strings.Fields(os.Getenv(ocftEnv))
	if len(words) != 3 {
		t.Skip("runs inside TestOcft")
	}
	sh(t, "mount -t tmpfs tmpfs /var/lib && mkdir /var/lib/resource-agents")
	root := filepath.Dir(original)
	if words[1] == "ours" {
		root = filepath.Dir(install(t))
	}
	text, err := json.Marshal(runSuite(t, words[0], root))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(words[2], text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// runSuite makes a suite's scripts with nothing but the agent's folder changed, runs them as `ocft test` does, and
// returns those that fail, by number.
func runSuite(t *testing.T, suite, root string) ocftRun {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(ocftDir, "configs", suite))
	if err != nil {
		t.Fatal(err)
	}
	changed := regexp.MustCompile(`(?m)^\tAgentRoot .*$`).ReplaceAllString(string(text), "\tAgentRoot "+root)
	configs := t.TempDir()
	if err := os.WriteFile(filepath.Join(configs, suite), []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	const cases = "/var/lib/resource-agents/ocft/cases"
	sh(t, fmt.Sprintf("rm -rf %s; ocft make -d %s %s", cases, configs, suite))
	script := func(name string) (string, error) {
		cmd := exec.Command("./" + name)
		cmd.Dir = cases
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := script("setup_" + suite + ".sh"); err != nil {
		t.Fatalf("setup: %v\n%s", err, out)
	}
	scripts, err := filepath.Glob(cases + "/[0-9]*_" + suite + ".sh")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("ocft made no cases: %v", err)
	}
	number := func(path string) int {
		n, _ := strconv.Atoi(strings.SplitN(filepath.Base(path), "_", 2)[0])
		return n
	}
	sort.Slice(scripts, func(i, j int) bool { return number(scripts[i]) < number(scripts[j]) })
	failed := map[int]ocftCase{}
	summary := regexp.MustCompile(`(?m)^# Summary: (.*)$`)
	for _, path := range scripts {
		if out, err := script(filepath.Base(path)); err != nil {
			body, _ := os.ReadFile(path)
			failed[number(path)] = ocftCase{summary.FindStringSubmatch(string(body))[1], out}
		}
	}
	_, _ = script("cleanup_" + suite + ".sh")
	return ocftRun{failed, len(scripts)}
}

func TestOcfTester(t *testing.T) {
	if !insideWorld(t, "/usr/sbin/ocf-tester", "/usr/bin/xmllint") {
		return
	}
	agent := install(t)
	for _, ip := range []string{"10.0.0.100", "2001:db8::100"} {
		out, err := exec.Command("ocf-tester", "-n", "vip", "-o", "ip="+ip, agent).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "passed all tests") {
			t.Errorf("ip=%s: %v\n%s", ip, err, out)
		}
	}
}
