// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/ifaddr"
	"ocf-oci/internal/ocf"
)

// settled is what the operating system says once duplicate address detection of the addresses, which the kernel repeats
// whenever a link comes back, is over. It takes one to two seconds; a monitor waits that long, at most a small part of
// its budget, instead of calling a healthy address stopped.
func (a *action) settled(ctx context.Context) (ifaddr.Table, error) {
	until := time.Now().Add(a.Budget.Share(0.15, 3*time.Second).Remaining())
	for {
		t, err := a.kernel.Table(ctx)
		undecided := func(ip netip.Addr) bool { return detecting(t, ip) }
		if err != nil || a.Kind() == ocf.StoppedMonitor || time.Now().After(until) || !slices.ContainsFunc(a.everything(), undecided) {
			return t, err
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// refresh tells the neighbours again, in each recurring monitor that finds the resource running.
func (a *action) refresh(ctx context.Context, s sight) {
	times := a.cfg.options.announce.refresh
	if times < 1 || a.Kind() != "monitor" {
		return
	}
	var targets []floating.Target
	for _, ip := range s.ips {
		if here := s.table.Find(ip); len(here) > 0 {
			targets = append(targets, floating.Target{IP: ip, NIC: here[0].LinkName})
		}
	}
	a.tell(ctx, s.table, targets, times, false)
}
