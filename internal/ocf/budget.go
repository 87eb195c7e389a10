// SPDX-License-Identifier: Apache-2.0

package ocf

import (
	"context"
	"time"

	"golang.org/x/sys/unix"
)

// Budget is the time that an action may still take. It is measured on the
// boot-time clock, which no one can set and which goes on while the machine is
// suspended, as it does for whoever waits for us.
type Budget struct {
	deadline time.Duration // on the boot-time clock
	now      func() time.Duration
}

// bootTime reads CLOCK_BOOTTIME. Linux has it since 2.6.39; it cannot fail.
func bootTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		panic("ocf: no boot-time clock: " + err.Error())
	}
	return time.Duration(t.Nano())
}

// NewBudget returns a budget that ends after d from now.
func NewBudget(d time.Duration) *Budget {
	return &Budget{deadline: bootTime() + d, now: bootTime}
}

// Remaining returns the time left, never less than 0.
func (b *Budget) Remaining() time.Duration {
	return max(0, b.deadline-b.now())
}

// Expired tells whether the budget is used up. Ask it immediately before
// anything that changes the outside world: a process that was paused must not
// act late.
func (b *Budget) Expired() bool { return b.Remaining() == 0 }

// Share returns a budget of a fraction of what is left, at most limit (0: no
// limit) and never more than the whole.
func (b *Budget) Share(fraction float64, limit time.Duration) *Budget {
	left := b.Remaining()
	part := time.Duration(float64(left) * fraction)
	if limit > 0 {
		part = min(part, limit)
	}
	return &Budget{deadline: b.now() + max(0, min(part, left)), now: b.now}
}

// recheck is how often a waiting context looks at the boot-time clock: timers
// stand still while the machine is suspended.
const recheck = time.Second

// Context returns a context that ends with the budget or with its parent. When
// the budget ends, context.Cause is context.DeadlineExceeded; so is the
// context's Err, but after a suspension, which it learns from outside.
func (b *Budget) Context(parent context.Context) (context.Context, context.CancelFunc) {
	outer, end := context.WithCancelCause(parent)
	ctx, cancel := context.WithTimeout(outer, b.Remaining())
	go func() {
		wait := recheck
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
			}
			switch {
			case !b.Expired():
			case wait == recheck:
				wait = recheck / 100 // the timer comes first if it is due as well
			default:
				end(context.DeadlineExceeded)
			}
		}
	}()
	return ctx, func() { cancel(); end(context.Canceled) }
}

// limits divides an action's timeout. Pacemaker kills the process group without
// a warning when the timeout is over, so the handler's context ends at soft,
// which leaves it time to find and say why it did not finish, and the watchdog
// speaks for a handler that hangs at hard, at no more than 90 % of the timeout.
func limits(timeout time.Duration) (soft, hard time.Duration) {
	end := timeout / 10 * 9
	hard = end - min(timeout/10, 2*lastWords)
	margin := min(max(timeout/20, 250*time.Millisecond), 2*time.Second)
	soft = max(end-margin, timeout/2)
	return soft, hard
}
