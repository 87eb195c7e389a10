// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/sys/unix"

	"ocf-oci/internal/commandline"
	"ocf-oci/lab"
)

func machineCommands() []*cli.Command {
	list := []*cli.Command{
		{
			Name: "exec", Category: "machines", Usage: "run a command in a node or host", ArgsUsage: "NODE -- CMD...",
			Description: "Runs as root with the environment of a fresh login. Input, output and exit status are the command's own.\n\n" +
				"EXAMPLES:\n" +
				"   ocf-lab exec vrouter1 -- pcs status\n" +
				"   ocf-lab exec isv -- ping -c 3 10.0.0.100\n" +
				"   ocf-lab exec vrouter2 -- bash",
			Flags:  []cli.Flag{nameFlag()},
			Action: execute,
		},
	}
	for _, m := range []struct {
		name, usage, doing, did, description string
		do                                   func(*lab.Lab, context.Context, ...string) error
	}{
		{"crash", "take the power of nodes away", "crashing", "crashed", "All processes die at once and the network cards go. What was on disk is kept for boot.", (*lab.Lab).Crash},
		{"boot", "boot nodes that are down", "booting", "booted", "Returns when they are up. Enabled services (pcsd, and the cluster unless --no-cluster) start with them.", (*lab.Lab).Boot},
		{"cut", "pull the network cables of nodes", "cutting", "cut off", "They keep running and keep their addresses.", (*lab.Lab).Cut},
		{"join", "plug the network cables of nodes in again", "joining", "joined", "", (*lab.Lab).Join},
		{"freeze", "stop every process of nodes", "freezing", "froze", "As a virtual machine that its host does not schedule. The kernel still answers pings.", (*lab.Lab).Freeze},
		{"thaw", "continue frozen nodes", "thawing", "thawed", "", (*lab.Lab).Thaw},
	} {
		list = append(list, &cli.Command{
			Name: m.name, Category: "machines", Usage: m.usage, ArgsUsage: "NODE...",
			Description: strings.TrimSpace(m.description + "\n\nEXAMPLE:\n   ocf-lab " + m.name + " vrouter1"),
			Flags:       []cli.Flag{nameFlag()},
			Action: func(c *cli.Context) error {
				nodes, err := arguments(c)
				if err != nil {
					return err
				}
				if len(nodes) == 0 {
					return commandline.Usagef("%s: which node? See ocf-lab %[1]s --help", m.name)
				}
				l, err := open(c)
				if err != nil {
					return err
				}
				done := patience(c, m.doing+" "+strings.Join(nodes, " "))
				err = m.do(l, c.Context, nodes...)
				done()
				if err == nil {
					fmt.Fprintln(c.App.Writer, m.did, strings.Join(nodes, ", "))
				}
				return err
			},
		})
	}
	return append(list,
		&cli.Command{
			Name: "partition", Category: "machines", Usage: "part nodes from other nodes", ArgsUsage: "NODES NODES",
			Description: "Nothing passes between the two sides; both still reach the cloud's API and the hosts. NODES are names with\n" +
				"commas between them.\n\nEXAMPLE:\n   ocf-lab partition vrouter1 vrouter2,vrouter3",
			Flags: []cli.Flag{nameFlag()},
			Action: func(c *cli.Context) error {
				sides, err := arguments(c)
				if err != nil {
					return err
				}
				if len(sides) != 2 {
					return commandline.Usagef("partition: give two sides, such as vrouter1 vrouter2,vrouter3; see ocf-lab partition --help")
				}
				l, err := open(c)
				if err != nil {
					return err
				}
				err = l.Partition(c.Context, strings.Split(sides[0], ","), strings.Split(sides[1], ","))
				if errors.Is(err, lab.ErrOptions) {
					return commandline.Usagef("%w", err)
				}
				if err == nil {
					fmt.Fprintf(c.App.Writer, "parted %s from %s\n", sides[0], sides[1])
				}
				return err
			},
		},
		&cli.Command{
			Name: "heal", Category: "machines", Usage: "end all partitions",
			Description: "EXAMPLE:\n   ocf-lab heal",
			Flags:       []cli.Flag{nameFlag()},
			Action: func(c *cli.Context) error {
				if err := noArgs(c); err != nil {
					return err
				}
				l, err := open(c)
				if err != nil {
					return err
				}
				if err := l.Heal(c.Context); err != nil {
					return err
				}
				fmt.Fprintln(c.App.Writer, "healed: nothing is parted")
				return nil
			},
		})
}

func execute(c *cli.Context) error {
	argv := c.Args().Tail()
	if len(argv) > 0 && argv[0] == "--" {
		argv = argv[1:]
	}
	if len(argv) == 0 {
		return commandline.Usagef("exec: give a node and a command, such as exec vrouter1 -- pcs status")
	}
	l, err := open(c)
	if err != nil {
		return err
	}
	run, ctx := l.Command, c.Context
	if isTerminal(os.Stdin) {
		// Ctrl-C is for the command, which gets it from the terminal itself.
		run, ctx = l.Terminal, context.WithoutCancel(ctx)
	}
	cmd, err := run(ctx, c.Args().First(), argv...)
	if err != nil {
		return err
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.App.Reader, c.App.Writer, c.App.ErrWriter
	err = cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return commandError{exit}
	}
	return err
}

func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}
