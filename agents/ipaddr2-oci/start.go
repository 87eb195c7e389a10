// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/ifaddr"
	"ocf-oci/internal/ocf"
)

// start brings every address here, in the cloud and in the operating system, and returns 0 only when both say so.
// It may be killed at any point: whatever it left is finished by the next start, here or elsewhere, or removed by stop.
func start(ctx context.Context, call *ocf.Call) ocf.Result {
	a, failed := begin(call)
	if failed != nil {
		return *failed
	}
	if len(a.cfg.problems) > 0 {
		return a.cfg.problems[0].result
	}
	if failed := unlessRoot(); failed != nil {
		return *failed
	}
	for _, note := range a.cfg.notes {
		a.Log.Warn(note)
	}
	if failed := a.bring(ctx); failed != nil {
		return *failed
	}
	return ocf.OK()
}

// bring makes the definition true on this node.
func (a *action) bring(ctx context.Context) *ocf.Result {
	t, err := a.kernel.Table(ctx)
	if err != nil {
		return result(reasonOSUnknown.Result(ocf.ErrGeneric, err))
	}
	choice := a.cfg.chosenCloud()
	a.Log.Log(ctx, ocf.LevelTrace, "decision", "oci", choice.OCI, "why", choice.Why)
	a.willCarry()
	owned := a.marks.Owned()
	var r floating.Resolved
	var failed *ocf.Result
	if choice.OCI {
		r, failed = a.bringFromCloud(ctx, t)
	} else {
		r, failed = a.bringLocal(ctx, t)
	}
	if failed != nil {
		if failed.Reason == reasonPrimary { // nothing was configured, and a stop must not take it for ours
			a.note(a.marks.SetCarrying(nil))
		}
		return failed
	}
	if failed := a.verify(ctx, r.Targets); failed != nil {
		return failed
	}
	a.tell(ctx, t, r.Targets, a.cfg.options.announce.count, true)
	a.note(a.marks.SetResolved(r))
	a.note(a.marks.SetOwned())
	a.note(a.marks.ClearLost())
	a.note(a.marks.ClearLeaving())
	if choice.OCI {
		// What the cloud called ours without a move by us, and without an earlier start here, the next monitor asks again:
		// the answer may have been stale.
		a.note(a.marks.SetCheck(floating.Check{At: floating.Boottime(), Settled: owned || !a.adopted.Load(), Moved: !owned}))
	}
	return nil
}

// willCarry notes, before anything is configured, what a stop will have to remove.
func (a *action) willCarry() {
	a.note(a.marks.SetCarrying(a.everything()))
}

// bringFromCloud moves the addresses with what an earlier action resolved, and resolves anew if that turns out to be
// stale (a VNIC detached and attached again gets a new OCID).
func (a *action) bringFromCloud(ctx context.Context, t ifaddr.Table) (floating.Resolved, *ocf.Result) {
	file, failed := a.declare()
	if failed != nil {
		return floating.Resolved{}, failed
	}
	if r, ok := a.remembered(t, true); ok && r.File == file.digest {
		failed := a.takeAll(ctx, t, &r, 0)
		if failed == nil || failed.Reason != reasonDenied && failed.Reason != reasonRefused && failed.Reason != reasonUnauthenticated {
			return r, failed
		}
		a.Log.Info("what this node remembers may be stale, resolving again", "because", failed.Text)
	}
	r, failed := a.resolveCloud(ctx, t, a.metadata(t))
	if failed != nil {
		return r, failed
	}
	return r, a.takeAll(ctx, t, &r, refusedFor)
}

// takeAll moves all addresses at once. Those that could not be moved are taken out of the operating system again:
// here they would only make this node talk to itself.
func (a *action) takeAll(ctx context.Context, t ifaddr.Table, r *floating.Resolved, patience time.Duration) *ocf.Result {
	api, err := a.connect(ctx, r.Access, r.Source, a.metadata(t))
	if err != nil {
		m := &mover{takeover: takeover{ip: r.Targets[0].IP}, patience: patience}
		if failed := m.final(err); failed != nil {
			return failed
		}
		return result(reasonOutOfTime.Result(ocf.ErrGeneric, m.ip, err))
	}
	if failed := a.refuseTug(ctx, api, r); failed != nil {
		return failed
	}
	outcomes := make([]*ocf.Result, len(r.Targets))
	var group sync.WaitGroup
	for i := range r.Targets {
		target := &r.Targets[i]
		m := &mover{api: api, log: a.Log, target: target, patience: patience,
			carry:    func() error { return a.carry(t, *target) },
			takeover: takeover{ip: target.IP, mine: target.VNIC, ready: target.Seen, allowed: a.cfg.allowFrom}}
		group.Go(func() {
			outcomes[i] = m.run(ctx)
			if outcomes[i] == nil && m.first == nil && !m.created {
				a.adopted.Store(true)
			}
		})
	}
	group.Wait()
	for i := range r.Targets {
		r.Targets[i].Seen = nil
	}
	return a.sum(t, r.Targets, outcomes)
}

