// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/lab/region/control"
)

func regionCommands() []*cli.Command {
	return []*cli.Command{
		{
			Name: "fault", Category: "region", Usage: "make the region misbehave",
			Description: "A fault strikes requests to one operation of the API or to a service, from every node or from one, always, a\n" +
				"number of times or for a while. status and calls tell what it struck.\n\n" +
				"EXAMPLES:\n   ocf-lab fault set api status 500 --for 10s\n   ocf-lab fault list\n   ocf-lab fault clear",
			Subcommands: []*cli.Command{
				{
					Name: "set", Usage: "set a fault", ArgsUsage: "TARGET KIND [VALUE]",
					Description: "TARGET  an API operation (UpdatePrivateIp), or a service: api (every operation), auth, imds, or all of them\n" +
						"KIND    latency D         added before the request is read\n" +
						"        status CODE       answered at once, such as 429, 500 or 409:IncorrectState\n" +
						"        hang              never answered\n" +
						"        slow [D]          carried out, the body comes one byte every D\n" +
						"        reset             connection reset before the request is carried out\n" +
						"        refuse            connections are refused; TARGET is a service (api, auth, imds) or all\n" +
						"        truncate          carried out, half of the body comes\n" +
						"        lost-response     carried out, then the connection is reset\n" +
						"        stale [D]         reads show the state of D ago, or before the last write\n" +
						"        expired-token     session tokens issued so far are refused\n" +
						"        clock-skew D      the region's clock is ahead by D (may be negative)\n\n" +
						"EXAMPLES:\n" +
						"   ocf-lab fault set UpdatePrivateIp status 429 --count 3\n" +
						"   ocf-lab fault set all latency 2s --for 30s\n" +
						"   ocf-lab fault set api refuse --node vrouter2",
					Flags: []cli.Flag{
						nameFlag(),
						&cli.StringFlag{Name: "node", Usage: "only for calls from `NODE`"},
						&cli.IntFlag{Name: "count", Usage: "strike `K` times, then stop"},
						&cli.DurationFlag{Name: "for", Usage: "last for `D`"},
					},
					Action: faultSet,
				},
				{
					Name: "list", Usage: "show the faults that are set", Description: "EXAMPLE:\n   ocf-lab fault list",
					Flags: []cli.Flag{nameFlag(), jsonFlag()}, Action: faultList,
				},
				{
					Name: "clear", Usage: "clear all faults, or one", ArgsUsage: "[ID]", Description: "EXAMPLES:\n   ocf-lab fault clear\n   ocf-lab fault clear 2",
					Flags: []cli.Flag{nameFlag()}, Action: faultClear,
				},
			},
		},
		{
			Name: "policy", Category: "region", Usage: "IAM statements that decide who may do what",
			Description: "A new lab allows its nodes what a floating address needs, and no more.\n\n" +
				"EXAMPLES:\n   ocf-lab policy show >policy.txt\n   ocf-lab policy set policy.txt",
			Subcommands: []*cli.Command{
				{
					Name: "set", Usage: "replace the policy", ArgsUsage: "FILE",
					Description: "FILE holds one statement a line; - is standard input.\n\nEXAMPLE:\n" +
						"   ocf-lab policy show | grep -v 'use vnics' | ocf-lab policy set -",
					Flags: []cli.Flag{nameFlag()}, Action: policySet,
				},
				{Name: "show", Usage: "print the policy", Description: "EXAMPLE:\n   ocf-lab policy show", Flags: []cli.Flag{nameFlag()}, Action: policyShow},
			},
		},
		{
			Name: "limit", Category: "region", Usage: "limit the API's requests a second", ArgsUsage: "N | off",
			Description: "Above N requests a second the API answers 429.\n\nEXAMPLES:\n   ocf-lab limit 5\n   ocf-lab limit off",
			Flags:       []cli.Flag{nameFlag()}, Action: limit,
		},
	}
}

