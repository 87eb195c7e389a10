// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// measured is the command; it returns the exit code.
func measured() int {
	tool := flag.String("tool", "build/bin/ngcp-ha", "the tool under test")
	resources := flag.Int("resources", 500, "primitives in the file")
	turns := flag.Int("turns", 5, "measurements of each")
	asJSON := flag.Bool("json", false, "print JSON")
	flag.Parse()
	if err := run(*tool, *resources, *turns, *asJSON); err != nil {
		fmt.Fprintln(os.Stderr, "bench/crm-reload:", err)
		return 1
	}
	return 0
}

// result are the times of one way to load, in milliseconds.
type result struct {
	Way    string  `json:"way"`
	Median float64 `json:"median_ms"`
	Least  float64 `json:"least_ms"`
	Most   float64 `json:"most_ms"`
	Writes int     `json:"writes"` // how often the CIB was written: its epoch counts
}

func run(tool string, resources, turns int, asJSON bool) error {
	dir, err := os.MkdirTemp("", "bench-crm-reload-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if tool, err = filepath.Abs(tool); err != nil {
		return err
	}
	b := bench{dir: dir, file: filepath.Join(dir, "large.crm"), cib: filepath.Join(dir, "cib.xml"), resources: resources}
	settings := filepath.Join(dir, "settings.yaml")
	for path, text := range map[string]string{b.file: large(resources), settings: "state: " + filepath.Join(dir, "state") + "\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
	}
	ours := []string{tool, "--settings", settings, "crm-reload"}
	ways := []*way{
		{name: "ngcp-ha crm-reload", argv: append(slices.Clone(ours), b.file)},
		{name: "crm configure load replace", argv: []string{"crm", "-F", "configure", "load", "replace", b.file}},
		{name: "ngcp-ha crm-reload, equal", argv: append(slices.Clone(ours), b.file), loaded: true},
		{name: "ngcp-ha crm-reload --check, differs", argv: append(slices.Clone(ours), "--check", b.file), code: 1},
	}
	for range turns {
		for _, w := range ways {
			if err := b.measure(w, ours); err != nil {
				return err
			}
		}
	}
	return report(ways, asJSON)
}

// way is one way to load.
type way struct {
	name   string
	argv   []string
	loaded bool // the file is loaded before the time is taken
	code   int
	times  []float64
	writes int
}

type bench struct {
	dir, file, cib string
	resources      int
}

// empty is the CIB that the file is loaded into.
const empty = `<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0">` +
	`<configuration><crm_config/><nodes/><resources/><constraints/></configuration><status/></cib>`

func (b bench) measure(w *way, ours []string) error {
	if err := os.WriteFile(b.cib, []byte(empty), 0o600); err != nil {
		return err
	}
	if w.loaded {
		if _, err := b.command(append(slices.Clone(ours), b.file)...); err != nil {
			return err
		}
	}
	before, _, err := b.state()
	if err != nil {
		return err
	}
	began := time.Now()
	code, err := b.command(w.argv...)
	took := time.Since(began)
	if err != nil {
		return err
	}
	if code != w.code {
		return fmt.Errorf("%s ended with %d", w.name, code)
	}
	epoch, primitives, err := b.state()
	if err != nil {
		return err
	}
	if want := b.resources; w.code == 0 && primitives != want {
		return fmt.Errorf("%s has loaded %d of %d resources", w.name, primitives, want)
	}
	w.times = append(w.times, float64(took.Microseconds())/1000)
	w.writes = epoch - before
	return nil
}

func (b bench) command(argv ...string) (int, error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), "CIB_file="+b.cib, "HOME="+b.dir, "LC_ALL=C.UTF-8")
	out, err := cmd.CombinedOutput()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		return 0, fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, out)
	}
	return cmd.ProcessState.ExitCode(), nil
}

var epochRE = regexp.MustCompile(`\bepoch="([0-9]+)"`)

func (b bench) state() (epoch, primitives int, err error) {
	text, err := os.ReadFile(b.cib)
	if err != nil {
		return 0, 0, err
	}
	if m := epochRE.FindSubmatch(text); m != nil {
		fmt.Sscan(string(m[1]), &epoch)
	}
	return epoch, strings.Count(string(text), "<primitive"), nil
}

func report(ways []*way, asJSON bool) error {
	var results []result
	for _, w := range ways {
		slices.Sort(w.times)
		results = append(results, result{w.name, w.times[len(w.times)/2], w.times[0], w.times[len(w.times)-1], w.writes})
	}
	if asJSON {
		enc := json.NewEncoder(os.Stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(results)
	}
	fmt.Printf("%-38s %10s %10s %10s  %s\n", "", "median ms", "least", "most", "writes")
	for _, r := range results {
		fmt.Printf("%-38s %10.0f %10.0f %10.0f  %d\n", r.Way, r.Median, r.Least, r.Most, r.Writes)
	}
	if slower := cmp.Compare(results[0].Median, results[1].Median); slower > 0 {
		return fmt.Errorf("ngcp-ha is slower than crmsh")
	}
	return nil
}

// large is a file with n primitives, in groups of five with constraints between them.
func large(n int) string {
	var out strings.Builder
	out.WriteString("node 1: sp1\nnode 2: sp2\nproperty stonith-enabled=false\nrsc_defaults resource-stickiness=100\n")
	for i := range n {
		fmt.Fprintf(&out, "primitive p_%d ocf:heartbeat:Dummy \\\n\tparams state=/run/dummy-%d fake=%d \\\n\tmeta migration-threshold=20 failure-timeout=800 \\\n"+
			"\top monitor interval=10s timeout=60s on-fail=restart \\\n\top start interval=0 timeout=60s\n", i, i, i)
		if i%5 == 4 {
			g := i / 5
			fmt.Fprintf(&out, "group g_%d p_%d p_%d p_%d p_%d p_%d\nlocation l_%d g_%d rule pingd: defined pingd\n", g, i-4, i-3, i-2, i-1, i, g, g)
			if g > 0 {
				fmt.Fprintf(&out, "colocation c_%d inf: g_%d g_%d\norder o_%d Mandatory: g_%d g_%d\n", g, g, g-1, g, g-1, g)
			}
		}
	}
	return out.String()
}
