// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/netip"

	"ocf-oci/internal/ocf"
)

// reload makes changed reloadable parameters true while the resource runs: companions that were added are brought
// here, those that were taken out are removed. Nothing else moves.
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
	wanted := map[netip.Addr]bool{}
	for _, w := range a.cfg.addresses {
		wanted[w.IP] = true
	}
	var gone []netip.Addr
	for _, ip := range a.everything() {
		if !wanted[ip] {
			gone = append(gone, ip)
		}
	}
	if failed := a.bring(ctx); failed != nil {
		failed.Code = ocf.ErrGeneric
		return *failed
	}
	if failed := a.clear(ctx, gone); failed != nil {
		return *failed
	}
	return ocf.OK()
}
