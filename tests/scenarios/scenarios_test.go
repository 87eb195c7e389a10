// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"ocf-oci/lab"
	"ocf-oci/lab/scenario"
)

// soak reports whether full counts and durations are wanted.
var soak = os.Getenv("OCF_SOAK") == "1"

// up brings a lab up for one test and takes it down after it.
func up(t *testing.T, o lab.Options) *lab.Lab {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: nodes are made of namespaces")
	}
	bin, err := filepath.Abs("../../build/bin")
	if err != nil {
		t.Fatal(err)
	}
	o.Bin = bin
	o.Root = os.Getenv("OCF_TEST_ROOT") // another system below the nodes: tests/run versions
	forget(t, o.Name)
	o.Name = fmt.Sprintf("t-%s-%d", o.Name, os.Getpid())
	o.Progress = os.Stderr
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	l, err := lab.Up(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	if l.Topology().Cloud {
		text, err := l.Region().Policy(ctx)
		if err != nil {
			t.Fatal(err)
		}
		policies.Store(l.Name(), text)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if t.Failed() {
			keepLogs(ctx, t, l)
		}
		if err := l.Down(ctx); err != nil {
			t.Error(err)
		}
	})
	return l
}

// forget takes down the labs of earlier runs that were killed before they could.
func forget(t *testing.T, name string) {
	t.Helper()
	labs, err := lab.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range labs {
		var pid int
		if _, err := fmt.Sscanf(l.Name, "t-"+name+"-%d", &pid); err != nil {
			continue
		}
		if err := syscall.Kill(pid, 0); err == nil {
			continue // another run that is still going on
		}
		if err := lab.Down(t.Context(), l.Name); err != nil {
			t.Error(err)
		}
	}
}

// The agent by hand: no cluster runs on these nodes.
func TestAgent(t *testing.T) {
	t.Parallel()
	l := up(t, lab.Options{Name: "agent", Nodes: 3, Scenario: lab.Router, Files: ocivipFiles(t)})
	scenario.Run(t, l, "testdata/agent", nil, func(ctx context.Context, t *testing.T) {
		calm(ctx, t, l)
		bare(ctx, t, l)
	})
	t.Run("hold", func(t *testing.T) { calm(t.Context(), t, l); heldBeforeItsWrite(t.Context(), t, l) })
	t.Run("kill", func(t *testing.T) { calm(t.Context(), t, l); killEverywhere(t.Context(), t, l) })
	t.Run("access", func(t *testing.T) { calm(t.Context(), t, l); vnicAndAccess(t.Context(), t, l) })
	t.Run("ocivip", func(t *testing.T) { defectsOfOcivip(t.Context(), t, l) })
	t.Run("same-moment", func(t *testing.T) { calm(t.Context(), t, l); sameMoment(t.Context(), t, l) })
}

// The virtual routers under pacemaker, in three labs side by side.
func TestFaults(t *testing.T)  { router(t, "faults") }
func TestSurvive(t *testing.T) { router(t, "survive") }

func TestMoves(t *testing.T) {
	l := router(t, "moves")
	t.Run("mixed-versions", func(t *testing.T) {
		calm(t.Context(), t, l)
		fresh(t.Context(), t, l)
		mixedVersions(t.Context(), t, l)
	})
	for _, ready := range []bool{true, false} {
		if !ready && !soak {
			continue
		}
		t.Run(fmt.Sprintf("many, ready=%v", ready), func(t *testing.T) {
			calm(t.Context(), t, l)
			fresh(t.Context(), t, l)
			manyAtOnce(t.Context(), t, l, ready)
		})
	}
}

func router(t *testing.T, name string) *lab.Lab {
	t.Parallel()
	l := up(t, lab.Options{Name: name, Nodes: 3, Scenario: lab.Router, Cluster: true})
	scenario.Run(t, l, "testdata/"+name, figures(), func(ctx context.Context, t *testing.T) {
		calm(ctx, t, l)
		fresh(ctx, t, l)
	})
	return l
}

// figures are the counts and durations of the scenarios: representative ones, or those of the promise.
func figures() map[string]string {
	if soak {
		return map[string]string{"SPAN": "60s", "TRIES": "10", "MOVES": "20", "GROUPMOVES": "20", "OUTAGE": "90s", "HEAL": "120s", "PARTITION": "120s", "CHECK": "60s"}
	}
	return map[string]string{"SPAN": "15s", "TRIES": "3", "MOVES": "3", "GROUPMOVES": "1", "OUTAGE": "25s", "HEAL": "120s", "PARTITION": "40s", "CHECK": "5s"}
}
