// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	crand "crypto/rand"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/ocf"
	"ocf-oci/internal/oci"
)

// refusedFor is how long a refusal (401, 403, 404 for want of rights) is asked again: it may be one server of many, or
// a policy that was just written. A longer try would only keep a node that may from being asked.
const refusedFor = 10 * time.Second

// mover carries out one takeover.
type mover struct {
	takeover
	api    cloudAPI
	log    *slog.Logger
	target *floating.Target
	// carry puts the address into the operating system; it is called before each write, so that the first packet that
	// the cloud delivers finds it.
	carry func() error
	token string // opc-retry-token: one address is created at most once
	// patience is how long a refusal is asked again.
	patience  time.Duration
	refusedAt time.Time
	created   bool
}

// errUnsettled is why a takeover waits although every request was answered.
var errUnsettled = errors.New("the private IP changes faster than it can be moved, or the service denies what it has just said")

// run brings the address here; nil is success.
func (m *mover) run(ctx context.Context) *ocf.Result {
	m.token = crand.Text()
	m.now = floating.Boottime()
	next := m.open()
	wait := 100 * time.Millisecond
	for writes := 0; ; {
		m.now = floating.Boottime()
		var err error
		if next.Step == stepWrite || next.Step == stepCreate {
			// The second write follows a changed ETag at once; whoever answers like that for ever is not hammered.
			if writes++; writes > 2 {
				if failed := m.pause(ctx, wait, errUnsettled); failed != nil {
					return failed
				}
				wait = min(2*wait, 2*time.Second)
			}
		}
		asked := next
		switch next.Step {
		case stepDone:
			if err := m.carry(); err != nil {
				return result(reasonOSChange.Result(ocf.ErrGeneric, err))
			}
			m.tell()
			return nil
		case stepFail:
			return &next.Fail
		case stepLook:
			next, err = m.look(ctx)
		case stepWrite:
			next, err = m.write(ctx, next.IfMatch)
		case stepCreate:
			next, err = m.create(ctx)
		}
		if err == nil {
			continue
		}
		if ctx.Err() != nil {
			return result(reasonOutOfTime.Result(ocf.ErrGeneric, m.ip, err))
		}
		if failed := m.final(err); failed != nil {
			return failed
		}
		pause := wait
		next = plan{Step: stepLook}
		if oci.KindOf(err) == oci.Throttled { // nothing was done, and what was seen may still be true
			next, pause = asked, throttled(wait)
			writes = 0
		}
		m.log.Info("cloud request failed, will try again", "address", m.ip, "error", err, "wait", pause)
		if failed := m.pause(ctx, pause, err); failed != nil {
			return failed
		}
		wait = min(2*wait, 2*time.Second)
	}
}

// tell writes into the log what an administrator looks for after a failover.
func (m *mover) tell() {
	switch {
	case m.created:
		m.log.Info("made the private IP, it did not exist", "address", m.ip, "vnic", m.mine)
	case m.first != nil:
		m.log.Info("took the address over", "address", m.ip, "from", holder(*m.first), "to", m.mine)
	default:
		m.log.Info("the VCN delivers the address here already", "address", m.ip, "vnic", m.mine)
	}
}

// pause waits before the next try; a result other than nil says that there is no time for one.
func (m *mover) pause(ctx context.Context, d time.Duration, last error) *ocf.Result {
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= d {
		return result(reasonOutOfTime.Result(ocf.ErrGeneric, m.ip, last))
	}
	select {
	case <-ctx.Done():
		return result(reasonOutOfTime.Result(ocf.ErrGeneric, m.ip, last))
	case <-time.After(d):
		return nil
	}
}

// throttled is how long to wait after a 429: limits are requests a second, and many addresses ask at once. Whoever comes
// back before the second is over is refused again, and all at the same moment would be too.
func throttled(wait time.Duration) time.Duration {
	return max(wait, 800*time.Millisecond) + rand.N(800*time.Millisecond)
}

// look reads the object.
func (m *mover) look(ctx context.Context) (plan, error) {
	a, exists, err := locate(ctx, m.api, m.target)
	switch {
	case err != nil:
		return plan{}, err
	case !exists:
		return plan{Step: stepCreate}, nil
	}
	return m.remember(a), nil
}

