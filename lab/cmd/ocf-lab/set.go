// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/lab/region/control"
)

func setCommand() *cli.Command {
	return &cli.Command{
		Name: "set", Category: "region", Usage: "change the region's latency or propagation", ArgsUsage: "latency D | propagation D",
		Description: "latency      D until the API answers; 0 is at once\n" +
			"propagation  D until the network follows the API's answer; changes that are under way keep theirs\n\n" +
			"They begin as up --latency and --propagation say; status shows them.\n\n" +
			"EXAMPLES:\n   ocf-lab set latency 300ms\n   ocf-lab set propagation 2s\n   ocf-lab set latency 0",
		Flags: []cli.Flag{nameFlag()}, Action: change,
	}
}

func change(c *cli.Context) error {
	args, err := arguments(c)
	if err != nil {
		return err
	}
	if len(args) != 2 {
		return commandline.Usagef("set: give latency D or propagation D, such as latency 300ms")
	}
	d, err := control.ParseDuration(args[1])
	if err != nil {
		return commandline.Usagef("set: %w", err)
	}
	if d < 0 {
		return commandline.Usagef("set: %s %s must not be negative", args[0], args[1])
	}
	var s control.Settings
	switch value := control.Duration(d); args[0] {
	case "latency":
		s.Latency = &value
	case "propagation":
		s.Propagation = &value
	default:
		return commandline.Usagef("set: %q is neither latency nor propagation", args[0])
	}
	l, err := open(c)
	if err != nil {
		return err
	}
	if err := l.Region().Change(c.Context, s); err != nil {
		return err
	}
	fmt.Fprintf(c.App.Writer, "%s %s\n", args[0], time.Duration(d))
	return nil
}
