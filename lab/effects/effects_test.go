// SPDX-License-Identifier: Apache-2.0

package effects

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// execVariable makes the test binary replace itself from a thread that is not its first.
const execVariable = "OCF_TEST_EXEC_FROM_THREAD"

func init() {
	if os.Getenv(execVariable) == "" {
		return
	}
	go func() { // not on the first thread: init has that
		runtime.LockOSThread()
		_ = syscall.Exec("/bin/sh", []string{"sh", "-c", "exit 7"}, nil)
	}()
	select {}
}

// The thread that traces may have other children, such as a lab's daemon, and a program may replace itself from any of its
// threads, whose number then vanishes without a word. The tracer must notice the end all the same.
func TestTheEndIsSeenWhoeverElseLives(t *testing.T) {
	done := make(chan Result, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		other := exec.Command("sleep", "100")
		if err := other.Start(); err != nil {
			t.Error(err)
		}
		defer func() { _ = other.Process.Kill(); _ = other.Wait() }()
		cmd := exec.Command(os.Args[0])
		cmd.Env = []string{execVariable + "=1"}
		tr := Tracer{Below: "/nowhere", Before: func(int, Effect) Verdict { return Continue }}
		r, err := tr.Run(cmd)
		if err != nil {
			t.Error(err)
		}
		done <- r
	}()
	select {
	case r := <-done:
		if r.Code != 7 {
			t.Errorf("exit code %d, want 7", r.Code)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the tracer hangs")
	}
}

func traceShell(t *testing.T, dir, script string, killAt int) Result {
	t.Helper()
	done := make(chan Result, 1)
	go func() {
		tr := Tracer{Below: dir, Before: func(n int, e Effect) Verdict {
			t.Log(n, e)
			if n == killAt {
				return Kill
			}
			return Continue
		}}
		r, err := tr.Run(exec.Command("bash", "-c", script))
		if err != nil {
			t.Error(err)
		}
		done <- r
	}()
	select {
	case r := <-done:
		return r
	case <-time.After(20 * time.Second):
		t.Fatal("the tracer hangs")
		return Result{}
	}
}

func TestEveryChangeOfTheFolderIsSeenOnce(t *testing.T) {
	dir := t.TempDir()
	script := "cd " + dir + "; mkdir d; echo one > d/f; mv d/f g; rm g; (exit 3)"
	r := traceShell(t, dir, script, 0)
	var kinds []string
	for _, e := range r.Effects {
		kinds = append(kinds, e.Kind)
	}
	want := []string{"mkdir", "create", "write", "rename", "remove"}
	if len(kinds) != len(want) || r.Code != 3 {
		t.Fatalf("got %v and exit code %d, want %v and 3", kinds, r.Code, want)
	}
}

func TestKilledBeforeAnEffectMeansThatItDidNotHappen(t *testing.T) {
	dir := t.TempDir()
	r := traceShell(t, dir, "cd "+dir+"; echo one > a; echo two > b; echo three > c", 3)
	if !r.Killed || len(r.Effects) != 3 {
		t.Fatalf("got %+v", r)
	}
	if b, _ := os.ReadFile(filepath.Join(dir, "a")); string(b) != "one\n" {
		t.Errorf("what came before did not happen: %q", b)
	}
	if _, err := os.Stat(filepath.Join(dir, "b")); err == nil {
		t.Error("the effect happened all the same")
	}
}