func faultSet(c *cli.Context) error {
	args, err := arguments(c)
	if err != nil {
		return err
	}
	if len(args) < 2 || len(args) > 3 {
		return commandline.Usagef("fault set: give TARGET KIND [VALUE], such as UpdatePrivateIp status 429; see ocf-lab fault set --help")
	}
	l, err := open(c)
	if err != nil {
		return err
	}
	f := control.Fault{
		Target: args[0], Kind: args[1], Node: c.String("node"), Count: c.Int("count"), For: control.Duration(c.Duration("for")),
	}
	if len(args) == 3 {
		f.Value = args[2]
	}
	set, err := l.Region().SetFault(c.Context, f)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.App.Writer, "fault %d: %s\n", set.ID, describe(set))
	return nil
}

// describe writes a fault as it would be set.
func describe(f control.Fault) string {
	s := f.Target + " " + f.Kind
	if f.Value != "" {
		s += " " + f.Value
	}
	if f.Node != "" {
		s += " --node " + f.Node
	}
	if f.Count != 0 {
		s += fmt.Sprintf(" --count %d", f.Count)
	}
	if f.For != 0 {
		s += " --for " + time.Duration(f.For).String()
	}
	return s
}

func faultList(c *cli.Context) error {
	if err := noArgs(c); err != nil {
		return err
	}
	l, err := open(c)
	if err != nil {
		return err
	}
	faults, err := l.Region().Faults(c.Context)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c, faults)
	}
	if len(faults) == 0 {
		fmt.Fprintln(c.App.Writer, "no faults")
		return nil
	}
	w := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tHITS\tFAULT")
	for _, f := range faults {
		fmt.Fprintf(w, "%d\t%d\t%s\n", f.ID, f.Hits, describe(f))
	}
	return w.Flush()
}

func faultClear(c *cli.Context) error {
	args, err := arguments(c)
	if err != nil {
		return err
	}
	id := 0
	if len(args) > 0 {
		if id, err = strconv.Atoi(args[0]); err != nil || id < 1 || len(args) > 1 {
			return commandline.Usagef("fault clear: %q is not the number of a fault; see ocf-lab fault list", strings.Join(args, " "))
		}
	}
	l, err := open(c)
	if err != nil {
		return err
	}
	n, err := l.Region().ClearFaults(c.Context, id)
	if err != nil {
		return err
	}
	if n == 0 && id != 0 {
		return fmt.Errorf("there is no fault %d", id)
	}
	fmt.Fprintf(c.App.Writer, "%d cleared\n", n)
	return nil
}

func policySet(c *cli.Context) error {
	args, err := arguments(c)
	if err != nil {
		return err
	}
	if len(args) != 1 {
		return commandline.Usagef("policy set: give one FILE, or - for standard input")
	}
	var text []byte
	if args[0] == "-" {
		text, err = io.ReadAll(c.App.Reader)
	} else {
		text, err = os.ReadFile(args[0])
	}
	if err != nil {
		return fmt.Errorf("read the policy: %w", err)
	}
	l, err := open(c)
	if err != nil {
		return err
	}
	if err := l.Region().SetPolicy(c.Context, string(text)); err != nil {
		return err
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		if strings.TrimSpace(line) != "" {
			n++
		}
	}
	fmt.Fprintf(c.App.Writer, "policy replaced: %d lines\n", n)
	return nil
}

func policyShow(c *cli.Context) error {
	if err := noArgs(c); err != nil {
		return err
	}
	l, err := open(c)
	if err != nil {
		return err
	}
	text, err := l.Region().Policy(c.Context)
	if err != nil {
		return err
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	_, err = io.WriteString(c.App.Writer, text)
	return err
}

func limit(c *cli.Context) error {
	args, err := arguments(c)
	if err != nil {
		return err
	}
	n := 0
	if len(args) != 1 {
		return commandline.Usagef("limit: give a number of requests a second, or off")
	}
	if args[0] != "off" {
		if n, err = strconv.Atoi(args[0]); err != nil || n < 1 {
			return commandline.Usagef("limit: %q is neither a positive number nor off", args[0])
		}
	}
	l, err := open(c)
	if err != nil {
		return err
	}
	if err := l.Region().Change(c.Context, control.Settings{Limit: &n}); err != nil {
		return err
	}
	if n == 0 {
		fmt.Fprintln(c.App.Writer, "no limit")
		return nil
	}
	fmt.Fprintf(c.App.Writer, "limit: %d requests a second\n", n)
	return nil
}
