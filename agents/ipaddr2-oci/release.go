// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"sync"
	"time"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/oci"
)

// releaser is the part of the VCN API that gives an address up.
type releaser interface {
	Address(context.Context, oci.AddressID) (oci.Address, error)
	Detach(ctx context.Context, id oci.AddressID, ifMatch string) error
}

// releaseTime is how much of a stop release=detach may take.
const releaseTime = 10 * time.Second

// release unassigns the addresses in the cloud when the definition asks for it. It is done last and cannot make stop
// fail: here they are gone, and whoever starts next takes them in either case.
func (a *action) release(ctx context.Context) {
	r, ok := a.marks.Resolved()
	if !a.cfg.detach || !ok || r.Cloud != "oci" {
		return
	}
	short, cancel := a.Budget.Share(0.5, releaseTime).Context(ctx)
	defer cancel()
	t, err := a.kernel.Table(short)
	if err != nil {
		a.Log.Warn("the addresses stay assigned to this node in the cloud", "error", err)
		return
	}
	api, err := a.client(short, r.Access, r.Source, a.metadata(t))
	if err != nil {
		a.Log.Warn("the addresses stay assigned to this node in the cloud", "error", err)
		return
	}
	var group sync.WaitGroup
	for _, target := range r.Targets {
		group.Go(func() {
			if err := detach(short, api, target); err != nil {
				a.Log.Warn("the address stays assigned to this node in the cloud", "address", target.IP, "error", err)
			}
		})
	}
	group.Wait()
}

// detach gives up one address if it is still here: after a migration the target has it already when stop runs.
func detach(ctx context.Context, api releaser, target floating.Target) error {
	if target.Address == "" {
		return nil
	}
	held, err := api.Address(ctx, target.Address)
	if err != nil || held.VNIC != target.VNIC {
		return err
	}
	return api.Detach(ctx, target.Address, held.ETag)
}
