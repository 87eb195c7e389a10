// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/ifaddr"
	"ocf-oci/internal/imds"
	"ocf-oci/internal/ocf"
	"ocf-oci/internal/oci"
)

// What only a readiness check says.
var (
	reasonNotReady    = ocf.NewReason("not-ready", "a start would fail here: %s", "mend it before this node is needed")
	reasonSourceCheck = ocf.NewReason("source-dest-check", "this node forwards, but a VNIC's source/destination check drops it -- VNIC %s",
		"set skipSourceDestCheck to true")
	reasonNoCreation = ocf.NewReason("may-not-create", "an address that somebody deleted could not be made anew: %s",
		"allow 'use subnets'; 'oci-vip policy' prints it")
	reasonThrottled = ocf.NewReason("throttled", "the API limits requests; %s was not looked at -- %s", "asked again soon; if it stays, ask for a higher limit")
	reasonRedefined = ocf.NewReason("resolved-differently", "%s runs elsewhere than its definition comes to now",
		"nothing while it runs; the next start uses the new one")
)

// ready tells whether a start would succeed here now, and prepares it: credentials are fresh, and where the address is
// held elsewhere the marks hold its OCID and version, so that the start needs one request. It changes no address.
// Pacemaker never calls it (it is not in the meta-data); "oci-vip ready" does, on every node.
//
// It prints a floating.Readiness and ends with 0 if the node is ready, else with 1.
func ready(ctx context.Context, call *ocf.Call) ocf.Result {
	a, failed := begin(call)
	if failed != nil {
		return *failed
	}
	if failed := unlessRoot(); failed != nil {
		return *failed
	}
	c := &candidacy{action: a}
	c.run(ctx)
	c.report.Ready = len(c.report.Problems) == 0
	c.report.Owned = a.marks.Owned()
	if last := c.last; last.At != 0 {
		c.report.LastCheck = floating.WallTime(last.At)
		c.report.Degraded = c.report.Owned && last.Unknowns >= floating.UnknownsBeforeDegraded
	}
	if err := json.NewEncoder(call.Stdout).Encode(c.report); err != nil {
		return reasonNotReady.Result(ocf.ErrGeneric, err)
	}
	if !c.report.Ready {
		return reasonNotReady.Result(ocf.ErrGeneric, c.report.Problems[0].Text)
	}
	return ocf.OK()
}

// candidacy is one examination of this node.
type candidacy struct {
	*action
	mu     sync.Mutex
	report floating.Readiness
	last   floating.Check
}

func (c *candidacy) problem(r ocf.Result) { c.add(&c.report.Problems, r) }
func (c *candidacy) warning(r ocf.Result) { c.add(&c.report.Warnings, r) }

