// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/ngcpha/activity"
	"ocf-oci/internal/ngcpha/services"
	"ocf-oci/internal/ngcpha/settings"
	"ocf-oci/internal/pacemaker/cib"
)

func servicesCommand() *cli.Command {
	return &cli.Command{
		Name:  "services",
		Usage: "every service of the HA group on this node, with its state",
		Description: "As ocf:ngcp:monit-services sees them, with the parameters of the cluster's resource. Good is a service that runs on\n" +
			"the active node, and one that does not on the standby node; --expect up or down says otherwise.\n\n" +
			"Exit codes: 0 all are good, 1 some are not, or it cannot be told, 64 usage.\n\n" +
			"Examples:\n" +
			"   ngcp-ha services\n" +
			"   ngcp-ha services --expect up --json | jq -r '.services[] | select(.good | not).name'",
		Flags: []cli.Flag{
			commandline.JSONFlag(), timeoutFlag(20 * time.Second), vipsFlag(),
			&cli.StringFlag{Name: "group", Usage: "the services' `GROUP` (default: as the resource says, else ha)"},
			&cli.StringFlag{Name: "expect", Usage: "what is good: up, down, or auto by what the node is", Value: "auto"},
		},
		Action: showServices,
	}
}

func showServices(c *cli.Context) error {
	if err := commandline.NoArgs(c); err != nil {
		return err
	}
	ctx, cancel, err := bounded(c)
	if err != nil {
		return err
	}
	defer cancel()
	s, err := settingsOf(c)
	if err != nil {
		return err
	}
	expect := services.Life(c.String("expect"))
	switch expect {
	case services.Up, services.Down:
	case "auto":
		expect = services.Up
		if activity.Here(ctx, commandline.Environ(c), s.Groups.VIPs).Activity == activity.Standby {
			expect = services.Down
		}
	default:
		return commandline.Usagef("services: --expect is up, down or auto, not %q", expect)
	}
	params, err := serviceParams(ctx, c, s)
	if err != nil {
		return err
	}
	r, err := services.List(ctx, commandline.Environ(c), params)
	if err != nil {
		return err
	}
	r.Judge(expect)
	if err := printServices(c, r); err != nil {
		return err
	}
	if !r.Good {
		return commandline.Exit(commandline.Failed)
	}
	return nil
}

// serviceParams are those of the cluster's resource, as far as there is a cluster.
func serviceParams(ctx context.Context, c *cli.Context, s settings.Settings) (map[string]string, error) {
	params := map[string]string{}
	config, err := cib.Query(ctx, commandline.Environ(c))
	switch {
	case errors.Is(err, cib.ErrNoCluster):
	case err != nil:
		return nil, err
	default:
		if p, ok := config.Primitive(s.ServicesResource); ok {
			maps.Copy(params, p.Params)
		}
	}
	if g := c.String("group"); g != "" {
		params["group"] = g
	}
	return params, nil
}

func printServices(c *cli.Context, r services.Report) error {
	if c.Bool("json") {
		return commandline.PrintJSON(c, r)
	}
	w := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', 0)
	for _, one := range r.Services {
		mark, pid := "", ""
		if !one.Good {
			mark = "!!"
		}
		if one.PID > 0 {
			pid = fmt.Sprintf("process %d", one.PID)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", one.Name, one.Life, one.State, pid, mark)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	verdict := "all good"
	if !r.Good {
		verdict = "NOT GOOD"
	}
	_, err := fmt.Fprintf(c.App.Writer, "group %s of %s, expected %s here: %s\n", r.Group, r.Supervisor, r.Expect, verdict)
	return err
}
