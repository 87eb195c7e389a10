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

// verify waits until the operating system shows every address usable. An IPv6 address that another host answered for
// is taken away again.
func (a *action) verify(ctx context.Context, targets []floating.Target) *ocf.Result {
	patience := time.Now().Add(carrierWait)
	for {
		t, err := a.kernel.Table(ctx)
		if err != nil {
			return result(reasonOSUnknown.Result(ocf.ErrGeneric, err))
		}
		var bad floating.Target
		var view osView
		wrong := slices.ContainsFunc(targets, func(target floating.Target) bool {
			bad = target
			view = seeOS(t, expectation{IP: target.IP, NIC: target.NIC, Bits: target.Bits, AnyLink: !a.cfg.options.checkLink})
			return view.State != osPresent
		})
		switch {
		case !wrong:
			return nil
		case duplicateFound(t, bad.IP):
			a.clearLabel(bad.IP)
			if failed := a.clear(ctx, []netip.Addr{bad.IP}); failed != nil {
				a.Log.Error("the duplicate address could not be removed", "problem", failed.Text)
			}
			return result(reasonDuplicate.Result(ocf.ErrGeneric, bad.IP, "by another host, which answered to duplicate address detection"))
		}
		end, limited := ctx.Deadline()
		late := ctx.Err() != nil || limited && time.Until(end) < 200*time.Millisecond
		if late || !detecting(t, bad.IP) && !(waitsForLink(t, bad.IP) && time.Now().Before(patience)) {
			return result(reasonDegradedStart.Result(ocf.ErrGeneric, bad.IP, view.Detail))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func duplicateFound(t ifaddr.Table, ip netip.Addr) bool {
	return slices.ContainsFunc(t.Find(ip), ifaddr.Address.DuplicateFound)
}

// detecting reports whether duplicate address detection of ip still runs. It does not while the link is down.
func detecting(t ifaddr.Table, ip netip.Addr) bool {
	return slices.ContainsFunc(t.Find(ip), func(a ifaddr.Address) bool {
		link, _ := t.Link(a.Link)
		return a.Tentative() && !a.DuplicateFound() && link.Up()
	})
}

func waitsForLink(t ifaddr.Table, ip netip.Addr) bool {
	return slices.ContainsFunc(t.Find(ip), func(a ifaddr.Address) bool {
		link, _ := t.Link(a.Link)
		return !link.Up()
	})
}
