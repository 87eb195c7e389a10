// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/ifaddr"
	"ocf-oci/internal/ocf"
	"ocf-oci/internal/oci"
)

// validateAll checks syntax, and from level 10 on this machine and the cloud: whether a start could succeed here. What
// the cloud does not say is a warning; what it says definitely is an answer.
func validateAll(ctx context.Context, call *ocf.Call) ocf.Result {
	cfg := read(call.Request)
	if len(cfg.problems) > 0 {
		return cfg.problems[0].result
	}
	for _, note := range cfg.notes {
		call.Log.Warn(note)
	}
	if call.CheckLevel < 10 {
		return ocf.OK()
	}
	a, failed := begin(call)
	if failed != nil {
		return *failed
	}
	t, err := a.kernel.Table(ctx)
	if err != nil {
		a.Log.Warn("the kernel did not say which interfaces there are", "error", err)
		return ocf.OK()
	}
	a.warnUnmonitored(ctx)
	choice := cfg.chosenCloud()
	fmt.Fprintf(call.Stdout, "cloud: %s, because %s\n", map[bool]string{true: "oci", false: "none"}[choice.OCI], choice.Why)
	if !choice.OCI {
		_, failed := a.resolveLocal(ctx, t)
		if failed != nil && failed.Reason == reasonNoRoute {
			failed.Code = ocf.ErrInstalled
		}
		return orOK(failed)
	}
	return a.validateCloud(ctx, t)
}

func orOK(failed *ocf.Result) ocf.Result {
	if failed != nil {
		return *failed
	}
	return ocf.OK()
}

func (a *action) validateCloud(ctx context.Context, t ifaddr.Table) ocf.Result {
	md := a.metadata(t)
	r, failed := a.resolveCloud(ctx, t, md)
	if failed != nil {
		if failed.Code == ocf.ErrGeneric {
			a.Log.Warn("the cloud could not be asked", "problem", failed.Text)
			return ocf.OK()
		}
		return *failed
	}
	api, err := a.connect(ctx, r.Access, r.Source, md)
	if err != nil {
		return a.definite(r.Targets[0], err)
	}
	for i := range r.Targets {
		target := &r.Targets[i]
		fmt.Fprintf(a.Stdout, "%s: interface %s, VNIC %s\n", target.Prefix(), target.NIC, target.VNIC)
		v, err := api.VNIC(ctx, target.VNIC)
		if err != nil {
			return a.definite(*target, err)
		}
		if !v.SkipSourceDestCheck {
			a.Log.Warn("the VNIC's source/destination check is on: it drops packets that it would have to forward", "vnic", v.ID)
		}
		if _, err := api.Find(ctx, v.Subnet, target.IP); err != nil && oci.KindOf(err) != oci.NotFound {
			return a.definite(*target, err)
		}
	}
	return ocf.OK()
}

// definite turns an error into an answer: 5 where it is certain that a start here would fail, else a warning.
func (a *action) definite(target floating.Target, err error) ocf.Result {
	switch oci.KindOf(err) {
	case oci.Local:
		r := localProblem(err)
		r.Code = ocf.ErrInstalled
		return r
	case oci.Denied:
		return reasonDenied.Result(ocf.ErrInstalled, target.IP, err)
	case oci.Unauthenticated:
		return reasonUnauthenticated.Result(ocf.ErrInstalled, target.IP, err)
	case oci.Invalid:
		return reasonRefused.Result(ocf.ErrInstalled, target.IP, err)
	}
	a.Log.Warn("the cloud could not be asked", "error", err)
	return ocf.OK()
}
