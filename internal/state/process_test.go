// SPDX-License-Identifier: Apache-2.0

package state

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMain lets the test binary be another process that uses a state directory:
// TestBinary WHAT DIR.
func TestMain(m *testing.M) {
	if len(os.Args) != 3 || os.Args[0] != "helper" {
		os.Exit(m.Run())
	}
	d, err := Open(os.Args[2])
	if err != nil {
		panic(err)
	}
	switch os.Args[1] {
	case "hold":
		if _, err := d.Lock(context.Background(), "l"); err != nil {
			panic(err)
		}
		fmt.Println("locked")
		time.Sleep(time.Minute)
	case "write":
		fmt.Println("writing")
		for i := 0; ; i++ {
			if err := d.Write("w", strings.Repeat(strconv.Itoa(i%10), 100000)); err != nil {
				panic(err)
			}
		}
	case "count":
		for range 50 {
			unlock, err := d.Lock(context.Background(), "l")
			if err != nil {
				panic(err)
			}
			var n int
			if p, err := d.Read("n", &n); p == Unknown {
				panic(err)
			}
			if err := d.Write("n", n+1); err != nil {
				panic(err)
			}
			unlock()
		}
	}
	os.Exit(0)
}

func helper(t *testing.T, what string, d *Dir) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := &exec.Cmd{Path: self, Args: []string{"helper", what, d.Path()}, Stderr: os.Stderr}
	return cmd
}

// start starts a helper and waits until it says that it has begun.
func start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
}

// TestLockOfTheDead: a killed process holds no lock.
func TestLockOfTheDead(t *testing.T) {
	d := open(t)
	cmd := helper(t, "hold", d)
	start(t, cmd)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if _, err := d.Lock(ctx, "l"); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("locked twice, or %v", err)
	}
	if unlock, err := d.Lock(context.Background(), "other"); err != nil {
		t.Fatal(err)
	} else {
		unlock()
	}
	_ = cmd.Process.Kill()
	ctx, cancel = context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	unlock, err := d.Lock(ctx, "l")
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}

// TestLockedUpdates has processes and goroutines count together: no update may
// get lost.
func TestLockedUpdates(t *testing.T) {
	d := open(t)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if err := helper(t, "count", d).Run(); err != nil {
				t.Error(err)
			}
		})
	}
	for range 3 {
		all.Go(func() {
			for range 50 {
				unlock, err := d.Lock(t.Context(), "l")
				if err != nil {
					t.Error(err)
					return
				}
				var n int
				_, _ = d.Read("n", &n)
				if err := d.Write("n", n+1); err != nil {
					t.Error(err)
				}
				unlock()
			}
		})
	}
	all.Wait()
	var n int
	if p, err := d.Read("n", &n); p != Present || n != 300 {
		t.Errorf("%v %v: %d of 300", p, err, n)
	}
}

// TestKilledWriter kills a process that writes all the time, at whatever instant,
// while another reads: there is always one whole content.
func TestKilledWriter(t *testing.T) {
	d := open(t)
	reads := 0
	for range 10 {
		cmd := helper(t, "write", d)
		start(t, cmd)
		for end := time.Now().Add(50 * time.Millisecond); time.Now().Before(end); reads++ {
			var text string
			switch p, err := d.Read("w", &text); {
			case p == Unknown:
				t.Fatal(err)
			case p == Present && (len(text) != 100000 || strings.Trim(text, text[:1]) != ""):
				t.Fatal("a mixture")
			}
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	var text string
	if p, err := d.Read("w", &text); p != Present {
		t.Fatalf("%v %v", p, err)
	}
	if reads < 100 {
		t.Errorf("only %d reads", reads)
	}
}
