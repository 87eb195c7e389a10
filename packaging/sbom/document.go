// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// document is a CycloneDX 1.5 bill of materials (https://cyclonedx.org/docs/1.5/json/), as far as it is used here.
type document struct {
	Format       string       `json:"bomFormat"`
	Spec         string       `json:"specVersion"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type    string `json:"type"` // application, library or file
	Ref     string `json:"bom-ref"`
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	PURL    string `json:"purl,omitempty"`
	Hashes  []hash `json:"hashes,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"` // hexadecimal
}

type dependency struct {
	Ref  string   `json:"ref"`
	Uses []string `json:"dependsOn"`
}

func run(args []string, stdout, stderr io.Writer) int {
	if len(args) < 3 {
		fmt.Fprintln(stderr, "usage: sbom NAME VERSION PROGRAM...")
		return 64
	}
	d, err := describe(args[0], args[1], args[2:])
	if err == nil {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		err = enc.Encode(d)
	}
	if err != nil {
		fmt.Fprintln(stderr, "sbom:", err)
		return 1
	}
	return 0
}

// describe reads the programs. The same programs give the same document: it has no time and no serial number.
func describe(name, version string, programs []string) (document, error) {
	d := document{Format: "CycloneDX", Spec: "1.5", Version: 1,
		Metadata: metadata{component{Type: "application", Ref: name, Name: name, Version: version}}}
	seen := map[string]bool{}
	whole := dependency{Ref: name}
	for _, program := range programs {
		info, err := buildinfo.ReadFile(program)
		if err != nil {
			return document{}, fmt.Errorf("build information of %s: %w", program, err)
		}
		content, err := os.ReadFile(program)
		if err != nil {
			return document{}, fmt.Errorf("read %s: %w", program, err)
		}
		sum := sha256.Sum256(content)
		file := component{Type: "file", Ref: "file:" + filepath.Base(program), Name: filepath.Base(program), Version: version,
			Hashes: []hash{{"SHA-256", hex.EncodeToString(sum[:])}}}
		uses := dependency{Ref: file.Ref}
		libraries := []component{library("std", strings.TrimPrefix(info.GoVersion, "go"))}
		for _, m := range info.Deps {
			if m.Replace != nil {
				m = m.Replace
			}
			libraries = append(libraries, library(m.Path, m.Version))
		}
		for _, l := range libraries {
			uses.Uses = append(uses.Uses, l.Ref)
			if !seen[l.Ref] {
				seen[l.Ref] = true
				d.Components = append(d.Components, l)
			}
		}
		slices.Sort(uses.Uses)
		d.Components = append(d.Components, file)
		d.Dependencies = append(d.Dependencies, uses)
		whole.Uses = append(whole.Uses, file.Ref)
	}
	slices.SortFunc(d.Components, func(a, b component) int { return strings.Compare(a.Ref, b.Ref) })
	d.Dependencies = append(d.Dependencies, whole)
	return d, nil
}

func library(path, version string) component {
	purl := "pkg:golang/" + path + "@" + version
	return component{Type: "library", Ref: purl, Name: path, Version: version, PURL: purl}
}
