// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"ocf-oci/internal/ocf"
	"ocf-oci/internal/pacemaker/cib"
)

// warnUnmonitored says when pacemaker never looks at the resource after it has started: pcs drops the default monitors as
// soon as one is given, and crm configures none at all.
func (a *action) warnUnmonitored(ctx context.Context) {
	short, cancel := a.Budget.Share(0.3, 3*time.Second).Context(ctx)
	defer cancel()
	c, err := cib.Query(short, a.Environ())
	if err != nil {
		a.Log.Debug("the cluster's configuration is not available", "error", err)
		return
	}
	name, _, _ := strings.Cut(a.Instance, ":") // a clone's instance
	for _, p := range c.Primitives() {
		if p.ID == name && !monitored(p) {
			a.Log.Warn("no monitor is configured: nobody would notice that the address is gone; add one with 'pcs resource op add " + name + " monitor interval=20s timeout=20s'")
		}
	}
}

func monitored(p cib.Primitive) bool {
	return slices.ContainsFunc(p.Operations, func(op cib.Operation) bool {
		every, err := ocf.ParseDuration(op.Interval)
		return op.Name == "monitor" && (op.Role == "" || op.Role == "Started") && err == nil && every > 0 &&
			(op.Enabled == "" || ocf.IsTrue(op.Enabled))
	})
}
