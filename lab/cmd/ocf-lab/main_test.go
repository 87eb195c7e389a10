// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"ocf-oci/lab"
	"ocf-oci/lab/schema"
)

// TestMain lets the test binary be the command ocf-lab, for scripts and for the daemons that it starts.
func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"ocf-lab": main}) }

// TestUsage runs the scripts that need no lab.
func TestUsage(t *testing.T) { scripts(t, "testdata/usage") }

// TestLab runs the scripts that bring up labs, side by side.
func TestLab(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root for namespaces and mounts")
	}
	scripts(t, "testdata/lab")
}

func scripts(t *testing.T, dir string) {
	testscript.Run(t, testscript.Params{
		Dir: dir,
		Setup: func(e *testscript.Env) error {
			names := []string{randomName(), randomName()}
			e.Setenv("OCF_LAB_NAME", names[0])
			e.Setenv("OTHER", names[1])
			e.Setenv("REPOSITORY", repository(t))
			e.Defer(func() {
				for _, n := range names {
					takeDown(t, n)
				}
			})
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":       exits,
			"schema":      checkSchema,
			"within":      within,
			"none":        none,
			"walkthrough": walkthrough,
		},
	})
}

func randomName() string {
	b := make([]byte, 3)
	rand.Read(b)
	return "t" + hex.EncodeToString(b)
}

// takeDown removes what a script that failed left.
func takeDown(t *testing.T, name string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := lab.Down(ctx, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("clean up: %v", err)
	}
}

// exits runs "exits CODE COMMAND...": the command's exit code must be CODE, or with ! must not be.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if (code == want) == neg {
		ts.Fatalf("%s: exit code %d", strings.Join(args[1:], " "), code)
	}
}

// checkSchema runs "schema DEFINITION": standard output of the last command must be such a document.
func checkSchema(ts *testscript.TestScript, neg bool, args []string) {
	if err := schema.Validate(args[0], []byte(ts.ReadFile("stdout"))); (err == nil) == neg {
		ts.Fatalf("schema %s: %v\n%s", args[0], err, ts.ReadFile("stdout"))
	}
}

// within runs "within SECONDS COMMAND...": the command must succeed (with !: fail) within that time.
func within(ts *testscript.TestScript, neg bool, args []string) {
	seconds, err := strconv.Atoi(args[0])
	ts.Check(err)
	for end := time.Now().Add(time.Duration(seconds) * time.Second); ; time.Sleep(100 * time.Millisecond) {
		err := ts.Exec(args[1], args[2:]...)
		if (err == nil) != neg {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("%s: %v after %d s", strings.Join(args[1:], " "), err, seconds)
		}
	}
}

// none runs "none NAME": nothing of the lab NAME is on this machine.
func none(ts *testscript.TestScript, neg bool, args []string) {
	if left := leftovers(args[0]); (len(left) == 0) == neg {
		ts.Fatalf("lab %s left %q", args[0], left)
	}
}

// leftovers lists what carries a lab's name: folder, namespaces, mounts, cgroups, processes.
func leftovers(name string) []string {
	var left []string
	for _, pattern := range []string{
		filepath.Join(lab.BaseDir, name), "/run/netns/" + name + "-*",
		"/sys/fs/cgroup/ocf-lab/" + name, "/sys/fs/cgroup/unified/ocf-lab/" + name,
	} {
		found, _ := filepath.Glob(pattern)
		left = append(left, found...)
	}
	mounts, _ := os.ReadFile("/proc/mounts")
	for _, line := range strings.Split(string(mounts), "\n") {
		if strings.Contains(line, "/"+name+"/") || strings.Contains(line, "/"+name+"-") {
			left = append(left, line)
		}
	}
	processes, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, p := range processes {
		b, _ := os.ReadFile(p)
		argv := strings.Split(string(b), "\x00")
		if strings.HasSuffix(argv[0], "ocf-lab") && strings.Contains(string(b), name) && filepath.Base(filepath.Dir(p)) != strconv.Itoa(os.Getpid()) {
			left = append(left, strings.Join(argv, " "))
		}
	}
	return left
}
