// SPDX-License-Identifier: Apache-2.0

package main

import (
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/ngcpha/takeover"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/mon"
)

const handOverHelp = "Sets a location constraint on the group of shared addresses that ends by itself, waits until addresses and\n" +
	"services run on the other node and nowhere else, keeps the constraint alive while services still stop, and\n" +
	"removes it, also when interrupted. Only running resources move; the nodes stay as they are, and may take over again\n" +
	"at once. Refuses, with the reason and the remedy, if the cluster could not or should not do it.\n\n" +
	"Exit codes: 0 done or already so, 1 failed or interrupted, 2 refused, 3 timed out, 4 no cluster, 64 usage.\n\n" +
	"Examples:\n"

func activeCommand() *cli.Command {
	return &cli.Command{
		Name:  "active",
		Usage: "take over the shared addresses and services (classic name: ngcp-make-active)",
		Description: handOverHelp +
			"   ngcp-ha active\n" +
			"   ngcp-ha active --dry-run            what the cluster would do\n" +
			"   ngcp-ha active --node sp2           make another node the active one\n" +
			"   ngcp-ha active --force --timeout 10m",
		Flags: handOverFlags("the `NODE` that becomes active (default: this one)"),
		Action: func(c *cli.Context) error {
			return handOver(c, func(config *cib.CIB, s mon.State, g takeover.Groups, node string) (takeover.Goal, bool, error) {
				goal, err := takeover.ToActive(config, s, g, node)
				return goal, err == nil && takeover.Judge(config, s, goal, nil, time.Now()).Done, err
			})
		},
	}
}

func standbyCommand() *cli.Command {
	return &cli.Command{
		Name:  "standby",
		Usage: "hand the shared addresses and services over to the peer (classic name: ngcp-make-standby)",
		Description: handOverHelp +
			"   ngcp-ha standby\n" +
			"   ngcp-ha standby --node sp1          from anywhere: sp1 shall hand over\n" +
			"   ngcp-ha standby --json | jq .duration_ms",
		Flags: handOverFlags("the `NODE` that hands over (default: this one)"),
		Action: func(c *cli.Context) error {
			return handOver(c, func(config *cib.CIB, s mon.State, g takeover.Groups, node string) (takeover.Goal, bool, error) {
				goal, err := takeover.ToStandby(config, s, g, node)
				return goal, err == nil && !goal.Holds(s, node), err
			})
		},
	}
}

func handOverFlags(node string) []cli.Flag {
	return []cli.Flag{
		commandline.JSONFlag(), vipsFlag(), servicesFlag(), timeoutFlag(5 * time.Minute),
		&cli.StringFlag{Name: "node", Usage: node},
		&cli.StringFlag{Name: "lifetime", Usage: "`TIME` after which the constraint ends unless it is extended: 30, 30s, 2min, PT30S", Value: "30"},
		&cli.BoolFlag{Name: "force", Usage: "in spite of objections; what earlier moves and bans left behind is removed"},
		&cli.BoolFlag{Name: "no-wait", Usage: "return once the constraint is set; it then ends by itself"},
		&cli.BoolFlag{Name: "dry-run", Usage: "only say what would be done, and what the cluster would do"},
	}
}
