// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/version"
	"ocf-oci/lab"
)

// run is the command; it returns the exit code.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	app := &cli.App{
		Name:  "ocf-lab",
		Usage: "a pacemaker cluster in a simulated cloud region, on this machine",
		Description: "Brings up nodes with a real systemd, corosync, pacemaker and pcs, a network between them in which a\n" +
			"control plane decides who owns an address, and the cloud API that moves it. Faults are commands.\n" +
			"Needs root. Everything of a lab carries its name; down leaves nothing behind.\n\n" +
			"EXAMPLES:\n" +
			"   ocf-lab up\n" +
			"   ocf-lab exec vrouter1 -- pcs resource create Cluster_VIP ocf:oci:IPaddr2 ip=10.0.0.100 cidr_netmask=24\n" +
			"   ocf-lab status\n" +
			"   ocf-lab crash vrouter1\n" +
			"   ocf-lab down",
		Reader: stdin, Writer: stdout, ErrWriter: stderr,
		Version:        version.String(),
		ExitErrHandler: func(*cli.Context, error) {}, // codes are decided below
		OnUsageError:   func(_ *cli.Context, err error, _ bool) error { return commandline.Usagef("%w", err) },
		CommandNotFound: func(c *cli.Context, name string) {
			fmt.Fprintf(stderr, "ocf-lab: no command %q; see ocf-lab --help\n", name)
		},
		Commands: commands(),
	}
	for _, c := range app.Commands {
		refuseUnknown(c)
	}
	app.Action = func(c *cli.Context) error {
		if c.Args().Present() {
			return commandline.Usagef("no command %q; see ocf-lab --help", c.Args().First())
		}
		return cli.ShowAppHelp(c)
	}
	return exitCode(app.RunContext(ctx, args), stderr)
}

// commandError is the end of the command of "exec", which has said itself what was wrong: its exit status is ours. No
// other program's is.
type commandError struct{ *exec.ExitError }

func exitCode(err error, stderr io.Writer) int {
	var exit commandError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return 128 + int(status.Signal())
		}
		return exit.ExitCode()
	}
	fmt.Fprintf(stderr, "ocf-lab: %v\n", err)
	return commandline.Code(err)
}

// refuseUnknown makes usage errors of the flags of a command and its subcommands.
func refuseUnknown(c *cli.Command) {
	c.OnUsageError = func(ctx *cli.Context, err error, _ bool) error {
		return commandline.Usagef("%s: %w; see ocf-lab %s --help", c.Name, flagError(c, err), c.Name)
	}
	for _, s := range c.Subcommands {
		refuseUnknown(s)
	}
	if len(c.Subcommands) > 0 && c.Action == nil {
		c.Action = func(ctx *cli.Context) error {
			if ctx.Args().Present() {
				return commandline.Usagef("%s: no command %q; see ocf-lab %s --help", c.Name, ctx.Args().First(), c.Name)
			}
			return commandline.Usagef("%s: which command? See ocf-lab %s --help", c.Name, c.Name)
		}
	}
}

func commands() []*cli.Command {
	all := [][]*cli.Command{lifeCommands(), machineCommands(), regionCommands(), {setCommand()}, viewCommands(), probeCommands(), {demoCommand(), serveCommand()}}
	var list []*cli.Command
	for _, c := range all {
		list = append(list, c...)
	}
	return list
}

// nameFlag is --name of every command.
func nameFlag() cli.Flag {
	return &cli.StringFlag{Name: "name", Usage: "the lab's `NAME` (default: the only lab that is up)", EnvVars: []string{"OCF_LAB_NAME"}}
}

func jsonFlag() cli.Flag {
	return &cli.BoolFlag{Name: "json", Usage: "print JSON (schema: lab/schema)"}
}

// needsRoot refuses others: they see nothing of a lab.
func needsRoot(c *cli.Context) error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("%s needs root: run it with sudo", c.Command.Name)
	}
	return nil
}

// open finds the lab that a command is for.
func open(c *cli.Context) (*lab.Lab, error) {
	name, err := labName(c)
	if err != nil {
		return nil, err
	}
	return lab.Open(name)
}

func labName(c *cli.Context) (string, error) {
	if err := needsRoot(c); err != nil {
		return "", err
	}
	if name := c.String("name"); name != "" {
		return name, nil
	}
	labs, err := lab.List()
	if err != nil {
		return "", err
	}
	return choose(labs)
}

// choose takes the only lab there is. One that is alive goes before dead ones, which the next up removes.
func choose(labs []lab.Info) (string, error) {
	var names, alive []string
	for _, l := range labs {
		names = append(names, l.Name)
		if l.State != "stale" {
			alive = append(alive, l.Name)
		}
	}
	if len(alive) > 0 {
		names = alive
	}
	switch {
	case len(names) == 1:
		return names[0], nil
	case len(alive) > 1:
		return "", commandline.Usagef("several labs are up (%s): choose one with --name", strings.Join(alive, ", "))
	case len(names) > 1:
		return "", commandline.Usagef("several labs are dead (%s): choose one with --name", strings.Join(names, ", "))
	}
	return "", errors.New("no lab is up: bring one up with ocf-lab up")
}

func printJSON(c *cli.Context, v any) error {
	enc := json.NewEncoder(c.App.Writer)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}
