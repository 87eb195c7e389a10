// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/netip"
	"slices"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/ifaddr"
	"ocf-oci/internal/ocf"
)

// reload makes changed reloadable parameters true while the resource runs: companions that were taken out are removed,
// those that were added are brought here. What stays is not touched, and without an added address the cloud is not asked:
// a reload while the API is down must not cost a healthy address.
func reload(ctx context.Context, call *ocf.Call) ocf.Result {
	a, failed := begin(call)
	if failed != nil {
		return *failed
	}
	if len(a.cfg.problems) > 0 {
		r := a.cfg.problems[0].result
		r.Code = ocf.ErrGeneric // 6 would stop the running address everywhere
		return r
	}
	t, err := a.kernel.Table(ctx)
	if err != nil {
		return reasonOSUnknown.Result(ocf.ErrGeneric, err)
	}
	before, _ := a.marks.Resolved()
	kept, added, gone := a.changes(t, before)
	if failed := a.clear(ctx, gone); failed != nil {
		return *failed
	}
	after := before
	after.Targets, after.Definition = kept, a.cfg.definition()
	if len(added) > 0 {
		if failed := a.bringMore(ctx, t, &after, added); failed != nil {
			failed.Code = ocf.ErrGeneric
			return *failed
		}
	}
	a.note(a.marks.SetResolved(after))
	a.note(a.marks.SetCarrying(a.wantedIPs()))
	return ocf.OK()
}

// changes compares the definition with what runs: the addresses that stay as they are, those to bring, those to remove.
func (a *action) changes(t ifaddr.Table, before floating.Resolved) (kept []floating.Target, added []wanted, gone []netip.Addr) {
	for _, w := range a.cfg.addresses {
		i := slices.IndexFunc(before.Targets, func(old floating.Target) bool {
			return old.IP == w.IP && (w.Bits == 0 || w.Bits == old.Bits) && (w.NIC == "" || w.NIC == old.NIC)
		})
		if i >= 0 && len(t.Find(w.IP)) > 0 {
			kept = append(kept, before.Targets[i])
		} else {
			added = append(added, w)
		}
	}
	for _, ip := range a.everything() {
		if !slices.Contains(a.wantedIPs(), ip) {
			gone = append(gone, ip)
		}
	}
	return kept, added, gone
}

func (a *action) wantedIPs() []netip.Addr {
	var ips []netip.Addr
	for _, w := range a.cfg.addresses {
		ips = append(ips, w.IP)
	}
	return ips
}

// bringMore brings the added addresses and nothing else, and appends them to what runs.
func (a *action) bringMore(ctx context.Context, t ifaddr.Table, into *floating.Resolved, added []wanted) *ocf.Result {
	a.willCarry()
	whole := a.cfg.addresses
	a.cfg.addresses = added
	defer func() { a.cfg.addresses = whole }()
	var more floating.Resolved
	var failed *ocf.Result
	if a.cfg.chosenCloud().OCI {
		if more, failed = a.resolveCloud(ctx, t, a.metadata(t)); failed == nil {
			failed = a.takeAll(ctx, t, &more, refusedFor)
		}
	} else {
		more, failed = a.bringLocal(ctx, t)
	}
	if failed != nil {
		return failed
	}
	if failed := a.verify(ctx, more.Targets); failed != nil {
		return failed
	}
	a.tell(ctx, t, more.Targets, a.cfg.options.announce.count, true)
	into.Targets = append(into.Targets, more.Targets...)
	return nil
}
