// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// repository is the folder with go.mod.
func repository(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// walkthrough runs "walkthrough": it writes the commands of the walkthrough in docs/lab.md, as printed, to begin.sh and,
// the last of them, which takes the lab down, to end.sh; and puts into build/bin what "make build" would, as far as these
// commands need it. make itself does nothing.
func walkthrough(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: walkthrough")
	}
	root := ts.Getenv("REPOSITORY")
	page, err := os.ReadFile(filepath.Join(root, "docs", "lab.md"))
	ts.Check(err)
	_, rest, found := strings.Cut(string(page), "\n```\nmake setup build")
	commands, _, closed := strings.Cut("make setup build"+rest, "\n```\n")
	begin, end := commands, ""
	if i := strings.LastIndex(commands, "\n"); i >= 0 {
		begin, end = commands[:i+1], commands[i+1:]
	}
	if !found || !closed || !strings.HasPrefix(end, "build/bin/ocf-lab down") {
		ts.Fatalf("docs/lab.md has no walkthrough from make setup build to ocf-lab down:\n%s", commands)
	}
	ts.Check(os.WriteFile(ts.MkAbs("begin.sh"), []byte("make() { :; }\n"+begin), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("end.sh"), []byte(end+"\n"), 0o600))

	bin := ts.MkAbs("build/bin")
	ts.Check(os.MkdirAll(bin, 0o755))
	self, err := exec.LookPath("ocf-lab") // this test binary, under that name
	ts.Check(err)
	program, err := os.ReadFile(self)
	ts.Check(err)
	ts.Check(os.WriteFile(filepath.Join(bin, "ocf-lab"), program, 0o755))
	build := exec.Command("go", "build", "-o", filepath.Join(bin, "IPaddr2"), "./agents/ipaddr2-oci")
	build.Dir = root // with this process's environment: that of the script has no cache
	if out, err := build.CombinedOutput(); err != nil {
		ts.Fatalf("build the agent: %v\n%s", err, out)
	}
}
