// SPDX-License-Identifier: Apache-2.0

package ocf

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// fakeClock is a boot-time clock that is set by hand.
type fakeClock struct{ t atomic.Int64 }

func (c *fakeClock) now() time.Duration       { return time.Duration(c.t.Load()) }
func (c *fakeClock) forward(by time.Duration) { c.t.Add(int64(by)) }

func TestLimits(t *testing.T) {
	for timeout, want := range map[time.Duration][2]time.Duration{
		time.Second:       {650 * time.Millisecond, 800 * time.Millisecond},
		2 * time.Second:   {1550 * time.Millisecond, 1700 * time.Millisecond},
		20 * time.Second:  {17 * time.Second, 17900 * time.Millisecond},
		120 * time.Second: {106 * time.Second, 107900 * time.Millisecond},
		time.Hour:         {3238 * time.Second, 3239900 * time.Millisecond},
	} {
		if soft, hard := limits(timeout); soft != want[0] || hard != want[1] {
			t.Errorf("%v: %v %v, want %v", timeout, soft, hard, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		timeout := time.Duration(rapid.Int64Range(int64(10*time.Millisecond), int64(longest)).Draw(t, "timeout"))
		soft, hard := limits(timeout)
		if soft < timeout/2 || soft >= hard || hard > timeout/10*9 {
			t.Fatalf("soft %v, hard %v", soft, hard)
		}
		if timeout >= time.Second && hard-soft < lastWords {
			t.Fatalf("only %v between the context's end and the watchdog", hard-soft)
		}
	})
}

func TestBudget(t *testing.T) {
	clock := &fakeClock{}
	b := &Budget{deadline: 100 * time.Second, now: clock.now}
	part, all, capped := b.Share(0.15, 0), b.Share(5, 0), b.Share(0.5, 3*time.Second)
	clock.forward(2 * time.Second)
	for name, c := range map[string][2]time.Duration{
		"whole": {b.Remaining(), 98 * time.Second}, "share": {part.Remaining(), 13 * time.Second},
		"more than all": {all.Remaining(), 98 * time.Second}, "capped": {capped.Remaining(), time.Second},
		"negative": {b.Share(-1, 0).Remaining(), 0},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: %v left, want %v", name, c[0], c[1])
		}
	}
	if b.Expired() {
		t.Error("expired too early")
	}
	clock.forward(98 * time.Second)
	if !b.Expired() || b.Remaining() != 0 {
		t.Errorf("not expired, %v left", b.Remaining())
	}
	clock.forward(time.Hour)
	if b.Remaining() != 0 || b.Share(1, 0).Remaining() != 0 {
		t.Error("time left after the end")
	}
}

// TestBudgetContextSuspended moves only the boot-time clock, as a suspended
// machine does: the context must end although no timer has run that long.
func TestBudgetContextSuspended(t *testing.T) {
	t.Parallel()
	clock := &fakeClock{}
	b := &Budget{deadline: time.Hour, now: clock.now}
	ctx, cancel := b.Context(context.Background())
	defer cancel()
	if ctx.Err() != nil {
		t.Fatal(ctx.Err())
	}
	clock.forward(2 * time.Hour)
	select {
	case <-ctx.Done():
	case <-time.After(recheck + time.Second):
		t.Fatal("the context outlives its budget")
	}
	if !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		t.Errorf("cause %v", context.Cause(ctx))
	}
}

func TestBudgetContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := NewBudget(30 * time.Millisecond).Context(context.Background())
	defer cancel()
	if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > 30*time.Millisecond {
		t.Errorf("deadline %v %v", deadline, ok)
	}
	<-ctx.Done()
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		t.Errorf("ended by %v", ctx.Err())
	}
	parent, end := context.WithCancel(context.Background())
	ctx, cancel = NewBudget(time.Hour).Context(parent)
	end()
	<-ctx.Done()
	if !errors.Is(ctx.Err(), context.Canceled) {
		t.Errorf("ended by %v", ctx.Err())
	}
	cancel()
	ctx, cancel = NewBudget(-time.Second).Context(context.Background())
	defer cancel()
	<-ctx.Done()
}