func (c *candidacy) add(to *[]floating.Finding, r ocf.Result) {
	f := floating.Finding{Text: r.Text}
	if r.Reason != nil {
		f.ID = r.Reason.ID
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	*to = append(*to, f)
}

func (c *candidacy) run(ctx context.Context) {
	c.last, _ = c.marks.Check()
	for _, p := range c.cfg.problems {
		c.problem(p.result)
	}
	if len(c.cfg.problems) > 0 {
		return
	}
	t, err := c.kernel.Table(ctx)
	if err != nil {
		c.problem(reasonOSUnknown.Result(ocf.ErrGeneric, err))
		return
	}
	var r floating.Resolved
	if c.cfg.chosenCloud().OCI {
		c.report.Cloud = "oci"
		r = c.inCloud(ctx, t)
	} else {
		c.report.Cloud = "none"
		resolved, failed := c.resolveLocal(ctx, t)
		if failed != nil {
			c.problem(*failed)
			return
		}
		r = resolved
		c.candidates(t, r, nil)
	}
	for _, target := range r.Targets {
		if link, ok := t.ByName(target.NIC); ok && link.AdminUp && !link.Carrier {
			c.problem(reasonDegradedStart.Result(ocf.ErrGeneric, target.IP, fmt.Sprintf("interface %s has no link", link.Name)))
		}
	}
}

// outcome is what the cloud said of an address.
type outcome struct{ asked, exists bool }

func (c *candidacy) candidates(t ifaddr.Table, r floating.Resolved, outcomes []outcome) {
	for i, target := range r.Targets {
		seen := floating.Candidate{IP: target.IP, NIC: target.NIC, VNIC: target.VNIC, Here: len(t.Find(target.IP)) > 0}
		if outcomes != nil {
			seen.Asked, seen.Exists = outcomes[i].asked, outcomes[i].exists
		}
		if target.Seen != nil {
			seen.Holder = target.Seen.Holder
		}
		c.report.Targets = append(c.report.Targets, seen)
	}
}

// inCloud examines VNICs, credentials and rights, and stores what it resolved.
func (c *candidacy) inCloud(ctx context.Context, t ifaddr.Table) floating.Resolved {
	md := c.metadata(t)
	before, known := c.remembered(t, true)
	r, ok := c.resolveNow(ctx, t, md, before, known)
	if !ok {
		return r
	}
	api, err := c.connect(ctx, r.Access, r.Source, md)
	if err == nil {
		err = c.warm(ctx, api)
	}
	if err != nil {
		c.problem(c.refusal(r.Targets[0], err))
		c.candidates(t, r, nil)
		return r
	}
	outcomes := make([]outcome, len(r.Targets))
	var group sync.WaitGroup
	for i := range r.Targets {
		group.Go(func() { outcomes[i] = c.examine(ctx, api, &r.Targets[i]) })
	}
	group.Wait()
	c.candidates(t, r, outcomes)
	c.store(r)
	return r
}

// resolveNow resolves anew, since a VNIC may have been detached; a metadata service that is silent does not matter
// where an earlier resolution still fits, for start would use that too.
func (c *candidacy) resolveNow(ctx context.Context, t ifaddr.Table, md *imds.Client, before floating.Resolved, known bool) (floating.Resolved, bool) {
	short, cancel := c.Budget.Share(0.4, 3*time.Second).Context(ctx)
	defer cancel()
	r, failed := c.resolveCloud(short, t, md)
	switch {
	case failed == nil:
		for i := range r.Targets {
			same := func(old floating.Target) bool { return old.IP == r.Targets[i].IP && old.VNIC == r.Targets[i].VNIC }
			if j := slices.IndexFunc(before.Targets, same); known && j >= 0 {
				r.Targets[i].Address, r.Targets[i].Subnet = before.Targets[j].Address, before.Targets[j].Subnet
			}
		}
		return r, true
	case failed.Code == ocf.ErrGeneric && known:
		c.warning(*failed)
		return before, true
	}
	c.problem(*failed)
	return r, false
}

// warm keeps the credentials fresh, so that no start has to fetch any.
func (c *candidacy) warm(ctx context.Context, api cloudAPI) error {
	keeper, ok := api.(interface{ Refresh(context.Context) error })
	if !ok {
		return nil
	}
	return oci.Retry(ctx, c.Log, keeper.Refresh)
}

// neverETag is no version that the service gave out.
const neverETag = "0000-readiness-check"

// examine looks at one address and at the right to move it: a write that names the present holder and a version that
// cannot be is refused as "changed meanwhile" (412) after the policy has allowed it, and changes nothing in any case.
func (c *candidacy) examine(ctx context.Context, api cloudAPI, target *floating.Target) outcome {
	var a oci.Address
	var found, checked bool
	var primary netip.Addr
	err := oci.Retry(ctx, c.Log, func(ctx context.Context) (err error) {
		v, err := api.VNIC(ctx, target.VNIC)
		if err != nil {
			return err
		}
		target.Subnet, checked, primary = v.Subnet, !v.SkipSourceDestCheck, v.PrivateIP
		a, found, err = locate(ctx, api, target)
		return err
	})
	if checked && forwards(target.IP) {
		c.warning(reasonSourceCheck.Result(ocf.ErrGeneric, target.VNIC))
	}
	if err == nil && c.CheckLevel >= 10 {
		c.mayCreate(ctx, api, target.VNIC, primary)
	}
	target.Seen = nil
	switch {
	case oci.KindOf(err) == oci.Throttled: // not looked at is not "not ready": many addresses at once reach any limit
		c.warning(reasonThrottled.Result(ocf.ErrGeneric, target.IP, err))
		return outcome{}
	case err != nil:
		c.problem(c.refusal(*target, err))
		return outcome{}
	case !found:
		c.warning(reasonNoSuchAddress.Result(ocf.ErrGeneric, target.IP))
		return outcome{asked: true}
	case a.Primary && a.VNIC != target.VNIC:
		c.problem(reasonPrimary.Result(ocf.ErrConfigured, target.IP, a.VNIC))
		return outcome{true, true}
	}
	target.Seen = &floating.Sighting{Holder: a.VNIC, ETag: a.ETag, At: floating.Boottime()}
	if a.VNIC == "" {
		return outcome{true, true} // nobody to name: the right to move it stays untested
	}
	err = oci.Retry(ctx, c.Log, func(ctx context.Context) error {
		_, err := api.Move(ctx, a, a.VNIC, neverETag)
		return err
	})
	switch oci.KindOf(err) {
	case oci.PreconditionFailed:
	case oci.Throttled:
		c.warning(reasonThrottled.Result(ocf.ErrGeneric, target.IP, err))
	case oci.Conflict, oci.Invalid:
		if err != nil {
			c.warning(c.refusal(*target, err))
		}
	default:
		if err != nil {
			c.problem(c.refusal(*target, err))
		}
	}
	return outcome{true, true}
}

// mayCreate looks at the right to make an address that exists nowhere, by asking for one that the VNIC has already: its
// primary one. That is refused in any case; what counts is whether for want of rights.
func (c *candidacy) mayCreate(ctx context.Context, api cloudAPI, vnic oci.VNICID, primary netip.Addr) {
	if !primary.IsValid() {
		return
	}
	_, err := api.Create(ctx, vnic, primary, "")
	if oci.KindOf(err) == oci.Denied {
		c.warning(reasonNoCreation.Result(ocf.ErrGeneric, err))
	}
}

// refusal is what a start would say of an error of the cloud.
func (c *candidacy) refusal(target floating.Target, err error) ocf.Result {
	if failed := (&mover{takeover: takeover{ip: target.IP}}).final(err); failed != nil {
		return *failed
	}
	return reasonOutOfTime.Result(ocf.ErrGeneric, target.IP, err)
}

// store leaves what was resolved for the next start, unless the resource runs here: then the marks are the monitors'.
func (c *candidacy) store(r floating.Resolved) {
	if !c.marks.Owned() {
		c.note(c.marks.SetResolved(r))
		return
	}
	same := func(a, b floating.Target) bool { return a.IP == b.IP && a.NIC == b.NIC && a.VNIC == b.VNIC }
	if running, ok := c.marks.Resolved(); ok && !slices.EqualFunc(r.Targets, running.Targets, same) {
		c.warning(reasonRedefined.Result(ocf.ErrGeneric, c.cfg.resource))
	}
}

// forwards tells whether this machine routes packets of the address's kind.
func forwards(ip netip.Addr) bool {
	file := "/proc/sys/net/ipv4/ip_forward"
	if ip.Is6() {
		file = "/proc/sys/net/ipv6/conf/all/forwarding"
	}
	b, err := os.ReadFile(file)
	return err == nil && strings.TrimSpace(string(b)) != "0"
}