// sum makes one result of many and removes what did not move. An address that this node carried before, as its owner,
// stays as long as nobody says that it is another's: it may be serving.
func (a *action) sum(t ifaddr.Table, targets []floating.Target, outcomes []*ocf.Result) *ocf.Result {
	var missing, remove []netip.Addr
	var first *ocf.Result
	for i, failed := range outcomes {
		if failed != nil {
			missing = append(missing, targets[i].IP)
			known := failed.Reason == reasonTaken || failed.Reason == reasonTug || failed.Reason == reasonPrimary
			if known || !a.marks.Owned() || len(t.Find(targets[i].IP)) == 0 {
				remove = append(remove, targets[i].IP)
			}
			if first == nil {
				first = failed
			}
		}
	}
	if first == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	if failed := a.clear(ctx, remove); failed != nil {
		a.Log.Error("an address that did not move could not be removed again", "problem", failed.Text)
	}
	if len(targets) > 1 {
		texts := make([]string, len(missing))
		for i, ip := range missing {
			texts[i] = ip.String()
		}
		first.Text += fmt.Sprintf(" (%d of %d addresses did not move: %s)", len(missing), len(targets), strings.Join(texts, ", "))
	}
	return first
}

// refuseTug keeps a node that lost addresses a short time ago from taking any of the resource's addresses as long as one
// of them is still with its taker: they belong together.
func (a *action) refuseTug(ctx context.Context, api cloudAPI, r *floating.Resolved) *ocf.Result {
	lost, ok := a.marks.Lost()
	since := floating.Boottime() - lost.At
	if !ok || since < 0 || since >= tugAge(a.cfg.cloudCheck) {
		return nil
	}
	for i := range r.Targets {
		target := &r.Targets[i]
		target.Seen = nil
		if !slices.ContainsFunc(lost.Taken, func(l floating.Taken) bool { return l.IP == target.IP }) {
			continue
		}
		found, exists, err := locate(ctx, api, target)
		if err != nil || !exists {
			continue // the takeover asks again, and waits if it must
		}
		if stillTaken(lost.Taken, target.IP, found.VNIC) {
			return result(reasonTug.Result(ocf.ErrGeneric, target.IP, since.Round(time.Second), holder(found.VNIC)))
		}
	}
	return nil
}

func (a *action) carryAll(t ifaddr.Table, targets []floating.Target) *ocf.Result {
	for _, target := range targets {
		if err := a.carry(t, target); err != nil {
			return result(reasonOSChange.Result(ocf.ErrGeneric, err))
		}
	}
	return nil
}

// carry puts an address into the operating system and removes copies in wrong places, in this order.
func (a *action) carry(t ifaddr.Table, target floating.Target) error {
	link, ok := t.ByName(target.NIC)
	if !ok {
		return fmt.Errorf("interface %s vanished", target.NIC)
	}
	if !link.AdminUp {
		if err := a.kernel.SetUp(link); err != nil {
			return err
		}
	}
	assignment, err := a.cfg.assignment(target, link, target.VNIC != "")
	if err != nil {
		return err
	}
	if err := a.takeFromLoopback(t, target); err != nil {
		return err
	}
	a.setLabel(target.IP)
	if err := a.makeRoom(t, target, link); err != nil {
		return err
	}
	if err := a.kernel.Add(assignment); err != nil {
		return err
	}
	for _, other := range t.Find(target.IP) {
		l, _ := t.Link(other.Link)
		if l.Loopback || other.Link == link.Index && other.Prefix.Bits() == target.Bits {
			continue
		}
		if err := a.kernel.Remove(other); err != nil {
			return err
		}
	}
	return nil
}

// makeRoom removes what would keep the kernel from adding an IPv6 address: a copy on the same link with another prefix
// length, or one that another host answered for.
func (a *action) makeRoom(t ifaddr.Table, target floating.Target, link ifaddr.Link) error {
	if !target.IP.Is6() {
		return nil
	}
	for _, other := range t.Find(target.IP) {
		if other.Link == link.Index && (other.Prefix.Bits() != target.Bits || other.DuplicateFound()) {
			if err := a.kernel.Remove(other); err != nil {
				return err
			}
		}
	}
	return nil
}
