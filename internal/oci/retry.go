// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"
)

const (
	firstRetry = 100 * time.Millisecond
	maxRetry   = 2 * time.Second
	// shortestTry is the least time left in which another request is worth
	// sending.
	shortestTry = 50 * time.Millisecond
)

// Retry calls op until it succeeds, fails with an error that waiting does not
// mend (anything but Transient and Throttled), or ctx ends. The waits are
// 100 ms, 200 ms, ... up to 2 s, with jitter. The error is op's last one, so
// that its Kind says what stood in the way.
//
// Ambiguous errors are retried too: all writes of Client are safe to repeat
// (UpdatePrivateIp states the wanted owner, Create has a retry token), but a
// repeated one with if-match may answer PreconditionFailed because the first
// one succeeded; op, or the caller, then reads back.
func Retry(ctx context.Context, log *slog.Logger, op func(context.Context) error) error {
	wait := firstRetry
	for try := 1; ; try++ {
		err := op(ctx)
		if err == nil {
			return nil
		}
		if kind := KindOf(err); kind != Transient && kind != Throttled {
			return err
		}
		pause := wait/2 + rand.N(wait/2)
		if deadline, ok := ctx.Deadline(); ok {
			left := time.Until(deadline) - shortestTry
			if left <= 0 {
				return err
			}
			pause = min(pause, left)
		}
		if log != nil {
			log.Debug("cloud request failed, will try again", "error", err, "try", try, "wait", pause)
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return err
		case <-timer.C:
		}
		wait = min(2*wait, maxRetry)
	}
}
