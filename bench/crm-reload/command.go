// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// command is the program; it returns the exit code.
func command() int {
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
	if results[0].Median > results[1].Median {
		return fmt.Errorf("ngcp-ha is slower than crmsh")
	}
	return nil
}
