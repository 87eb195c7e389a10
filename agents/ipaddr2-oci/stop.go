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

// stop takes the addresses out of the operating system, wherever they are, and returns 0 only when a complete dump
// shows that they are gone. It asks nobody else: no parameter, file, interface, namespace or cloud can make it fail.
// The private IP in the cloud stays where it is; whoever starts next moves it.
func stop(ctx context.Context, call *ocf.Call) ocf.Result {
	a, failed := begin(call)
	if failed != nil {
		return *failed
	}
	for _, p := range a.cfg.problems {
		a.Log.Warn("stop goes on in spite of a bad parameter", "problem", p.result.Text)
	}
	ips := a.everything()
	a.before(ctx, ips)
	a.settle(ctx)
	if failed := a.clear(ctx, ips); failed != nil {
		return *failed
	}
	a.after(ctx, ips)
	a.release(ctx)
	a.note(a.marks.Stopped())
	return ocf.OK()
}

// everything is what the resource may have configured here: what the definition says now, and what earlier actions
// began to configure and no stop has removed since.
func (a *action) everything() []netip.Addr {
	seen := map[netip.Addr]bool{}
	var ips []netip.Addr
	add := func(ip netip.Addr) {
		if !seen[ip] {
			seen[ip] = true
			ips = append(ips, ip)
		}
	}
	for _, w := range a.cfg.addresses {
		add(w.IP)
	}
	for _, ip := range a.marks.Carrying() {
		add(ip)
	}
	return ips
}

// migrationWindow is how long after migrate_to a stop still belongs to that migration.
const migrationWindow = 3 * time.Minute

// settle waits, after a live migration, until the data plane has followed: packets that it still delivers here are
// answered meanwhile.
func (a *action) settle(ctx context.Context) {
	leaving, ok := a.marks.Leaving()
	if since := floating.Boottime() - leaving.At; !ok || since < 0 || since > migrationWindow || a.cfg.settle <= 0 {
		return
	}
	wait := min(a.cfg.settle, a.Budget.Remaining()/2)
	a.Log.Info("the address stays configured until the data plane has followed the migration", "settle", wait)
	select {
	case <-ctx.Done():
	case <-time.After(wait):
	}
}

// clear removes every copy of the addresses and reads back. The loopback interface is left alone unless the address
// can only live there: a copy on lo belongs to a load balancer's real server.
func (a *action) clear(ctx context.Context, ips []netip.Addr) *ocf.Result {
	var last error
	for try := 1; ; try++ {
		left, err := a.copies(ctx, ips)
		if err != nil {
			r := reasonOSUnknown.Result(ocf.ErrGeneric, err)
			return &r
		}
		if len(left) == 0 {
			return nil
		}
		if try > 3 || ctx.Err() != nil {
			r := reasonOSChange.Result(ocf.ErrGeneric, textOf(last, left))
			return &r
		}
		for _, addr := range left {
			a.Log.Info("removing address", "address", addr.Prefix, "interface", addr.LinkName)
			if err := a.kernel.Remove(addr); err != nil {
				last = err
			}
		}
	}
}

func textOf(err error, left []ifaddr.Address) string {
	if err != nil {
		return err.Error()
	}
	return left[0].Prefix.String() + " is on " + left[0].LinkName + " again after it was removed: another program configures it"
}

// copies finds every copy of the addresses that stop has to remove.
func (a *action) copies(ctx context.Context, ips []netip.Addr) ([]ifaddr.Address, error) {
	t, err := a.kernel.Table(ctx)
	if err != nil {
		return nil, err
	}
	r, _ := a.marks.Resolved()
	carrying := a.marks.Carrying()
	oci := a.cfg.chosenCloud().OCI
	var found []ifaddr.Address
	for _, ip := range ips {
		if slices.Contains(r.Primaries, ip) || slices.Contains(a.primaries, ip) {
			a.Log.Warn("this is the primary address of one of this node's VNICs; it stays", "address", ip)
			continue
		}
		for _, addr := range t.Find(ip) {
			link, _ := t.Link(addr.Link)
			if link.Loopback && !ip.IsLoopback() && a.cfg.nic != link.Name {
				continue
			}
			if oci && alone(t, addr) && !slices.Contains(carrying, ip) {
				a.Log.Warn("this is the only address of its interface and was not configured by this resource; it stays", "address", addr.Prefix)
				continue
			}
			found = append(found, addr)
		}
	}
	return found, nil
}

// alone reports whether an interface has no other address of this family: then it is its primary one, whatever the
// definition says, and a floating one only by mistake.
func alone(t ifaddr.Table, addr ifaddr.Address) bool {
	for _, other := range t.Addresses {
		if other.Link == addr.Link && other.Prefix.Addr() != addr.Prefix.Addr() && other.Prefix.Addr().Is4() == addr.Prefix.Addr().Is4() &&
			!other.Prefix.Addr().IsLinkLocalUnicast() {
			return false
		}
	}
	return true
}
