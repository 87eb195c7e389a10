// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/ifaddr"
	"ocf-oci/internal/ocf"
)

// monitor tells what is true. It changes no address and nothing in the cloud, but for one case: a probe that answers
// "not running" removes what the operating system carries, because pacemaker calls no stop after it.
func monitor(ctx context.Context, call *ocf.Call) ocf.Result {
	a, failed := begin(call)
	if failed != nil {
		return *failed
	}
	w := a.look(ctx)
	switch call.Kind() {
	case ocf.Probe:
		return a.answerProbe(ctx, w)
	case ocf.StoppedMonitor:
		return a.answerStopped(w)
	}
	return a.answerRecurring(ctx, w)
}

// status is monitor for people.
func status(ctx context.Context, call *ocf.Call) ocf.Result {
	r := monitor(ctx, call)
	if r.Code == ocf.Success || r.Code == ocf.Degraded {
		fmt.Fprintln(call.Stdout, "running")
	} else {
		fmt.Fprintln(call.Stdout, "stopped")
	}
	return r
}

// sight is everything that one monitor saw.
type sight struct {
	finding
	ips      []netip.Addr
	cloud    []cloudView
	resolved floating.Resolved
	cloudOn  bool
	asked    bool // the cloud was asked now
	check    floating.Check
	table    ifaddr.Table
	nicGone  bool // nic names an interface that does not exist
}

// unknownsBeforeDegraded is the number of consecutive unknowns from which a running resource is reported degraded.
const unknownsBeforeDegraded = 3

// look asks the operating system and, if it is due and can matter, the cloud.
func (a *action) look(ctx context.Context) sight {
	var s sight
	t, err := a.settled(ctx)
	s.table = t
	s.cloudOn = a.cfg.chosenCloud().OCI
	known := false
	if err == nil {
		s.resolved, known = a.remembered(t, s.cloudOn)
	} else {
		s.resolved, _ = a.marks.Resolved()
	}
	wants := a.expectations(ctx, t, s.resolved, known, s.cloudOn)
	system := make([]osView, len(wants))
	s.cloud = make([]cloudView, len(wants))
	if len(wants) == 0 { // a definition that cannot be understood, and nothing was ever started
		s.finding = finding{Answer: notRunning, OS: osView{State: osAbsent}}
		return s
	}
	for i, want := range wants {
		s.ips = append(s.ips, want.IP)
		if err != nil {
			system[i] = osView{State: osUnknown, Detail: err.Error()}
		} else {
			system[i] = seeOS(t, want)
		}
	}
	if _, ok := t.ByName(a.cfg.nic); err == nil && a.cfg.nic != "" {
		s.nicGone = !ok
	}
	s.finding = judge(s.ips, system, s.cloud)
	s.check, _ = a.marks.Check()
	if s.cloudOn && s.Answer == running && a.cloudIsDue(s.check) {
		a.ask(ctx, t, &s, known)
		s.finding = judge(s.ips, system, s.cloud)
	}
	return s
}

// expectations says where each address should be: as resolved, else as the definition and the connected networks say.
func (a *action) expectations(ctx context.Context, t ifaddr.Table, r floating.Resolved, known, cloud bool) []expectation {
	var wants []expectation
	anyLink := !a.cfg.options.checkLink
	if known || len(a.cfg.addresses) == 0 {
		for _, target := range r.Targets {
			wants = append(wants, expectation{target.IP, target.NIC, target.Bits, anyLink})
		}
		return wants
	}
	var routes []ifaddr.Route
	if !cloud {
		var err error
		if routes, err = a.kernel.Routes(ctx); err != nil {
			a.Log.Info("the routing table is unknown, any interface and prefix length will do", "error", err)
		}
	}
	for _, w := range a.cfg.addresses {
		want := expectation{w.IP, w.NIC, w.Bits, anyLink}
		if found, ok := discover(t, routes, w, a.cfg.options.routes); ok {
			want.NIC, want.Bits = found.Link.Name, found.Bits
			if w.Bits != 0 {
				want.Bits = w.Bits
			}
		} else if connected, ok := t.Containing(w.IP, w.NIC, w.Bits); cloud && ok && want.NIC == "" {
			want.NIC = connected.LinkName
		}
		wants = append(wants, want)
	}
	return wants
}

// cloudIsDue decides whether this monitor asks the cloud.
func (a *action) cloudIsDue(c floating.Check) bool {
	if a.Kind() != "monitor" && a.Kind() != "status" || a.CheckLevel >= 10 {
		return true
	}
	if a.cfg.cloudCheck == 0 {
		return false
	}
	now := floating.Boottime()
	return c.At == 0 || c.At > now || !c.Settled || now-c.At >= a.cfg.cloudCheck
}

