// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"ocf-oci/internal/ocf"
)

// A live migration (allow-migrate=true) is make before break. Pacemaker runs migrate_to on the source, migrate_from on
// the target, then stop on the source. In the cloud both hosts may carry the address for a moment, because the VCN
// alone decides who receives; so the target's migrate_from is a start, and the source only notes that it is leaving:
// its stop then waits until the data plane has followed. On a plain network two carriers would fight by ARP: there
// the source stops first and migrate_from is a start like any other.

// migrateTo runs on the source.
func migrateTo(ctx context.Context, call *ocf.Call) ocf.Result {
	a, failed := begin(call)
	if failed != nil {
		return *failed
	}
	if !a.cfg.chosenCloud().OCI {
		return stop(ctx, call)
	}
	t, err := a.kernel.Table(ctx)
	if err != nil {
		return reasonOSUnknown.Result(ocf.ErrGeneric, err)
	}
	for _, w := range a.cfg.addresses {
		if len(t.Find(w.IP)) == 0 {
			return reasonAbsent.Result(ocf.ErrGeneric, w.IP)
		}
	}
	a.note(a.marks.SetLeaving())
	return ocf.OK()
}

// migrateFrom runs on the target.
func migrateFrom(ctx context.Context, call *ocf.Call) ocf.Result { return start(ctx, call) }
