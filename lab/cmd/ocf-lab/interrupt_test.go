// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"ocf-oci/internal/commandline"
	"ocf-oci/lab"
)

// starting is an "ocf-lab up" in the background.
type starting struct {
	*exec.Cmd
	t    *testing.T
	name string
	out  bytes.Buffer
	done chan error
}

func startUp(t *testing.T, args ...string) *starting {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root for namespaces and mounts")
	}
	t.Parallel()
	s := &starting{t: t, name: randomName(), done: make(chan error, 1)}
	t.Cleanup(func() { takeDown(t, s.name) })
	// testscript.Main has put this test binary on the PATH under that name.
	s.Cmd = exec.Command("ocf-lab", append([]string{"up", "--name", s.name, "--no-cluster"}, args...)...)
	s.Stdout, s.Stderr = &s.out, &s.out
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { s.done <- s.Wait() }()
	return s
}

// until waits for a file of the lab.
func (s *starting) until(file string) {
	s.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(2 * time.Millisecond) {
		if found, _ := filepath.Glob(filepath.Join(lab.BaseDir, s.name, file)); len(found) > 0 {
			return
		}
		select {
		case err := <-s.done:
			s.t.Fatalf("up ended before there was %s (%v); it says:\n%s", file, err, s.out.String())
		default:
		}
		if time.Now().After(end) {
			s.t.Fatalf("no %s after a minute; up says:\n%s", file, s.out.String())
		}
	}
}

// wantNothing waits for up to end with exit code 1, and for everything of the lab to be gone.
func (s *starting) wantNothing() {
	s.t.Helper()
	select {
	case <-s.done:
	case <-time.After(time.Minute):
		s.Process.Kill()
		s.t.Fatalf("up does not end; it says:\n%s", s.out.String())
	}
	if code := s.ProcessState.ExitCode(); code != commandline.Failed {
		s.t.Errorf("exit code %d, want %d; up says:\n%s", code, commandline.Failed, s.out.String())
	}
	if left := leftovers(s.name); len(left) > 0 {
		s.t.Errorf("left: %q; up says:\n%s", left, s.out.String())
	}
}

// TestCtrlC interrupts up at several stages of the work.
func TestCtrlC(t *testing.T) {
	for _, stage := range []string{"state.json", "daemon.log", "cluster/cluster.json", "cluster/vrouter1/node.json", "control.sock"} {
		t.Run(stage, func(t *testing.T) {
			s := startUp(t) // with systemd, so that there is something to interrupt
			s.until(stage)
			if err := s.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			s.wantNothing()
		})
	}
}

// TestDownWhileComingUp takes down a lab that is half made.
func TestDownWhileComingUp(t *testing.T) {
	s := startUp(t)
	s.until("cluster/vrouter2/node.json")
	if out, err := exec.Command("ocf-lab", "down", "--name", s.name).CombinedOutput(); err != nil {
		t.Errorf("down: %v: %s", err, out)
	}
	s.wantNothing()
}

// TestUpKilled: the daemon goes on without the up that started it, and down removes the lab.
func TestUpKilled(t *testing.T) {
	s := startUp(t, "--daemons", "--nodes", "1")
	s.until("cluster/cluster.json")
	if err := s.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-s.done
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if exec.Command("ocf-lab", "exec", "--name", s.name, "vrouter1", "--", "true").Run() == nil {
			break
		}
		if time.Now().After(end) {
			t.Fatal("no node a minute after up was killed")
		}
	}
	if out, err := exec.Command("ocf-lab", "down", "--name", s.name).CombinedOutput(); err != nil {
		t.Errorf("down: %v: %s", err, out)
	}
	if left := leftovers(s.name); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}
