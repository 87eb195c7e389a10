// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/ifaddr"
)

// takeFromLoopback is the start half of lvs_support: a real server of an LVS with direct routing carries the address on
// lo, and the director, which this node becomes now, on its interface. What was on lo is noted and goes back on stop.
func (a *action) takeFromLoopback(t ifaddr.Table, target floating.Target) error {
	if !a.cfg.options.lvs {
		return nil
	}
	for _, found := range t.Find(target.IP) {
		link, _ := t.Link(found.Link)
		if !link.Loopback || link.Name == target.NIC || found.Prefix.Bits() != target.IP.BitLen() {
			continue
		}
		a.note(a.marks.SetLoopback(floating.Loopback{Prefix: found.Prefix, Broadcast: found.Broadcast, Label: found.Label}))
		if err := a.kernel.Remove(found); err != nil {
			return err
		}
	}
	return nil
}

// giveToLoopback is the stop half.
func (a *action) giveToLoopback(ctx context.Context) {
	was, ok := a.marks.Loopback()
	if !ok || !a.cfg.options.lvs {
		return
	}
	t, err := a.kernel.Table(ctx)
	if err != nil {
		a.Log.Error("the address was not put back on lo", "error", err)
		return
	}
	for _, link := range t.Links {
		if !link.Loopback {
			continue
		}
		err := a.kernel.Add(ifaddr.Assignment{Prefix: was.Prefix, Link: link.Index, LinkName: link.Name, Broadcast: was.Broadcast, Label: was.Label})
		if err != nil {
			a.Log.Error("the address was not put back on lo", "error", err)
			return
		}
	}
	a.note(a.marks.ClearLoopback())
}
