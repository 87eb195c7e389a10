// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"sync"
	"time"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/oci"
)

// prepare leaves for a later start on this node what a probe can find out in a moment: the VNICs and the OCIDs of the private
// IPs, and credentials. Then a takeover of many addresses at once needs two requests for each. Whatever goes wrong here
// goes wrong silently: the probe's answer is known already, and start does all of it again.
func (a *action) prepare(ctx context.Context, s sight) {
	if !s.cloudOn || len(a.cfg.problems) > 0 || s.OS.State != osAbsent {
		return
	}
	if r, known := a.remembered(s.table, true); known && located(r) {
		return
	}
	short, cancel := a.Budget.Share(0.15, 3*time.Second).Context(ctx)
	defer cancel()
	md := a.metadata(s.table)
	r, failed := a.resolveCloud(short, s.table, md)
	if failed != nil {
		a.Log.Debug("nothing is prepared for a start here", "because", failed.Text)
		return
	}
	api, err := a.connect(short, r.Access, r.Source, md)
	if err == nil {
		err = locateAll(short, api, r.Targets)
	}
	if err != nil {
		a.Log.Debug("not everything is prepared for a start here", "error", err)
	}
	a.note(a.marks.SetResolved(r))
}

func located(r floating.Resolved) bool {
	for _, target := range r.Targets {
		if target.Address == "" {
			return false
		}
	}
	return true
}

// locateAll notes the OCIDs of the private IPs and their subnets in the targets, as far as it can. One request tells the
// subnet of all addresses of a VNIC.
func locateAll(ctx context.Context, api cloudAPI, targets []floating.Target) error {
	subnets := map[oci.VNICID]oci.SubnetID{}
	for i := range targets {
		target := &targets[i]
		if subnets[target.VNIC] == "" {
			v, err := api.VNIC(ctx, target.VNIC)
			if err != nil {
				return err
			}
			subnets[target.VNIC] = v.Subnet
		}
		target.Subnet = subnets[target.VNIC]
	}
	errs := make([]error, len(targets))
	var group sync.WaitGroup
	for i := range targets {
		group.Go(func() {
			found, err := api.Find(ctx, targets[i].Subnet, targets[i].IP)
			targets[i].Address, errs[i] = found.ID, err
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
