// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"errors"
	"time"
)

const (
	// renewEarly bounds the try to replace a token that is still good: a start
	// must not wait for a metadata service that is down while its token works.
	renewEarly = 1500 * time.Millisecond
	// renewPause is the time between two such tries, over all processes.
	renewPause = 30 * time.Second
	// lockPatience is how long a process waits for another's exchange. A
	// holder that was stopped must not keep the whole machine without
	// credentials; two exchanges at once do no harm.
	lockPatience = 2 * time.Second
)

func (f *federation) region() string { return "" }

// credential implements credentialSource. In the second half of a token's life
// one process renews it in passing, and goes on with the old one if that fails.
func (f *federation) credential(ctx context.Context) (credential, error) {
	if err := f.enter(ctx); err != nil {
		return credential{}, err
	}
	defer f.leave()
	s := f.known()
	switch {
	case s == nil:
		return f.renew(ctx)
	case !s.fresh(time.Now()):
		f.renewInPassing(ctx)
	}
	return f.current.cred, nil
}

// Refresh makes sure that the cached credentials are in the first half of their
// life, or says why they cannot be had. With an API key it does nothing. It is
// for the readiness check, which keeps the cache warm.
func (c *Client) Refresh(ctx context.Context) error {
	f := c.federation
	if f == nil {
		return nil
	}
	if _, err := c.endpoint(ctx); err != nil {
		return err
	}
	if err := f.enter(ctx); err != nil {
		return err
	}
	defer f.leave()
	if s := f.known(); s != nil && s.fresh(time.Now()) {
		return nil
	}
	f.current = nil
	_, err := f.renew(ctx)
	return err
}

// enter waits for the other goroutines of this process.
func (f *federation) enter(ctx context.Context) error {
	select {
	case f.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return &Error{Op: exchangeOp, Kind: Transient, Message: "waiting for credentials", Err: ctx.Err()}
	}
}

func (f *federation) leave() { <-f.turn }

// known gives a usable session from memory or from the cache, nil if there is
// none. It prefers the cache when the one in memory grows old: another process
// may have renewed it.
func (f *federation) known() *session {
	now := time.Now()
	if f.current != nil && f.current.fresh(now) {
		return f.current
	}
	if saved := f.cache.load().Session; saved != nil && saved.Token != f.dropped {
		s, err := saved.restore(now)
		switch {
		case err != nil:
			f.log.Debug("cached session token ignored", "error", err)
		case s.usable(now) && (f.current == nil || s.expires.After(f.current.expires)):
			f.current = s
		}
	}
	if f.current != nil && !f.current.usable(now) {
		f.current = nil
	}
	return f.current
}

// renew makes an exchange, or takes the result of another process's.
func (f *federation) renew(ctx context.Context) (credential, error) {
	wait, cancel := context.WithTimeout(ctx, patience(ctx))
	unlock, err := f.cache.exchangeTurn(wait)
	cancel()
	if err == nil {
		defer unlock()
		if s := f.known(); s != nil && s.fresh(time.Now()) {
			return s.cred, nil
		}
		f.cache.tried()
	} else if !errors.Is(err, errNoCache) {
		f.log.Debug("credentials are not shared with other processes", "error", err)
	}
	s, err := f.exchange(ctx)
	if err != nil {
		return credential{}, err
	}
	f.keep(ctx, s)
	return s.cred, nil
}

// patience leaves half of the caller's time for an exchange of its own.
func patience(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return min(lockPatience, time.Until(deadline)/2)
	}
	return lockPatience
}

// renewInPassing replaces a token that still works, if that is quick and nobody
// else is at it.
func (f *federation) renewInPassing(ctx context.Context) {
	limit := renewEarly
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline)/4)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	busy, stop := context.WithCancel(ctx)
	stop() // a lock that is not free at once belongs to somebody who renews
	unlock, err := f.cache.exchangeTurn(busy)
	if err != nil {
		return
	}
	defer unlock()
	if f.cache.triedWithin(renewPause) {
		return
	}
	f.cache.tried()
	s, err := f.exchange(ctx)
	if err != nil {
		f.log.Warn("session token could not be renewed, the old one still works", "expires", f.current.expires, "error", err)
		return
	}
	f.keep(ctx, s)
}

func (f *federation) keep(ctx context.Context, s *session) {
	f.current = s
	f.cache.update(ctx, func(c *stored) { c.Session = s.save() })
}

// drop implements credentialSource: the token is forgotten here and in the
// cache, unless another process has replaced it there already.
func (f *federation) drop(ctx context.Context, keyID string) bool {
	if f.enter(ctx) != nil {
		return false
	}
	defer f.leave()
	if f.current != nil && f.current.cred.keyID == keyID {
		f.dropped, f.current = f.current.token, nil
		f.cache.update(ctx, func(c *stored) {
			if c.Session != nil && c.Session.Token == f.dropped {
				c.Session = nil
			}
		})
	}
	return true
}
