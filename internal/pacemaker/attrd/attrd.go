// SPDX-License-Identifier: Apache-2.0

// Package attrd sets node attributes through pacemaker's attribute manager, by its command attrd_updater(8).
//
// The command finds out by itself for which node it acts: from CRM_meta_on_node and, inside a bundle, from
// CRM_meta_container_attribute_target and CRM_meta_physical_host. So it must get the agent's environment unchanged.
package attrd

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"ocf-oci/internal/command"
)

// Updater runs attrd_updater. The zero value has no environment and no patience.
type Updater struct {
	Env []string // of the command: that of the agent, ocf.Request.Environ
	// Patience is for how long a failed update is repeated. pacemakerd restarts an attribute manager that has died
	// within about a second; without patience that would be a failed resource.
	Patience time.Duration
}

// pause between two tries.
const pause = 250 * time.Millisecond

// ErrMissing means that attrd_updater is not installed.
var ErrMissing = errors.New("attrd_updater is not installed")

// Set gives the attribute a value and a dampening delay ("5s") at once. An update that only named the value (-U) would
// lose the delay on pacemaker 2.1.5, and would create the attribute without one after a restart of the attribute
// manager. A value that is set again unchanged writes nothing to the cluster.
func (u Updater) Set(ctx context.Context, name, value, dampen string) error {
	return u.run(ctx, fmt.Sprintf("setting node attribute %s to %s", name, value), "-n", name, "-B", value, "-d", dampen)
}

// Delete removes the attribute; it is no error if there is none.
func (u Updater) Delete(ctx context.Context, name, dampen string) error {
	return u.run(ctx, "deleting node attribute "+name, "-D", "-n", name, "-d", dampen)
}

// Installed returns ErrMissing if there is no attrd_updater. It does not talk to the cluster.
func (u Updater) Installed(ctx context.Context) error {
	_, err := command.Run(ctx, command.Command{Name: "attrd_updater", Args: []string{"--version"}, Env: u.Env})
	if errors.Is(err, exec.ErrNotFound) {
		return ErrMissing
	}
	return nil
}

func (u Updater) run(ctx context.Context, what string, args ...string) error {
	giveUp := time.Now().Add(u.Patience)
	for {
		_, err := command.Run(ctx, command.Command{Name: "attrd_updater", Args: args, Env: u.Env})
		switch {
		case err == nil:
			return nil
		case errors.Is(err, exec.ErrNotFound):
			return fmt.Errorf("%s: %w", what, ErrMissing)
		case time.Now().Add(pause).After(giveUp):
			return fmt.Errorf("%s: %w", what, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", what, err)
		case <-time.After(pause):
		}
	}
}
