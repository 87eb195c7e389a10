// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestEveryPackageIsDocumentedOnce(t *testing.T) {
	docs := map[string][]string{}
	for _, s := range sources() {
		if _, known := docs[s.dir]; !known {
			docs[s.dir] = nil
		}
		if s.file.Doc != nil && !strings.HasSuffix(s.file.Name.Name, "_test") {
			docs[s.dir] = append(docs[s.dir], s.name)
		}
	}
	for dir, in := range docs {
		if len(in) != 1 {
			t.Errorf("package %s has %d package comments, want 1: %q", dir, len(in), in)
		}
	}
	if len(docs) < 50 {
		t.Errorf("only %d packages were looked at", len(docs))
	}
}

func TestLicenceHeaders(t *testing.T) {
	for _, name := range files() {
		text := ""
		switch {
		case path.Ext(name) == ".go", path.Ext(name) == ".tf", path.Ext(name) == ".spec", path.Ext(name) == ".sh":
			text = read(t, name)
		case path.Ext(name) == "" && strings.HasPrefix(read(t, name), "#!"):
			text = read(t, name)
		default:
			continue
		}
		head := strings.Join(strings.SplitN(text, "\n", 4)[:min(3, strings.Count(text, "\n"))], "\n")
		if !strings.Contains(head, "SPDX-License-Identifier: Apache-2.0") {
			t.Errorf("%s has no line \"SPDX-License-Identifier: Apache-2.0\" at its head", name)
		}
	}
}

func TestMainsAreShort(t *testing.T) {
	mains := 0
	for _, s := range sources() {
		if path.Base(s.name) != "main.go" {
			continue
		}
		mains++
		if n := strings.Count(read(t, s.name), "\n"); n > 20 {
			t.Errorf("%s has %d lines, at most 20: main calls a function that returns the exit code", s.name, n)
		}
		for _, d := range s.file.Decls {
			if line := s.set.Position(d.Pos()).Line; line > 20 {
				t.Errorf("%s:%d", s.name, line)
			}
		}
	}
	if mains < 6 {
		t.Errorf("only %d main.go", mains)
	}
}

func TestNoGrabBags(t *testing.T) {
	for _, s := range sources() {
		switch s.file.Name.Name {
		case "util", "utils", "common", "helper", "helpers", "misc", "shared", "base":
			t.Errorf("%s: package %s says nothing about what is in it", s.name, s.file.Name.Name)
		}
		switch strings.TrimSuffix(strings.TrimSuffix(path.Base(s.name), ".go"), "_test") {
		case "util", "utils", "common", "helper", "helpers", "misc":
			t.Errorf("%s: the name says nothing about what is in it", s.name)
		}
	}
}

// A path of the machine on which something was written means nothing elsewhere.
func TestNoMachinePaths(t *testing.T) {
	bad := regexp.MustCompile("/(wor" + "k|far" + "m)/[a-z.]|/ho" + "me/[a-z]+/|/tmp/bri" + "ef|/Us" + "ers/[a-z]")
	for _, name := range files() {
		if name == "go.sum" {
			continue
		}
		for i, line := range strings.Split(read(t, name), "\n") {
			if m := bad.FindString(line); m != "" {
				t.Errorf("%s:%d names a path of one machine: %s", name, i+1, m)
			}
		}
	}
}

func TestScriptsParse(t *testing.T) {
	scripts := 0
	for _, name := range files() {
		first, _, _ := strings.Cut(read(t, name), "\n")
		shell := ""
		switch {
		case strings.HasPrefix(first, "#!") && strings.HasSuffix(first, "bash"):
			shell = "bash"
		case strings.HasPrefix(first, "#!") && strings.HasSuffix(first, "/sh"), path.Ext(name) == ".sh":
			shell = "sh"
		case path.Ext(name) == ".bash":
			shell = "bash"
		default:
			continue
		}
		scripts++
		if out, err := exec.Command(shell, "-n", filepath.Join(root, name)).CombinedOutput(); err != nil {
			t.Errorf("%s: %s", name, out)
		}
	}
	if scripts < 5 {
		t.Errorf("only %d scripts", scripts)
	}
}

// Decisions take values and return values: they reach no program, no network, no clock and no file (DESIGN: decide, then act).
var decisions = []string{
	"agents/ipaddr2-oci/judge.go", "agents/ping/score.go", "agents/monit-services/judge.go",
	"internal/views", "internal/iampolicy", "internal/ipaddr2import", "internal/crmsyntax/diff",
}

func TestDecisionsTouchNothing(t *testing.T) {
	for _, d := range decisions {
		seen := false
		for _, s := range sources() {
			if s.test || s.name != d && s.dir != d {
				continue
			}
			seen = true
			for _, i := range s.imports() {
				switch i {
				case "os", "os/exec", "net", "net/http", "syscall", "os/signal", "math/rand", "math/rand/v2", "golang.org/x/sys/unix":
					t.Errorf("%s decides and imports %s", s.name, i)
				}
			}
			if strings.Contains(read(t, s.name), "time.Now(") {
				t.Errorf("%s decides and looks at the clock", s.name)
			}
		}
		if !seen {
			t.Errorf("%s is not there any more", d)
		}
	}
}

// What may not depend on what. from is a prefix of folders, never a prefix of imports.
var forbidden = []struct{ from, never, why string }{
	{"agents/", "ocf-oci/lab", "what is installed does not know the lab"},
	{"tools/", "ocf-oci/lab", "what is installed does not know the lab"},
	{"internal/", "ocf-oci/lab", "what is installed does not know the lab"},
	{"metadata", "ocf-oci/lab", "what is installed does not know the lab"},
	{"internal/", "ocf-oci/agents", "a room does not know who uses it"},
	{"internal/", "ocf-oci/tools", "a room does not know who uses it"},
	{"lab/", "ocf-oci/internal/oci", "the simulated region is judged by the real client, so it must not share its code"},
	{"agents/", "github.com/urfave/cli", "an agent starts every 20 s: no command line library"},
	{"agents/", "testing", "no test code in what is installed"},
	{"tools/", "testing", "no test code in what is installed"},
	{"internal/", "testing", "no test code in what is installed"},
	{"agents/", "log", "log/slog, with the handler that speaks ocf_log"},
	{"internal/", "log", "log/slog, with the handler that speaks ocf_log"},
	{"", "io/ioutil", "deprecated"},
}

func TestForbiddenImports(t *testing.T) {
	for _, s := range sources() {
		if s.test {
			continue
		}
		for _, f := range forbidden {
			if !strings.HasPrefix(s.dir+"/", f.from) {
				continue
			}
			for _, i := range s.imports() {
				if i == f.never || strings.HasPrefix(i, f.never+"/") && f.never != "log" && f.never != "testing" {
					t.Errorf("%s imports %s: %s", s.name, i, f.why)
				}
			}
		}
	}
}

// Only the low-level commands of pacemaker are run: crmsh and pcs are not on every system, and print for people.
func TestToolsRunNeitherCrmNorPcs(t *testing.T) {
	call := regexp.MustCompile(`(?:exec\.Command(?:Context)?|command\.[A-Z]\w*)\([^)\n]*"(crm|pcs|/usr/sbin/crm|/usr/sbin/pcs)"`)
	for _, s := range sources() {
		if s.test || !slices.ContainsFunc([]string{"agents/", "tools/", "internal/"}, func(p string) bool { return strings.HasPrefix(s.name, p) }) {
			continue
		}
		if m := call.FindString(read(t, s.name)); m != "" {
			t.Errorf("%s runs %s", s.name, m)
		}
	}
}
