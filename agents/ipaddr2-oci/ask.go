// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/ifaddr"
	"ocf-oci/internal/oci"
)

// ask asks the cloud who holds each address, for a small part of the budget: execd runs operations one after another,
// and a slow answer here would delay the next look at the operating system.
func (a *action) ask(ctx context.Context, t ifaddr.Table, s *sight, known bool) {
	short, cancel := a.Budget.Share(0.15, 3*time.Second).Context(ctx)
	defer cancel()
	s.asked = true
	at := floating.Boottime()
	if err := a.askAll(short, t, s, known); err != nil {
		for i := range s.cloud {
			s.cloud[i] = cloudView{State: cloudUnknown, Detail: err.Error()}
		}
	}
	moved := s.check.Moved // still true if nobody could look
	s.check = after(s.check, s.cloud, at)
	s.check.Moved = moved && s.Answer == running
	a.note(a.marks.SetCheck(s.check))
}

// after is the mark of a cloud check that began at a boot time and saw these views.
func after(last floating.Check, views []cloudView, at time.Duration) floating.Check {
	next := floating.Check{At: at, Settled: true}
	for _, v := range views {
		switch v.State {
		case cloudOther, cloudMissing:
			return floating.Check{At: at}
		case cloudUnknown:
			next.Unknowns, next.Error = last.Unknowns+1, v.Detail
		}
	}
	return next
}

// askAll asks for all addresses at once.
func (a *action) askAll(ctx context.Context, t ifaddr.Table, s *sight, known bool) error {
	md := a.metadata(t)
	if !known {
		resolved, failed := a.resolveCloud(ctx, t, md)
		if failed != nil {
			return errors.New(failed.Text)
		}
		s.resolved = resolved
	}
	api, err := a.client(ctx, s.resolved.Access, s.resolved.Source, md)
	if err != nil {
		return err
	}
	var group sync.WaitGroup
	for i := range s.resolved.Targets {
		group.Go(func() { s.cloud[i] = askOne(ctx, api, &s.resolved.Targets[i]) })
	}
	group.Wait()
	mine := !slices.ContainsFunc(s.cloud, func(v cloudView) bool { return v.State != cloudMine })
	if s.check.Moved && mine && a.Kind() == "monitor" && a.verifyPublic(ctx, api, &s.resolved) {
		s.check.Moved = false
		if known {
			a.note(a.marks.SetResolved(s.resolved))
		}
	}
	return nil
}

// askOne asks for one address: by its OCID if that is known, else by subnet and address. "Not found" for an OCID can
// also mean "not allowed"; only a search that is allowed and finds nothing proves that the address does not exist.
func askOne(ctx context.Context, api cloudAPI, target *floating.Target) cloudView {
	if target.Address != "" {
		found, err := api.Address(ctx, target.Address)
		if err == nil {
			return viewOf(found, target.VNIC)
		}
		if k := oci.KindOf(err); k != oci.NotFound && k != oci.Denied {
			return cloudView{State: cloudUnknown, Detail: err.Error()}
		}
	}
	if target.Subnet == "" {
		v, err := api.VNIC(ctx, target.VNIC)
		if err != nil {
			return cloudView{State: cloudUnknown, Detail: err.Error()}
		}
		target.Subnet = v.Subnet
	}
	found, err := api.Find(ctx, target.Subnet, target.IP)
	switch {
	case oci.KindOf(err) == oci.NotFound:
		return cloudView{State: cloudMissing}
	case err != nil:
		return cloudView{State: cloudUnknown, Detail: err.Error()}
	}
	target.Address = found.ID
	return viewOf(found, target.VNIC)
}

func viewOf(found oci.Address, mine oci.VNICID) cloudView {
	if found.VNIC == mine && !found.Primary { // a primary address is nobody's to move, so this resource cannot hold it
		return cloudView{State: cloudMine}
	}
	return cloudView{State: cloudOther, Holder: found.VNIC}
}
