// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/ngcpha/failcounts"
	"ocf-oci/internal/pacemaker/change"
)

func failcountsCommand() *cli.Command {
	return &cli.Command{
		Name:      "failcounts",
		Usage:     "how often each resource failed on each node (classic name: ngcp-ha-show-failcounts)",
		ArgsUsage: "[RESOURCE...]",
		Description: "Without options: every resource that runs once, in the order of the configuration, in the handbook's format. A\n" +
			"group or clone by name is the sum of its members. --all shows clones too, and for each count the operation, the\n" +
			"last failure, when it expires, and where the resource may not run because of it.\n\n" +
			"Exit codes: 0 shown, 1 unknown name or failed, 4 no cluster, 64 usage.\n\n" +
			"Examples:\n" +
			"   ngcp-ha failcounts\n" +
			"   ngcp-ha failcounts --all p_monit_services\n" +
			"   ngcp-ha failcounts g_vips --node sp2 --raw      the line of crm_failcount\n" +
			"   ngcp-ha failcounts --json | jq '.resources[] | select(any(.nodes[]; .banned)).resource'\n" +
			"   ngcp-ha failcounts clear                        forget all failures",
		Flags: []cli.Flag{
			commandline.JSONFlag(), cibFlag(), timeoutFlag(30 * time.Second),
			&cli.BoolFlag{Name: "all", Usage: "clones too, with all that is known of each count"},
			&cli.BoolFlag{Name: "raw", Usage: "print the lines that crm_failcount prints"},
			&cli.StringFlag{Name: "node", Usage: "only on `NODE`"},
		},
		Action:      showFailcounts,
		Subcommands: []*cli.Command{clearCommand()},
	}
}

func showFailcounts(c *cli.Context) error {
	ctx, cancel, err := bounded(c)
	if err != nil {
		return err
	}
	defer cancel()
	config, err := configurationOf(ctx, c)
	if err != nil {
		return err
	}
	details := c.Bool("all")
	report, err := failcounts.Collect(config, c.Args().Slice(), c.String("node"), details || c.Bool("json"), time.Now())
	if err != nil {
		return err
	}
	switch {
	case c.Bool("json"):
		return commandline.PrintJSON(c, report)
	case c.Bool("raw"):
		report.WriteRaw(c.App.Writer)
	default:
		report.Write(c.App.Writer, details)
	}
	return nil
}

func clearCommand() *cli.Command {
	return &cli.Command{
		Name:      "clear",
		Usage:     "forget failures (classic name: ngcp-ha-clear-failcounts)",
		ArgsUsage: "[RESOURCE...]",
		Description: "Forgets all failures, or those of resources (a group or clone stands for its members) or of one node, and\n" +
			"returns when their counts read 0. Resources that were not allowed to run somewhere may run there again.\n\n" +
			"Exit codes: 0 done or nothing to do, 1 unknown name or failed, 4 no cluster, 64 usage.\n\n" +
			"Examples:\n" +
			"   ngcp-ha failcounts clear\n" +
			"   ngcp-ha failcounts clear g_ngcp --node sp2\n" +
			"   ngcp-ha failcounts clear --dry-run",
		Flags: []cli.Flag{
			commandline.JSONFlag(), timeoutFlag(60 * time.Second),
			&cli.StringFlag{Name: "node", Usage: "only on `NODE`"},
			&cli.BoolFlag{Name: "dry-run", Usage: "only say what would be cleared"},
		},
		Action: clearFailcounts,
	}
}

func clearFailcounts(c *cli.Context) error {
	ctx, cancel, err := bounded(c)
	if err != nil {
		return err
	}
	defer cancel()
	pairs, err := toClear(ctx, c, c.Args().Slice(), c.String("node"))
	if err != nil {
		return err
	}
	if c.Bool("dry-run") {
		return printCleared(c, "Would clean up", pairs)
	}
	cluster := change.Cluster{Env: commandline.Environ(c)}
	var failed []error
	var done []failcounts.Pair
	for _, p := range pairs {
		auditLog(c, "clean up the failures of %s on %s", p.Resource, p.Node)
		if err := cleanUp(ctx, c, cluster, p); err != nil {
			failed = append(failed, clusterError(err))
			continue
		}
		done = append(done, p)
	}
	if err := zero(ctx, c, done); err != nil {
		failed = append(failed, err)
	} else if err := printCleared(c, "Cleaned up", done); err != nil {
		return err
	}
	return errors.Join(failed...)
}

// cleanUp forgets the failures of a pair, those of a resource that has been removed meanwhile too.
func cleanUp(ctx context.Context, c *cli.Context, cluster change.Cluster, p failcounts.Pair) error {
	err := cluster.CleanUp(ctx, p.Resource, p.Node)
	if !errors.Is(err, change.ErrNothing) {
		return err
	}
	config, err := configurationOf(ctx, c)
	if err != nil {
		return err
	}
	for _, name := range failcounts.Attributes(config, p) {
		if err := cluster.DeleteNodeAttribute(ctx, p.Node, name, change.Reboot); err != nil {
			return err
		}
	}
	return nil
}

// zero waits until the pairs have no failure any more. One that fails again at once never will.
func zero(ctx context.Context, c *cli.Context, pairs []failcounts.Pair) error {
	for tries := 0; len(pairs) > 0; tries++ {
		again, err := toClear(ctx, c, nil, "")
		if err != nil && ctx.Err() == nil {
			return err
		}
		var left []string
		for _, p := range pairs {
			if err != nil || slices.Contains(again, p) {
				left = append(left, p.Resource+" on "+p.Node)
			}
		}
		if len(left) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the failures of %s were cleared, but are back or still there (%w); look at: ngcp-ha failcounts --all", strings.Join(left, ", "), context.Cause(ctx))
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}

// toClear asks the cluster what there is to clear.
func toClear(ctx context.Context, c *cli.Context, names []string, node string) ([]failcounts.Pair, error) {
	config, err := configurationOf(ctx, c)
	if err != nil {
		return nil, err
	}
	state, err := stateOf(ctx, c)
	if err != nil {
		return nil, err
	}
	return failcounts.ToClear(config, state.Failures, names, node)
}

func printCleared(c *cli.Context, verb string, pairs []failcounts.Pair) error {
	if c.Bool("json") {
		if pairs == nil {
			pairs = []failcounts.Pair{}
		}
		return commandline.PrintJSON(c, map[string]any{"cleared": pairs, "dry_run": c.Bool("dry-run")})
	}
	for _, p := range pairs {
		fmt.Fprintf(c.App.Writer, "%s %s on %s\n", verb, p.Resource, p.Node)
	}
	if len(pairs) == 0 {
		fmt.Fprintln(c.App.ErrWriter, "ngcp-ha: no failures to clear")
	}
	return nil
}
