// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/ngcpha/failcounts"
	"ocf-oci/internal/ngcpha/picture"
	"ocf-oci/internal/pacemaker/change"
)

func maintenanceCommand() *cli.Command {
	flags := []cli.Flag{commandline.JSONFlag(), timeoutFlag(time.Minute)}
	return &cli.Command{
		Name:  "maintenance",
		Usage: "keep the cluster from starting and stopping anything",
		Description: "In maintenance everything runs on, but nothing is started, stopped, restarted or monitored: for the whole cluster,\n" +
			"or for one resource, group or clone.\n\n" +
			"Exit codes: 0 done or already so, 1 unknown resource or failed, 4 no cluster, 64 usage.\n\n" +
			"Examples:\n" +
			"   ngcp-ha maintenance on\n" +
			"   ngcp-ha maintenance off\n" +
			"   ngcp-ha maintenance on g_ngcp\n" +
			"   ngcp-ha maintenance status --json",
		Subcommands: []*cli.Command{
			{Name: "on", Usage: "begin it", ArgsUsage: "[RESOURCE]", Flags: flags, Description: "Examples:\n   ngcp-ha maintenance on\n   ngcp-ha maintenance on g_ngcp",
				Action: func(c *cli.Context) error { return maintain(c, true) }},
			{Name: "off", Usage: "end it", ArgsUsage: "[RESOURCE]", Flags: flags, Description: "Examples:\n   ngcp-ha maintenance off\n   ngcp-ha maintenance off g_ngcp",
				Action: func(c *cli.Context) error { return maintain(c, false) }},
			{Name: "status", Usage: "what is in maintenance", Flags: append(flags, cibFlag()), Description: "Examples:\n   ngcp-ha maintenance status", Action: maintenanceStatus},
		},
	}
}

func maintain(c *cli.Context, on bool) error {
	if c.NArg() > 1 {
		return commandline.Usagef("maintenance %s: unexpected %q; see ngcp-ha maintenance --help", c.Command.Name, c.Args().Get(1))
	}
	ctx, cancel, err := bounded(c)
	if err != nil {
		return err
	}
	defer cancel()
	config, err := configurationOf(ctx, c)
	if err != nil {
		return err
	}
	cluster, what := change.Cluster{Env: commandline.Environ(c)}, "the cluster"
	if resource := c.Args().First(); resource != "" {
		if err := failcounts.CheckResource(config, resource); err != nil {
			return err
		}
		what = resource
		auditLog(c, "maintenance %s for %s", c.Command.Name, resource)
		if on {
			err = cluster.SetMeta(ctx, resource, "maintenance", "true")
		} else {
			err = cluster.DeleteMeta(ctx, resource, "maintenance")
		}
	} else {
		auditLog(c, "maintenance %s for the cluster", c.Command.Name)
		err = cluster.SetOption(ctx, "maintenance-mode", fmt.Sprint(on))
	}
	if err != nil {
		return clusterError(err)
	}
	return reportMaintenance(ctx, c, what)
}

// reportMaintenance says what is true now.
func reportMaintenance(ctx context.Context, c *cli.Context, what string) error {
	config, err := configurationOf(ctx, c)
	if err != nil {
		return err
	}
	m := picture.MaintenanceOf(config)
	if c.Bool("json") {
		return commandline.PrintJSON(c, m)
	}
	if what != "" {
		state := map[string]string{"on": "is in maintenance", "off": "is out of maintenance"}[c.Command.Name]
		fmt.Fprintf(c.App.Writer, "%s %s\n", what, state)
	}
	if what == "" {
		fmt.Fprintln(c.App.Writer, map[bool]string{true: "the cluster is in maintenance", false: "the cluster is not in maintenance"}[m.Cluster])
	}
	for _, n := range m.Nodes {
		if n != what {
			fmt.Fprintf(c.App.Writer, "node %s is in maintenance\n", n)
		}
	}
	for _, r := range m.Resources {
		if r != what {
			fmt.Fprintf(c.App.Writer, "resource %s is in maintenance\n", r)
		}
	}
	return nil
}

func maintenanceStatus(c *cli.Context) error {
	if err := commandline.NoArgs(c); err != nil {
		return err
	}
	ctx, cancel, err := bounded(c)
	if err != nil {
		return err
	}
	defer cancel()
	return reportMaintenance(ctx, c, "")
}
