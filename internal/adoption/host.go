// SPDX-License-Identifier: Apache-2.0

package adoption

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/ifaddr"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/readiness"
)

// Host is this node, where the resource runs.
type Host struct {
	Agent    readiness.Asker
	StateDir string        // of the agent's marks
	Resource cib.Primitive // as it will be
	// Added are addresses that belong to the resource and that the operating system does not carry.
	Added []netip.Addr
}

// Look reads the operating system's addresses.
func Look(ctx context.Context) (ifaddr.Table, error) {
	h, err := ifaddr.Open(nil)
	if err != nil {
		return ifaddr.Table{}, err
	}
	defer h.Close()
	return h.Table(ctx)
}

// startLimit is the timeout of a start that only has to add an address.
const startLimit = 20 * time.Second

// Prepare notes that the resource is this node's: with that mark a probe keeps the address even if the cloud falls silent
// between the readiness check and the probe.
func (h Host) Prepare(ctx context.Context) error {
	marks, err := floating.Open(h.StateDir, h.Resource.ID)
	if err != nil {
		return err
	}
	if err := marks.SetOwned(); err != nil {
		return fmt.Errorf("noting that %s is here: %w", h.Resource.ID, err)
	}
	if len(h.Added) == 0 {
		return nil
	}
	return h.Agent.Start(ctx, h.Resource, startLimit)
}

// Restore removes the marks, and the addresses that were not here before.
func (h Host) Restore(ctx context.Context) error {
	marks, err := floating.Open(h.StateDir, h.Resource.ID)
	if err != nil {
		return err
	}
	errs := []error{marks.Stopped()}
	if len(h.Added) > 0 {
		handle, err := ifaddr.Open(nil)
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		defer handle.Close()
		t, err := handle.Table(ctx)
		errs = append(errs, err)
		for _, ip := range h.Added {
			for _, a := range t.Find(ip) {
				errs = append(errs, handle.Remove(a))
			}
		}
	}
	return errors.Join(errs...)
}
