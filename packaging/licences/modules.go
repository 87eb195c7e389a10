// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// module is one that programs are linked from; Go's standard library is the one called "std".
type module struct {
	path, version, dir string
}

// linked lists the modules that the packages and what they import come from, sorted.
func linked(packages []string) ([]module, error) {
	args := append([]string{"list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}"}, packages...)
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		return nil, fmt.Errorf("go list of %s: %w", strings.Join(packages, " "), err)
	}
	root, err := exec.Command("go", "env", "GOROOT", "GOVERSION").Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOROOT: %w", err)
	}
	goroot := strings.Fields(string(root))
	all := []module{{"std", goroot[1], goroot[0]}}
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) == 3 {
			all = append(all, module{f[0], f[1], f[2]})
		}
	}
	slices.SortFunc(all, func(a, b module) int { return strings.Compare(a.path, b.path) })
	return slices.Compact(all), nil
}

// files names the module as debian/copyright does, by where a vendored copy would lie.
func (m module) files() string {
	if m.path == "std" {
		return "go/src/*"
	}
	return "vendor/" + m.path + "/*"
}

// licence is what a module may be used under.
type licence struct {
	kind    string // SPDX identifier
	text    string
	holders []string
}

// signs are words that only this licence has, the more particular first.
var signs = []struct{ kind, sign string }{
	{"UPL-1.0", "Universal Permissive License"},
	{"Apache-2.0", "Apache License"},
	{"BSD-3-Clause", "Neither the name"},
	{"BSD-2-Clause", "Redistributions in binary form"},
	{"MIT", "Permission is hereby granted, free of charge"},
}

var holder = regexp.MustCompile(`(?im)^\s*(?:copyright:?\s+)(?:\(c\)\s*|©\s*)?((?:\d{4}|the|by)\b.*)$`)

func (m module) licence() (licence, error) {
	files, err := filepath.Glob(filepath.Join(m.dir, "LICEN[SC]E*"))
	if err != nil || len(files) == 0 {
		return licence{}, fmt.Errorf("module %s %s has no licence file in %s", m.path, m.version, m.dir)
	}
	slices.Sort(files)
	raw, err := os.ReadFile(files[0])
	if err != nil {
		return licence{}, fmt.Errorf("licence of %s: %w", m.path, err)
	}
	l := licence{text: string(raw)}
	for _, s := range signs {
		if strings.Contains(strings.Join(strings.Fields(l.text), " "), s.sign) {
			l.kind = s.kind
			break
		}
	}
	if l.kind == "" {
		return licence{}, fmt.Errorf("the licence of %s is not known: add its sign to %s", m.path, "packaging/licences/modules.go")
	}
	for _, match := range holder.FindAllStringSubmatch(l.text, -1) {
		l.holders = append(l.holders, strings.TrimSpace(match[1]))
	}
	if len(l.holders) == 0 {
		l.holders = []string{"the authors of " + m.path}
	}
	return l, nil
}
