// SPDX-License-Identifier: Apache-2.0

// Package metadatatest checks an agent's meta-data with the very programs that
// will read it in production: ocf-tester's DTD, the OCF 1.1 schema, pacemaker,
// pcs and crmsh. The agent is installed for them in a mount namespace of the
// test's own; the machine's files stay as they are.
package metadatatest

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
)

//go:embed ocf-1.1.rng
var schema []byte

// Directories of Debian's and of other distributions' packages.
const (
	agentsDir      = "/usr/lib/ocf/resource.d"
	dtdDir         = "/usr/share/resource-agents"
	officialSchema = "/usr/share/pacemaker/api/ocf-ra-1.1.rng" // pacemaker 2.1.6 and later
	pcsSchema      = "/usr/share/pcs/data/ocf-1.1.rng"
)

// document is the part of the meta-data that the tests look for in the output of
// the programs.
type document struct {
	Version    string `xml:"version"`
	Parameters []struct {
		Name string `xml:"name,attr"`
	} `xml:"parameters>parameter"`
	Actions []struct {
		Name string `xml:"name,attr"`
	} `xml:"actions>action"`
}

// Validate installs the agent binary as ocf:provider:typ and has everything that
// reads meta-data read it. It skips if the test does not run as root, and fails
// if one of the programs is missing.
func Validate(t *testing.T, agentBinaryPath, provider, typ string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root for a mount namespace")
	}
	v, err := install(t.TempDir(), agentBinaryPath, provider, typ)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			if err := c.run(v); err != nil {
				t.Error(err)
			}
		})
	}
}

// check is one reader's judgement.
type check struct {
	name string
	run  func(*installation) error
}

var checks = []check{
	{"empty environment", func(v *installation) error {
		if v.doc.Version != "1.1" || len(v.doc.Parameters) == 0 || len(v.doc.Actions) == 0 {
			return fmt.Errorf("version %q, %d parameters, %d actions", v.doc.Version, len(v.doc.Parameters), len(v.doc.Actions))
		}
		return nil
	}},
	{"user nobody", func(v *installation) error {
		return v.same("su", "nobody", "-s", "/bin/sh", "-c", v.agent+" meta-data")
	}},
	{"without tools", func(v *installation) error {
		return v.same("env", "-i", "OCF_TESTER_FAIL_HAVE_BINARY=1", "PATH=/nonexistent", v.agent, "meta-data")
	}},
	{"ocf-tester DTD", func(v *installation) error {
		_, err := v.run("sh", "-c", "cd "+dtdDir+" && xmllint --noout --nonet --valid - <"+v.path(textFile))
		return err
	}},
	{"schema of this project", func(v *installation) error { return v.relaxNG(v.path(schemaFile)) }},
	{"schema of pacemaker", func(v *installation) error {
		if _, err := os.Stat(officialSchema); errors.Is(err, fs.ErrNotExist) {
			return nil // pacemaker before 2.1.6; the project's schema is narrower
		}
		return v.relaxNG(officialSchema)
	}},
	{"schema of pcs", func(v *installation) error { return v.relaxNG(pcsSchema) }},
	{"crm_resource", func(v *installation) error { return v.same("crm_resource", "--show-metadata", v.name) }},
	{"pcs", func(v *installation) error { return v.describes("pcs", "resource", "describe", v.name, "--full") }},
	{"crmsh", func(v *installation) error { return v.describes("crm", "ra", "info", v.name) }},
}

// same runs a program that must print the very meta-data.
func (v *installation) same(args ...string) error {
	got, err := v.run(args...)
	if err == nil && strings.TrimSpace(got) != strings.TrimSpace(v.text) {
		err = fmt.Errorf("%s prints another text:\n%s", args[0], got)
	}
	return err
}

func (v *installation) relaxNG(file string) error {
	_, err := v.run("xmllint", "--noout", "--nonet", "--relaxng", file, v.path(textFile))
	return err
}

// describes runs a program whose output must name the agent, every parameter and
// the monitor, and complain of nothing.
func (v *installation) describes(args ...string) error {
	text, err := v.run(args...)
	if err != nil {
		return err
	}
	words := map[string]bool{}
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \n\t*(),", r) }) {
		words[strings.TrimSuffix(w, ":")] = true
	}
	wanted := []string{v.name, "monitor"}
	for _, p := range v.doc.Parameters {
		wanted = append(wanted, p.Name)
	}
	for _, w := range wanted {
		if !words[w] {
			return fmt.Errorf("%s says nothing of %s:\n%s", args[0], w, text)
		}
	}
	if lower := strings.ToLower(text); strings.Contains(lower, "error:") || strings.Contains(lower, "warning:") {
		return fmt.Errorf("%s complains:\n%s", args[0], text)
	}
	return nil
}
