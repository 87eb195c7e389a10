// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ocf-oci/internal/commandline"
	"ocf-oci/lab"
)

// watched is output that can be read while it is written.
type watched struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}

// demoRun is an "ocf-lab demo" in the background.
type demoRun struct {
	*exec.Cmd
	t    *testing.T
	out  watched
	dir  string // of the reports
	done chan struct{}
}

func startDemo(t *testing.T) *demoRun {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root for namespaces and mounts")
	}
	self, err := exec.LookPath("ocf-lab") // this test binary, under that name
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	for _, name := range []string{"ocf-lab", "IPaddr2"} { // the demo does not come as far as to run the agent
		if err := os.Symlink(self, filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	d := &demoRun{t: t, dir: filepath.Join(t.TempDir(), "demo"), done: make(chan struct{})}
	d.Cmd = exec.Command("ocf-lab", "demo", "--bin", bin, "--out", d.dir)
	d.Stdout, d.Stderr = &d.out, &d.out
	if err := d.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // in case the test failed
		_ = d.Process.Kill()
		<-d.done
		if m := demoName.FindStringSubmatch(d.out.String()); m != nil {
			takeDown(t, m[1])
			_ = os.Remove(filepath.Join(lab.BaseDir, "."+m[1]+".demo"))
		}
	})
	go func() { _ = d.Wait(); close(d.done) }()
	return d
}

var demoName = regexp.MustCompile(`\(lab (demo-[0-9a-f]+)\)`)

// until waits for words in the output, and returns the lab's name.
func (d *demoRun) until(words string) string {
	d.t.Helper()
	for end := time.Now().Add(time.Minute); !strings.Contains(d.out.String(), words); time.Sleep(5 * time.Millisecond) {
		select {
		case <-d.done:
			d.t.Fatalf("the demo ended before %q:\n%s", words, d.out.String())
		default:
		}
		if time.Now().After(end) {
			d.t.Fatalf("no %q after a minute:\n%s", words, d.out.String())
		}
	}
	m := demoName.FindStringSubmatch(d.out.String())
	if m == nil {
		d.t.Fatalf("no name of a lab in:\n%s", d.out.String())
	}
	return m[1]
}

// wantClean waits for the demo to end with exit code 1 and nothing left.
func (d *demoRun) wantClean(name string) {
	d.t.Helper()
	select {
	case <-d.done:
	case <-time.After(time.Minute):
		d.t.Fatalf("the demo does not end:\n%s", d.out.String())
	}
	if code := d.ProcessState.ExitCode(); code != commandline.Failed {
		d.t.Errorf("exit code %d, want %d:\n%s", code, commandline.Failed, d.out.String())
	}
	if left := demoLeftovers(name); len(left) > 0 {
		d.t.Errorf("left: %q:\n%s", left, d.out.String())
	}
	if files, _ := filepath.Glob(filepath.Join(d.dir, "report.*")); len(files) > 0 {
		d.t.Errorf("a demo that was interrupted wrote %q", files)
	}
}

func demoLeftovers(name string) []string {
	claims, _ := filepath.Glob(filepath.Join(lab.BaseDir, "."+name+"*"))
	return append(leftovers(name), claims...)
}

// TestDemoInterrupted ends a demo in the three ways in which a person can, while it makes things and while it types.
func TestDemoInterrupted(t *testing.T) {
	for _, tt := range []struct {
		stage string
		sig   syscall.Signal
	}{
		{"preparing their file systems", syscall.SIGINT},
		{"booting", syscall.SIGHUP},
		{"# pcs cluster setup", syscall.SIGTERM},
	} {
		t.Run(tt.sig.String()+" at "+tt.stage, func(t *testing.T) {
			t.Parallel()
			d := startDemo(t)
			name := d.until(tt.stage)
			if err := d.Process.Signal(tt.sig); err != nil {
				t.Fatal(err)
			}
			d.wantClean(name)
		})
	}
}

// TestDemoAfterOneThatWasKilled: nobody can clean up after SIGKILL but the next demo.
func TestDemoAfterOneThatWasKilled(t *testing.T) {
	first := startDemo(t)
	killed := first.until("booting")
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-first.done
	if len(demoLeftovers(killed)) == 0 {
		t.Fatal("a killed demo left nothing: this test proves nothing")
	}
	second := startDemo(t)
	name := second.until("bringing them up")
	if !strings.Contains(second.out.String(), "removing lab "+killed+" of a demo that was killed") {
		t.Errorf("the second demo does not say that it removes the first one's lab:\n%s", second.out.String())
	}
	if left := demoLeftovers(killed); len(left) > 0 {
		t.Errorf("left of the killed demo: %q", left)
	}
	if err := second.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	second.wantClean(name)
}

func TestDemoWithoutItsAgent(t *testing.T) {
	bin := t.TempDir()
	out, err := exec.Command("ocf-lab", "demo", "--bin", bin, "--out", filepath.Join(bin, "demo")).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "make build") {
		t.Errorf("got %v: %s", err, out)
	}
}
