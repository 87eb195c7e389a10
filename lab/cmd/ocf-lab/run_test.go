// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ocf-oci/internal/commandline"
	"ocf-oci/lab"
)

// TestExitCode: only the command of "exec" lends us its status and speaks for itself.
func TestExitCode(t *testing.T) {
	exit := func(script string) *exec.ExitError {
		err := exec.Command("sh", "-c", script).Run()
		e, ok := err.(*exec.ExitError)
		if !ok {
			t.Fatalf("sh -c %q: %v", script, err)
		}
		return e
	}
	for _, tt := range []struct {
		name string
		err  error
		code int
		says string
	}{
		{"none", nil, 0, ""},
		{"of exec", commandError{exit("exit 7")}, 7, ""},
		{"of exec, by a signal", commandError{exit("kill -TERM $$")}, 128 + int(syscall.SIGTERM), ""},
		{"of another program", fmt.Errorf("nft: %w", exit("exit 7")), commandline.Failed, "ocf-lab: nft: exit status 7\n"},
		{"usage", commandline.Usagef("which node?"), commandline.WrongUsage, "ocf-lab: which node?\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stderr bytes.Buffer
			if code := exitCode(tt.err, &stderr); code != tt.code || stderr.String() != tt.says {
				t.Errorf("code %d, %q; want %d, %q", code, stderr.String(), tt.code, tt.says)
			}
		})
	}
}

func TestChoose(t *testing.T) {
	up := func(name string) lab.Info { return lab.Info{Name: name, State: "up"} }
	stale := func(name string) lab.Info { return lab.Info{Name: name, State: "stale"} }
	for _, tt := range []struct {
		labs      []lab.Info
		name, err string
	}{
		{nil, "", "no lab is up"},
		{[]lab.Info{up("a")}, "a", ""},
		{[]lab.Info{up("a"), {Name: "b", State: "starting"}}, "", "several labs are up (a, b): choose one with --name"},
		{[]lab.Info{stale("a"), up("b")}, "b", ""},
		{[]lab.Info{stale("a")}, "a", ""},
		{[]lab.Info{stale("a"), stale("b")}, "", "several labs are dead (a, b): choose one with --name"},
	} {
		name, err := choose(tt.labs)
		if name != tt.name || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%+v: %q, %v; want %q, %q", tt.labs, name, err, tt.name, tt.err)
		}
	}
}

// TestNeedsRoot runs the command as nobody.
func TestNeedsRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to become somebody else")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(dir, "ocf-lab")
	b, err := os.ReadFile(self)
	if err == nil {
		err = os.WriteFile(program, b, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"list"}, {"status"}, {"down", "--all"}, {"crash", "vrouter1"}, {"up"}} {
		cmd := exec.Command(program, args...)
		cmd.Dir, cmd.SysProcAttr = "/", &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != commandline.Failed || !strings.Contains(string(out), "needs root") {
			t.Errorf("%v as nobody: %v: %s", args, err, out)
		}
	}
}
