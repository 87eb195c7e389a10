// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"os/exec"
	"testing"
	"time"
)

// TestProcessIdentity: a process is known by id and start time, a zombie is dead, and wait needs no parenthood.
func TestProcessIdentity(t *testing.T) {
	cmd := exec.Command("sleep", "100")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p, err := findProcess(cmd.Process.Pid)
	if err != nil || !p.alive() {
		t.Fatalf("a running process is dead: %v", err)
	}
	if (process{PID: p.PID, Start: p.Start + 1}).alive() {
		t.Error("a process that has the id by chance is taken for the one meant")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := p.wait(ctx); err == nil {
		t.Error("wait returned while the process runs")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := p.wait(t.Context()); err != nil || p.alive() {
		t.Errorf("after its death (not reaped): alive=%v, %v", p.alive(), err)
	}
	_ = cmd.Wait()
	if err := p.wait(t.Context()); err != nil || p.alive() {
		t.Errorf("after it was reaped: alive=%v, %v", p.alive(), err)
	}
}
