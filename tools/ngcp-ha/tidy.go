// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/ngcpha/takeover"
	"ocf-oci/internal/pacemaker/change"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/process"
)

// tidy removes what killed calls of ngcp-ha left behind, and constraints that have ended. One whose call may still be at
// work on another node is waited for: if nobody extends it, it is dead.
func (h *handing) tidy(ctx context.Context, g takeover.Groups) error {
	seen := map[string]time.Time{}
	for {
		config, err := cib.Query(ctx, commandline.Environ(h.c))
		if err != nil {
			return err
		}
		wait := false
		for _, l := range takeover.Leftovers(config, time.Now()) {
			if l.Resource != g.VIPs {
				continue
			}
			dead := l.Expired || l.Owner != nil && l.End == nil // nobody can wait for that
			if l.Owner != nil && !dead && l.Owner.Node == h.local {
				if dead = !lives(l.Owner.Process); !dead {
					return fmt.Errorf("process %d on this node is making %s active at this moment; wait for it, or interrupt it", l.Owner.Process.PID, l.Node)
				}
			}
			switch {
			case dead:
				if err := h.cluster.Delete(ctx, l.XPath); err != nil && !errors.Is(err, change.ErrNothing) {
					return err
				}
				h.report.step("removed constraint %s, which an earlier call left behind", l.ID)
			case l.Owner == nil:
			case seen[l.ID].IsZero():
				seen[l.ID] = *l.End
				h.report.step("waiting until %s for a call on %s to end, or to prove dead", l.End.Format("15:04:05Z"), l.Owner.Node)
				wait = true
			case !seen[l.ID].Equal(*l.End):
				return fmt.Errorf("%s is being made active from %s (process %d) at this moment; wait for it, or interrupt it there", l.Node, l.Owner.Node, l.Owner.Process.PID)
			default:
				wait = true
			}
		}
		if !wait {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pollEvery):
		}
	}
}

// lives reports whether a process is still the same; one that cannot be asked counts as living.
func lives(p process.ID) bool {
	now, living, err := process.Find(p.PID)
	return err != nil || living && now.Start == p.Start
}

// removeForeign removes what moves and bans of other tools left behind on the resources of the goal.
func (h *handing) removeForeign(ctx context.Context, config *cib.CIB) error {
	names := map[string]bool{h.goal.VIPs: true, h.goal.Services: true}
	for _, p := range append(config.In(h.goal.VIPs), config.In(h.goal.Services)...) {
		names[p.ID] = true
	}
	for _, l := range takeover.Leftovers(config, time.Now()) {
		if l.Owner != nil || !names[l.Resource] {
			continue
		}
		auditLog(h.c, "remove constraint %s", l.ID)
		if err := h.cluster.Delete(ctx, l.XPath); err != nil && !errors.Is(err, change.ErrNothing) {
			return err
		}
		h.report.step("removed constraint %s (--force)", l.ID)
	}
	return nil
}
