// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/ngcpha/audit"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/mon"
	"ocf-oci/internal/plainfile"
)

// configurationOf reads the CIB: the file of --cib, else the live cluster's. Without a cluster the exit code is 4.
func configurationOf(ctx context.Context, c *cli.Context) (*cib.CIB, error) {
	if file := c.String("cib"); file != "" {
		text, err := plainfile.ReadGiven(file, cib.Limit)
		if err != nil {
			return nil, fmt.Errorf("reading the CIB: %w", err)
		}
		config, err := cib.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		return config, nil
	}
	config, err := cib.Query(ctx, commandline.Environ(c))
	return config, clusterError(err)
}

// stateOf asks crm_mon what runs where, in the live cluster or by the file of --cib.
func stateOf(ctx context.Context, c *cli.Context) (mon.State, error) {
	s, err := mon.Query(ctx, pacemakerEnv(c))
	return s, clusterError(err)
}

// pacemakerEnv is the environment for pacemaker's commands, which read a file instead of the cluster if it says so.
func pacemakerEnv(c *cli.Context) []string {
	if file := c.String("cib"); file != "" {
		return append(commandline.Environ(c), "CIB_file="+file)
	}
	return commandline.Environ(c)
}

// clusterError gives the absence of a cluster, or of its answer, its exit code.
func clusterError(err error) error {
	if errors.Is(err, cib.ErrNoCluster) || errors.Is(err, cib.ErrNoAnswer) {
		return commandline.WithCode(exitNoCluster, err)
	}
	return err
}

// auditLog notes a change in syslog.
func auditLog(c *cli.Context, format string, args ...any) {
	if err := audit.Log(commandline.Environ(c), fmt.Sprintf(format, args...)); err != nil {
		fmt.Fprintf(c.App.ErrWriter, "ngcp-ha: %v\n", err)
	}
}
