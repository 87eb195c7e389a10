// SPDX-License-Identifier: Apache-2.0

package ocf_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func timeout(d time.Duration) string {
	return "OCF_RESKEY_CRM_meta_timeout=" + strconv.FormatInt(d.Milliseconds(), 10)
}

// kinds are all actions as pacemaker asks for them, with the code that each must
// give when it could not find out or did not finish.
var kinds = []struct {
	name, action string
	env          []string
	failure      int
}{
	{"probe", "monitor", []string{"OCF_RESKEY_CRM_meta_interval=0"}, 5},
	{"probe without interval", "monitor", nil, 5},
	{"recurring monitor", "monitor", []string{"OCF_RESKEY_CRM_meta_interval=10000"}, 1},
	{"monitor of the stopped", "monitor", []string{"OCF_RESKEY_CRM_meta_interval=10000", "OCF_RESKEY_CRM_meta_role=Stopped"}, 7},
	{"start", "start", nil, 1},
	{"stop", "stop", nil, 1},
	{"migrate_to", "migrate_to", nil, 1},
	{"migrate_from", "migrate_from", nil, 1},
	{"reload-agent", "reload-agent", nil, 1},
	{"validate-all", "validate-all", nil, 1},
}

// TestWatchdog hangs each kind of action in a system call and wants the reason
// and the code at 90 % of the timeout at the latest, as pacemaker kills at 100 %.
func TestWatchdog(t *testing.T) {
	const limit = time.Second
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			got := runAgent(t, k.action, append(slices.Clip(k.env), "OCF_RESKEY_do=hang", timeout(limit))...)
			if got.code != k.failure {
				t.Errorf("exit code %d, want %d", got.code, k.failure)
			}
			if r := got.reasons(); len(r) != 1 || !strings.Contains(r[0], " did not finish within ") || strings.Contains(r[0], "pacemaker would take") {
				t.Errorf("reasons %q", r)
			}
			if got.took < limit*7/10 {
				t.Errorf("took only %v of %v", got.took, limit)
			}
			within(t, limit*9/10, got.took, func() time.Duration {
				return runAgent(t, k.action, append(slices.Clip(k.env), "OCF_RESKEY_do=hang", timeout(limit))...).took
			})
		})
	}
	t.Run("code of the agent", func(t *testing.T) {
		t.Parallel()
		got := runAgent(t, "promote", "OCF_RESKEY_do=hang", timeout(limit))
		if got.code != 9 || len(got.reasons()) != 1 || got.reasons()[0] != "promotion took too long" {
			t.Errorf("%d %q", got.code, got.stderr)
		}
	})
	t.Run("handler obeys its context", func(t *testing.T) {
		t.Parallel()
		got := runAgent(t, "start", "OCF_RESKEY_do=wait", timeout(limit))
		if r := got.reasons(); got.code != 1 || len(r) != 1 || !strings.HasPrefix(r[0], "it is ") {
			t.Errorf("the handler's own result got lost: %d %q", got.code, got.stderr)
		}
		if got.took > limit*8/10 {
			t.Errorf("its context ended after %v of %v", got.took, limit)
		}
	})
}

// within fails if neither the first time nor any of three more is short enough:
// once is an overloaded machine, always is a mistake.
func within(t *testing.T, limit, first time.Duration, again func() time.Duration) {
	t.Helper()
	times := []time.Duration{first}
	for times[len(times)-1] > limit {
		if len(times) > 3 {
			t.Errorf("took %v, more than %v", times, limit)
			return
		}
		times = append(times, again())
	}
}

// TestStderrStuck lets nobody read stderr, whose pipe is full.
func TestStderrStuck(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	fd := int(w.Fd()) // once: it makes the descriptor blocking
	if err := syscall.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	for err = nil; err == nil; {
		_, err = syscall.Write(fd, make([]byte, 4096))
	}
	if err := syscall.SetNonblock(fd, false); err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"hang", "log and hang"} {
		again := func() ended {
			cmd := agentCommand("stop", "OCF_RESKEY_do="+what, timeout(time.Second))
			cmd.Stderr = w
			return run(t, cmd)
		}
		got := again()
		if got.code != 1 {
			t.Errorf("%s: code %d", what, got.code)
		}
		within(t, 900*time.Millisecond, got.took, func() time.Duration { return again().took })
	}
}

// TestPaused stops the process beyond its deadline: nothing may happen after it
// has been continued.
func TestPaused(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "effect")
	cmd := agentCommand("start", "OCF_RESKEY_do=effects", "OCF_RESKEY_file="+file, timeout(2*time.Second))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond)
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Second)
	if before, err := os.ReadFile(file); err != nil || len(strings.Fields(string(before))) < 3 {
		t.Fatalf("hardly any effect before the pause: %q %v", before, err)
	}
	continued := time.Now()
	if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	after, _ := os.ReadFile(file)
	lines := strings.Fields(string(after))
	last, err := time.Parse(time.RFC3339Nano, lines[len(lines)-1])
	if err != nil {
		t.Fatal(err)
	}
	if last.After(continued) {
		t.Errorf("an effect at %v, after the pause had ended at %v (the last: %s)", last, continued, lines[len(lines)-3:])
	}
	if code := cmd.ProcessState.ExitCode(); code != 1 {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
}