// answerRecurring is for a resource that pacemaker believes to be running here.
func (a *action) answerRecurring(ctx context.Context, s sight) ocf.Result {
	switch s.Answer {
	case notRunning:
		if s.nicGone && (s.OS.State == osAbsent || s.OS.State == osWrong) { // a failure of this machine, which "not running" would hide
			return reasonNoNIC.Result(ocf.ErrGeneric, s.IP, fmt.Sprintf("%q does not exist on this node any more", a.cfg.nic))
		}
		if taken := s.taken(); len(taken) > 0 && a.marks.Owned() && a.Kind() == "monitor" {
			a.note(a.marks.SetLost(taken))
		}
		return a.whyNotRunning(s)
	case unknownOS:
		return reasonOSUnknown.Result(ocf.ErrGeneric, s.OS.Detail)
	}
	if s.check.Unknowns >= unknownsBeforeDegraded {
		return reasonCloudUnknown.Result(ocf.Degraded, ipsOf(s.ips), s.check.Unknowns, s.check.Error)
	}
	a.refresh(ctx, s)
	if s.Answer == unknownCloud {
		a.Log.Warn("the cloud did not say who holds the address; it stays as it is", "address", s.IP, "problem", s.check.Error, "times", s.check.Unknowns)
	}
	return ocf.OK()
}

// answerProbe is for a resource that pacemaker knows nothing of here: 0, 5 or 7, because any other code on a node that
// does not hold the address stops and restarts the healthy one elsewhere.
func (a *action) answerProbe(ctx context.Context, s sight) ocf.Result {
	switch {
	case s.Answer == running:
		if s.asked {
			a.note(a.marks.SetResolved(s.resolved))
		}
		a.note(a.marks.SetCarrying(s.ips))
		a.note(a.marks.SetOwned())
		return ocf.OK()
	case s.Answer == unknownOS && a.marks.Owned(), s.Answer == unknownCloud && a.marks.Owned():
		a.Log.Warn("nobody says whether the address is here, but this node started it", "address", s.IP, "problem", s.OS.Detail+s.Cloud.Detail)
		return ocf.OK()
	case s.Answer == unknownOS:
		return reasonOSUnknown.Result(ocf.ErrInstalled, s.OS.Detail)
	}
	if s.cloudOn {
		a.tidy(ctx, s)
		a.prepare(ctx, s)
	}
	return a.whyNotRunning(s)
}

// taken lists the addresses that are with another VNIC. One that nobody holds was taken by nobody.
func (s sight) taken() []floating.Taken {
	var taken []floating.Taken
	for i, c := range s.cloud {
		if c.State == cloudOther && c.Holder != "" {
			taken = append(taken, floating.Taken{IP: s.ips[i], Taker: c.Holder})
		}
	}
	return taken
}

// tidy removes what the operating system carries although the resource does not run here.
func (a *action) tidy(ctx context.Context, s sight) {
	left, err := a.copies(ctx, s.ips)
	if err != nil || len(left) == 0 {
		return
	}
	a.Log.Warn("the address is configured here although the resource does not run here; removing it, or this node would talk to itself",
		"address", left[0].Prefix, "interface", left[0].LinkName, "because", a.whyNotRunning(s).Text)
	if failed := a.clear(ctx, s.ips); failed != nil {
		a.Log.Error("it could not be removed", "problem", failed.Text)
	}
}

// answerStopped is for a monitor with role=Stopped, which asks every standby: anything but 7 makes pacemaker restart
// the healthy resource elsewhere.
func (a *action) answerStopped(s sight) ocf.Result {
	if s.Answer == running {
		return ocf.OK()
	}
	return ocf.NotRunningQuiet()
}

func (a *action) whyNotRunning(s sight) ocf.Result {
	switch {
	case s.Cloud.State == cloudOther:
		return reasonHeldElsewhere.Result(ocf.NotRunning, s.IP, holder(s.Cloud.Holder), s.mine())
	case s.Cloud.State == cloudMissing:
		return reasonNoSuchAddress.Result(ocf.NotRunning, s.IP)
	case s.Cloud.State == cloudUnknown:
		return reasonCloudUnknown.Result(ocf.NotRunning, s.IP, s.check.Unknowns, s.Cloud.Detail)
	case s.OS.State == osWrong:
		return reasonWrong.Result(ocf.NotRunning, s.IP, s.OS.Detail)
	case a.Kind() == ocf.Probe:
		return ocf.NotRunningQuiet()
	}
	if !s.IP.IsValid() && len(a.cfg.problems) > 0 {
		return ocf.Result{Code: ocf.NotRunning, Text: a.cfg.problems[0].result.Text, Reason: a.cfg.problems[0].result.Reason}
	}
	return reasonAbsent.Result(ocf.NotRunning, s.IP)
}

// mine is this node's VNIC for the address that decided.
func (s sight) mine() string {
	for _, t := range s.resolved.Targets {
		if t.IP == s.IP {
			return "VNIC " + string(t.VNIC)
		}
	}
	return "VNIC"
}

func ipsOf(ips []netip.Addr) string {
	texts := make([]string, len(ips))
	for i, ip := range ips {
		texts[i] = ip.String()
	}
	return strings.Join(texts, ", ")
}
