// SPDX-License-Identifier: Apache-2.0

package command

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func sh(script string, args ...string) Command {
	return Command{Name: "sh", Args: append([]string{"-c", script, "sh"}, args...)}
}

func TestRun(t *testing.T) {
	c := sh(`cat; echo "$A-$HOME-$1"; echo oops >&2; pwd`, "x y")
	c.Env, c.Stdin, c.Dir = []string{"A=1"}, "in\n", "/"
	out, err := Run(t.Context(), c)
	if err != nil || string(out.Stdout) != "in\n1--x y\n/\n" || string(out.Stderr) != "oops\n" || out.ExitCode != 0 || out.Truncated {
		t.Errorf("%+v %v", out, err)
	}
	// No environment of our own, and /dev/null to read from.
	t.Setenv("LEAK", "1")
	out, err = Run(t.Context(), sh(`echo "$LEAK"; cat`))
	if err != nil || string(out.Stdout) != "\n" {
		t.Errorf("%q %v", out.Stdout, err)
	}
}

func TestFailure(t *testing.T) {
	out, err := Run(t.Context(), sh(`echo out; echo first >&2; echo "last line" >&2; echo >&2; exit 102`))
	var e *Error
	if !errors.As(err, &e) || e.ExitCode != 102 || out.ExitCode != 102 || e.Stderr != "last line" || string(out.Stdout) != "out\n" {
		t.Errorf("%+v %v", out, err)
	}
	if !strings.Contains(err.Error(), `running "sh -c`) || !strings.HasSuffix(err.Error(), "exit status 102: last line") {
		t.Errorf("%v", err)
	}
	out, err = Run(t.Context(), Command{Name: "no-such-program-here"})
	if !errors.Is(err, exec.ErrNotFound) || out.ExitCode != -1 {
		t.Errorf("%v", err)
	}
	if _, err = Run(t.Context(), Command{Name: "/no/such/program"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
	out, err = Run(t.Context(), sh(`kill -TERM $$`))
	if err == nil || out.ExitCode != -1 || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%+v %v", out, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	file := filepath.Join(t.TempDir(), "ran")
	if _, err = Run(ended, sh(`touch "$1"`, file)); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("it ran although its time was over")
	}
}

// TestDeadline: the whole group dies, also those that ignore signals or hold the
// pipe.
func TestDeadline(t *testing.T) {
	for name, script := range map[string]string{
		"itself":         `echo $$ >"$1"; exec sleep 60`,
		"grandchild":     `sleep 60 & echo $! >"$1"; wait`,
		"ignores":        `trap "" TERM INT HUP; echo $$ >"$1"; sleep 60; sleep 60`,
		"left behind":    `(trap "" HUP; sleep 60) & echo $! >"$1"; sleep 60`,
		"stopped itself": `echo $$ >"$1"; kill -STOP $$`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "pid")
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			begin := time.Now()
			out, err := Run(ctx, sh(script, file))
			if !errors.Is(err, context.DeadlineExceeded) || out.ExitCode != -1 {
				t.Errorf("%+v %v", out, err)
			}
			if took := time.Since(begin); took > time.Second {
				t.Errorf("took %v", took)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
			for end := time.Now().Add(2 * time.Second); alive(pid); time.Sleep(5 * time.Millisecond) {
				if time.Now().After(end) {
					_ = syscall.Kill(pid, syscall.SIGKILL)
					t.Fatalf("process %d still runs", pid)
				}
			}
		})
	}
}

func alive(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

// TestDaemon: a program that leaves a daemon behind which holds the pipes has
// succeeded, at once, and the daemon lives.
func TestDaemon(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	out, err := Run(t.Context(), sh(`setsid sleep 30 & echo $!`))
	if err != nil || out.ExitCode != 0 {
		t.Fatalf("%+v %v", out, err)
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(out.Stdout)))
	defer syscall.Kill(pid, syscall.SIGKILL)
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("waited %v for a daemon", took)
	}
	if !alive(pid) {
		t.Error("the daemon has been killed")
	}
}

func TestLimit(t *testing.T) {
	c := sh(`head -c 3000000 /dev/zero; head -c 10 /dev/zero >&2; exit 3`)
	c.Limit = 1000
	out, err := Run(t.Context(), c)
	if len(out.Stdout) != 1000 || len(out.Stderr) != 10 || !out.Truncated || out.ExitCode != 3 || err == nil {
		t.Errorf("%d %d %v %d %v", len(out.Stdout), len(out.Stderr), out.Truncated, out.ExitCode, err)
	}
}

func TestLookup(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"true": 0o755, "ls": 0o644} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	for _, c := range []struct{ name, path, want string }{
		{"true", "PATH=" + dir, dir + "/true"},
		{"true", "PATH=.:", "/bin/true"},
		{"ls", "PATH=" + dir + ":/usr/bin", "/usr/bin/ls"},
		{"fping", "PATH=/nonexistent", "/bin/fping"},
		{"./true", "", "./true"},
	} {
		got, err := lookup(c.name, []string{"X=1", c.path})
		if err != nil || got != c.want && "/usr"+got != c.want && got != "/usr"+c.want {
			t.Errorf("%s in %s: %s %v, want %s", c.name, c.path, got, err, c.want)
		}
	}
}

// TestMany runs commands side by side, with the race detector's eye on it.
func TestMany(t *testing.T) {
	t.Parallel()
	errs := make(chan error, 20)
	for range 20 {
		go func() {
			out, err := Run(t.Context(), sh(`echo x; sleep 0.05`))
			if err == nil && string(out.Stdout) != "x\n" {
				err = errors.New("no output")
			}
			errs <- err
		}()
	}
	for range 20 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}
