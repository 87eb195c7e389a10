// SPDX-License-Identifier: Apache-2.0

package cib

import (
	"context"
	"errors"
	"fmt"
	"os/exec"

	"ocf-oci/internal/command"
)

// ErrNoCluster means that there is no pacemaker on this machine, or that it does not run.
var ErrNoCluster = errors.New("no cluster runs on this node")

// Exit codes of cibadmin that mean "nobody answers": ENOTCONN as such before pacemaker 2.0, CRM_EX_DISCONNECT
// (crm_exit_e in crm/common/results.h) since.
const (
	exitNotConnected = 107
	exitDisconnect   = 102
)

// limit bounds a CIB; the largest clusters stay below 10 MiB.
const limit = 64 << 20

// Query reads the live cluster's configuration, within ctx. The error wraps ErrNoCluster if there is none.
func Query(ctx context.Context, env []string) (*CIB, error) {
	out, err := command.Run(ctx, command.Command{Name: "cibadmin", Args: []string{"--query"}, Env: env, Limit: limit})
	switch {
	case errors.Is(err, exec.ErrNotFound), out.ExitCode == exitNotConnected, out.ExitCode == exitDisconnect:
		return nil, fmt.Errorf("%w: %w", ErrNoCluster, err)
	case err != nil:
		return nil, fmt.Errorf("reading the cluster's configuration: %w", err)
	case out.Truncated:
		return nil, fmt.Errorf("the cluster's configuration is larger than %d bytes", limit)
	}
	return Parse(out.Stdout)
}

// LocalNode returns the name by which the cluster knows this node. The error wraps ErrNoCluster if there is none.
func LocalNode(ctx context.Context, env []string) (string, error) {
	out, err := command.Run(ctx, command.Command{Name: "crm_node", Args: []string{"-n"}, Env: env})
	switch {
	case errors.Is(err, exec.ErrNotFound), out.ExitCode == exitNotConnected, out.ExitCode == exitDisconnect:
		return "", fmt.Errorf("%w: asking for this node's name: %w", ErrNoCluster, err)
	case err != nil:
		return "", fmt.Errorf("asking for this node's name: %w", err)
	}
	return firstLine(out.Stdout), nil
}
