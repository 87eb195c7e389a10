// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/ngcpha/activity"
)

func checkActiveCommand() *cli.Command {
	return &cli.Command{
		Name:  "check-active",
		Usage: "is this the active node? (classic name: ngcp-check-active)",
		Description: "Active is the node on which the whole group of shared addresses runs. Works under Heartbeat 2 as well. What\n" +
			"cannot be told within the time is unknown, which is never the same as standby.\n\n" +
			"Exit codes: 0 active, 1 standby, 2 transition, 3 unknown, 64 usage.\n\n" +
			"Examples:\n" +
			"   ngcp-ha check-active -q && run-the-nightly-job\n" +
			"   ngcp-ha check-active -v                prints active, standby, transition or unknown\n" +
			"   ngcp-ha check-active --json",
		Flags: []cli.Flag{
			commandline.JSONFlag(), vipsFlag(), timeoutFlag(2 * time.Second),
			&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "print nothing"},
			&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "print the answer as one word"},
		},
		Action: checkActive,
	}
}

// activityCodes are the exit codes; callers test for 0.
var activityCodes = map[activity.Activity]int{activity.Active: 0, activity.Standby: 1, activity.Transition: 2, activity.Unknown: 3}

func checkActive(c *cli.Context) error {
	if err := commandline.NoArgs(c); err != nil {
		return err
	}
	ctx, cancel, err := bounded(c)
	if err != nil {
		return err
	}
	defer cancel()
	s, err := settingsOf(c)
	verdict := activity.Verdict{Activity: activity.Unknown}
	if err == nil {
		verdict = activity.Here(ctx, commandline.Environ(c), s.Groups.VIPs)
	} else {
		verdict.Reason = err.Error()
	}
	switch {
	case c.Bool("json"):
		err = commandline.PrintJSON(c, map[string]string{"activity": string(verdict.Activity), "reason": verdict.Reason})
	case c.Bool("quiet"):
		err = nil
	case c.Bool("verbose"):
		_, err = fmt.Fprintln(c.App.Writer, verdict.Activity)
	default:
		_, err = fmt.Fprintf(c.App.Writer, "%s: %s\n", verdict.Activity, verdict.Reason)
	}
	if err != nil {
		return commandline.WithCode(activityCodes[activity.Unknown], err)
	}
	if verdict.Activity == activity.Unknown && !c.Bool("quiet") && c.Bool("verbose") {
		fmt.Fprintf(c.App.ErrWriter, "ngcp-ha: %s\n", verdict.Reason)
	}
	if code := activityCodes[verdict.Activity]; code != 0 {
		return commandline.Exit(code)
	}
	return nil
}
