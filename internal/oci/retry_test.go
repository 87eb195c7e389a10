// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestRetry(t *testing.T) {
	busy := &Error{Op: "x", Kind: Transient}
	for name, test := range map[string]struct {
		errs  []error // answers in turn, the last one repeated
		limit time.Duration
		want  error
		calls func(int) bool
		took  func(time.Duration) bool
	}{
		"success":            {[]error{nil}, time.Second, nil, func(n int) bool { return n == 1 }, func(d time.Duration) bool { return d == 0 }},
		"transient, then ok": {[]error{busy, &Error{Kind: Throttled}, nil}, time.Minute, nil, func(n int) bool { return n == 3 }, func(d time.Duration) bool { return d >= 150*time.Millisecond && d <= 300*time.Millisecond }},
		"permanent":          {[]error{errPermanent}, time.Minute, errPermanent, func(n int) bool { return n == 1 }, func(d time.Duration) bool { return d == 0 }},
		// 0.1+0.2+0.4+0.8+1.6 s, then one every 2 s at most, one every second at least.
		"until the end of the context": {[]error{busy}, time.Minute, busy, func(n int) bool { return n >= 30 && n <= 70 }, func(d time.Duration) bool { return d > 59*time.Second && d <= time.Minute }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(context.Background(), test.limit)
				defer cancel()
				start, n := time.Now(), 0
				err := Retry(ctx, nil, func(context.Context) error {
					n++
					return test.errs[min(n, len(test.errs))-1]
				})
				if !errors.Is(err, test.want) || test.want == nil && err != nil {
					t.Errorf("error %v, want %v", err, test.want)
				}
				if took := time.Since(start); !test.calls(n) || !test.took(took) {
					t.Errorf("%d calls in %s", n, took)
				}
			})
		})
	}
}

var errPermanent = &Error{Op: "x", Kind: Denied}

func TestRetryEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(3*time.Second, cancel)
		start := time.Now()
		err := Retry(ctx, nil, func(context.Context) error { return &Error{Op: "x", Kind: Transient} })
		if KindOf(err) != Transient || time.Since(start) != 3*time.Second {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
	})
}