// locate reads the object, by its OCID if that is known, else by subnet and address, and notes its OCIDs in the target.
// It does not exist only if a search that is allowed finds nothing. The ETag may be empty if the holder is the target's
// own VNIC.
func locate(ctx context.Context, api cloudAPI, target *floating.Target) (a oci.Address, exists bool, err error) {
	if target.Address != "" {
		a, err := api.Address(ctx, target.Address)
		if err == nil {
			target.Subnet = a.Subnet
			return a, true, nil
		}
		if k := oci.KindOf(err); k != oci.NotFound && k != oci.Denied {
			return a, false, err
		}
		target.Address = "" // deleted and made anew, perhaps: search
	}
	if target.Subnet == "" {
		v, err := api.VNIC(ctx, target.VNIC)
		if err != nil {
			return a, false, err
		}
		target.Subnet = v.Subnet
	}
	a, err = api.Find(ctx, target.Subnet, target.IP)
	if oci.KindOf(err) == oci.NotFound {
		return a, false, nil
	}
	if err != nil {
		return a, false, err
	}
	target.Address, target.Subnet = a.ID, a.Subnet
	if a.ETag == "" && a.VNIC != target.VNIC { // lists give no ETag, and a move without one could undo another node's
		a, err = api.Address(ctx, a.ID)
	}
	return a, err == nil, err
}

func (m *mover) remember(a oci.Address) plan {
	m.target.Address, m.target.Subnet = a.ID, a.Subnet
	return m.saw(a)
}

func (m *mover) write(ctx context.Context, ifMatch string) (plan, error) {
	if err := m.carry(); err != nil {
		return plan{Step: stepFail, Fail: reasonOSChange.Result(ocf.ErrGeneric, err)}, nil
	}
	a, err := m.api.Move(ctx, oci.Address{ID: m.target.Address, IP: m.ip, Subnet: m.target.Subnet}, m.mine, ifMatch)
	switch oci.KindOf(err) {
	case oci.PreconditionFailed: // it changed since it was seen: a look decides whether somebody took it
		return plan{Step: stepLook}, nil
	case oci.NotFound:
		return plan{Step: stepLook}, nil
	}
	if err != nil {
		return plan{}, err
	}
	return m.wrote(a), nil
}

func (m *mover) create(ctx context.Context) (plan, error) {
	if err := m.carry(); err != nil {
		return plan{Step: stepFail, Fail: reasonOSChange.Result(ocf.ErrGeneric, err)}, nil
	}
	a, err := m.api.Create(ctx, m.mine, m.ip, m.token)
	if err != nil {
		return plan{}, err
	}
	m.target.Address, m.target.Subnet, m.created = a.ID, a.Subnet, true
	return m.wrote(a), nil
}

// final tells which errors another try cannot mend.
func (m *mover) final(err error) *ocf.Result {
	switch oci.KindOf(err) {
	case oci.Transient, oci.Throttled, oci.Conflict:
		return nil
	case oci.Local:
		return result(localProblem(err))
	case oci.TooLate:
		return result(reasonOutOfTime.Result(ocf.ErrGeneric, m.ip, err))
	case oci.Unauthenticated, oci.Denied:
		if m.refusedAt.IsZero() {
			m.refusedAt = time.Now()
		}
		if time.Since(m.refusedAt) < m.patience {
			return nil
		}
		if oci.KindOf(err) == oci.Denied {
			return result(reasonDenied.Result(ocf.ErrGeneric, m.ip, err))
		}
		return result(reasonUnauthenticated.Result(ocf.ErrGeneric, m.ip, err))
	case oci.Invalid:
		return result(reasonRefused.Result(ocf.ErrGeneric, m.ip, err))
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return result(reasonOutOfTime.Result(ocf.ErrGeneric, m.ip, err))
	}
	return nil
}

// localProblem is what a start says of credentials on this node: another node's may be good.
func localProblem(err error) ocf.Result {
	switch oci.ProblemOf(err) {
	case oci.Missing:
		return reasonKeyMissing.Result(ocf.ErrInstalled, err)
	case oci.Unreadable, oci.Unsafe:
		return reasonKeyUnreadable.Result(ocf.ErrPerm, err)
	}
	return reasonKeyMalformed.Result(ocf.ErrInstalled, err)
}
