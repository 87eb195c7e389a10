// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net"
	"sync"
	"time"

	"ocf-oci/internal/duplicate"
	"ocf-oci/internal/floating"
	"ocf-oci/internal/ifaddr"
	"ocf-oci/internal/ocf"
)

// How long an answer to the question who has an address is waited for (run_arping).
const (
	shortProbe = 200 * time.Millisecond
	longProbe  = 2 * time.Second
)

// carrierWait is how long a link that was just brought up may take before it counts as down.
const carrierWait = 3 * time.Second

// bringLocal brings the addresses here where there is no cloud.
func (a *action) bringLocal(ctx context.Context, t ifaddr.Table) (floating.Resolved, *ocf.Result) {
	r, failed := a.resolveLocal(ctx, t)
	if failed != nil {
		return r, failed
	}
	if failed := a.askForOwners(ctx, t, r.Targets); failed != nil {
		return r, failed
	}
	return r, a.carryAll(t, r.Targets)
}

// askForOwners asks the network whether another host has one of the IPv4 addresses that are not here yet. The kernel
// does that for IPv6. What cannot be asked is not an answer.
func (a *action) askForOwners(ctx context.Context, t ifaddr.Table, targets []floating.Target) *ocf.Result {
	wait := map[probing]time.Duration{probeShort: shortProbe, probeLong: longProbe}[a.cfg.options.probing]
	if wait == 0 {
		return nil
	}
	var own []net.HardwareAddr
	for _, l := range t.Links {
		own = append(own, l.MAC)
	}
	outcomes := make([]*ocf.Result, len(targets))
	var group sync.WaitGroup
	for i, target := range targets {
		link, _ := t.ByName(target.NIC)
		if !target.IP.Is4() || link.Loopback || link.NoARP || len(link.MAC) != 6 || onLink(t, target, link) {
			continue
		}
		group.Go(func() {
			if !a.waitForCarrier(ctx, link) {
				return
			}
			other, err := duplicate.Find(ctx, link.Name, target.IP, own, wait)
			if err != nil {
				a.Log.Warn("cannot tell whether another host has the address", "error", err)
			}
			if other != nil {
				outcomes[i] = result(reasonDuplicate.Result(ocf.ErrGeneric, target.IP, "by the host with MAC address "+other.String()))
			}
		})
	}
	group.Wait()
	for _, failed := range outcomes {
		if failed != nil {
			return failed
		}
	}
	return nil
}

func onLink(t ifaddr.Table, target floating.Target, link ifaddr.Link) bool {
	for _, a := range t.Find(target.IP) {
		if a.Link == link.Index {
			return true
		}
	}
	return false
}

// waitForCarrier brings a link up, if it is not, and waits until it can carry traffic.
func (a *action) waitForCarrier(ctx context.Context, link ifaddr.Link) bool {
	if link.Up() {
		return true
	}
	if err := a.kernel.SetUp(link); err != nil {
		return false
	}
	for end := time.Now().Add(carrierWait); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		t, err := a.kernel.Table(ctx)
		if now, ok := t.Link(link.Index); err == nil && ok && now.Up() {
			return true
		}
	}
	return false
}
