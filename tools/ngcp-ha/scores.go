// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/ngcpha/scores"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/simulate"
	"ocf-oci/internal/plainfile"
)

func scoresCommand() *cli.Command {
	return &cli.Command{
		Name:  "scores",
		Usage: "who would run where, and why",
		Description: "The scheduler's scores of each resource on each node, and what contributes to them. > marks where it would run,\n" +
			"* where it runs. The highest score wins; a negative one never does; INFINITY is a million. Needs pacemaker 2.1.\n\n" +
			"Exit codes: 0 shown, 1 failed, 4 no cluster, 64 usage.\n\n" +
			"Examples:\n" +
			"   ngcp-ha scores\n" +
			"   ngcp-ha scores --all                    clones too\n" +
			"   ngcp-ha scores --json | jq '.[] | select(.would_run != .running)'",
		Flags:  []cli.Flag{commandline.JSONFlag(), cibFlag(), timeoutFlag(30 * time.Second), &cli.BoolFlag{Name: "all", Usage: "clones too"}},
		Action: showScores,
	}
}

func showScores(c *cli.Context) error {
	if err := commandline.NoArgs(c); err != nil {
		return err
	}
	ctx, cancel, err := bounded(c)
	if err != nil {
		return err
	}
	defer cancel()
	raw, err := rawConfiguration(ctx, c)
	if err != nil {
		return err
	}
	config, err := cib.Parse(raw)
	if err != nil {
		return err
	}
	state, err := stateOf(ctx, c)
	if err != nil {
		return err
	}
	result, err := simulate.Run(ctx, commandline.Environ(c), raw)
	if err != nil {
		return err
	}
	rows, err := scores.Table(config, state, result, c.Bool("all"), time.Now())
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return commandline.PrintJSON(c, rows)
	}
	w := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', 0)
	before := ""
	for _, r := range rows {
		name, mark := r.Resource, ""
		if name == before {
			name = ""
		}
		before = r.Resource
		if r.Running {
			mark = "*"
		}
		if r.Would {
			mark = ">" + mark
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", name, mark, r.Node, r.Score, strings.Join(r.Why, "; "))
	}
	return w.Flush()
}

// rawConfiguration is the CIB as text: the file of --cib, else the live cluster's.
func rawConfiguration(ctx context.Context, c *cli.Context) ([]byte, error) {
	if file := c.String("cib"); file != "" {
		text, err := plainfile.ReadGiven(file, cib.Limit)
		if err != nil {
			return nil, fmt.Errorf("reading the CIB: %w", err)
		}
		return text, nil
	}
	text, err := cib.Document(ctx, commandline.Environ(c))
	return text, clusterError(err)
}
