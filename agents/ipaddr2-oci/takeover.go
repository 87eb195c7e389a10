// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/netip"
	"slices"
	"time"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/ocf"
	"ocf-oci/internal/oci"
)

// step is what a takeover does next.
type step int

const (
	stepLook   step = iota // read the private IP
	stepWrite              // move it here, if it is still as it was seen
	stepCreate             // it exists nowhere
	stepDone
	stepFail
)

// plan is the next step with what it needs.
type plan struct {
	Step    step
	IfMatch string // of stepWrite
	Fail    ocf.Result
}

// takeover is what one attempt to bring an address here knows. Its methods decide; move.go acts.
type takeover struct {
	ip   netip.Addr
	mine oci.VNICID
	now  time.Duration // boot time

	ready *floating.Sighting // a readiness check saw it a short time ago
	// allowed are the VNICs that it may be taken from; empty: any.
	allowed []oci.VNICID

	first *oci.VNICID   // who held it when this takeover first saw it
	told  bool          // first is what the readiness check saw, not this takeover
	began time.Duration // boot time
}

// readyFor is how long an ETag from a readiness check may be used.
const readyFor = 120 * time.Second

// promptly is how soon after its beginning a takeover must have its first answer to be sure that nobody else can have
// begun one meanwhile: no cluster declares a node lost, and starts elsewhere, in less than corosync's shortest useful
// token timeout.
const promptly = time.Second

// open decides how to begin: with a write if a readiness check has just seen the object, else with a look.
func (t *takeover) open() plan {
	if t.ready != nil && t.ready.ETag != "" && t.now >= t.ready.At && t.now-t.ready.At < readyFor && t.ready.Holder != t.mine && t.mayTake(t.ready.Holder) {
		t.first, t.told, t.began = &t.ready.Holder, true, t.now
		return plan{Step: stepWrite, IfMatch: t.ready.ETag}
	}
	return plan{Step: stepLook}
}

// saw decides after a look at the object. A holder that a readiness check saw may have changed by rights since, by a
// planned move between two other nodes; what changes during this takeover means that somebody takes it at the same
// time. Which of the two it was cannot be told when this process was paused in between: then it is the latter.
func (t *takeover) saw(a oci.Address) plan {
	if t.told {
		if t.now-t.began < promptly {
			t.first = nil
		}
		t.told = false
	}
	switch {
	case a.Primary: // also this node's own: a stop would cut the node off
		return plan{Step: stepFail, Fail: reasonPrimary.Result(ocf.ErrConfigured, t.ip, a.VNIC)}
	case a.VNIC == t.mine:
		return plan{Step: stepDone}
	case !t.mayTake(a.VNIC):
		return plan{Step: stepFail, Fail: reasonNotAllowed.Result(ocf.ErrGeneric, t.ip, a.VNIC)}
	case t.first != nil && a.VNIC != *t.first:
		return plan{Step: stepFail, Fail: reasonTaken.Result(ocf.ErrGeneric, t.ip, holder(a.VNIC))}
	}
	t.first = &a.VNIC
	return plan{Step: stepWrite, IfMatch: a.ETag}
}

// mayTake: an address that nobody holds may always be taken.
func (t *takeover) mayTake(from oci.VNICID) bool {
	return len(t.allowed) == 0 || from == "" || slices.Contains(t.allowed, from)
}

// wrote decides after the answer to a write that succeeded.
func (t *takeover) wrote(a oci.Address) plan {
	if a.VNIC == t.mine {
		return plan{Step: stepDone}
	}
	return plan{Step: stepLook} // a stale or a foreign answer: only a look tells
}

// holder names a VNIC, or nobody.
func holder(v oci.VNICID) string {
	if v == "" {
		return "(none)"
	}
	return string(v)
}

// stillTaken decides whether a node that lost addresses must leave them alone: one of them is still with its taker.
func stillTaken(lost []floating.Taken, ip netip.Addr, now oci.VNICID) bool {
	for _, l := range lost {
		if l.IP == ip && l.Taker == now {
			return true
		}
	}
	return false
}

// tugAge is how long the mark of a lost address keeps start from taking it back.
func tugAge(cloudCheck time.Duration) time.Duration {
	if cloudCheck == 0 {
		return 120 * time.Second
	}
	return 2 * cloudCheck
}
