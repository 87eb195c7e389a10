// SPDX-License-Identifier: Apache-2.0

package adoption

import (
	"context"

	"ocf-oci/internal/pacemaker/change"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/mon"
)

// Live is the cluster of this node.
type Live struct{ Env []string }

// settling is pacemaker's own limit for becoming idle, in seconds.
const settling = 60

func (l Live) cluster() change.Cluster { return change.Cluster{Env: l.Env} }

// CIB is the whole CIB, the history of operations included.
func (l Live) CIB(ctx context.Context) ([]byte, error) { return cib.Document(ctx, l.Env) }

// State is what pacemaker believes now.
func (l Live) State(ctx context.Context) (mon.State, error) { return mon.Query(ctx, l.Env) }

// Maintenance sets or removes the cluster option.
func (l Live) Maintenance(ctx context.Context, value *string) error {
	if value == nil {
		return l.cluster().DeleteOption(ctx, "maintenance-mode")
	}
	return l.cluster().SetOption(ctx, "maintenance-mode", *value)
}

// Replace exchanges the primitive with that id, wherever in the resources it stands.
func (l Live) Replace(ctx context.Context, primitive string) error {
	return l.cluster().Replace(ctx, "resources", primitive)
}

// Refresh deletes the history of this resource only, not of the group around it.
func (l Live) Refresh(ctx context.Context, resource string) error {
	return l.cluster().Refresh(ctx, resource)
}

// Wait returns when the cluster has nothing to do, after at most a minute.
func (l Live) Wait(ctx context.Context) error { return l.cluster().Settle(ctx, settling) }
