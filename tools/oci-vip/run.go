// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/output"
	"ocf-oci/internal/version"
)

// Exit codes of all commands; check has more.
const (
	exitFailed = 1
	exitUsage  = 64 // EX_USAGE of sysexits.h
)

// usageError is a wrong command line.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// exitError ends the command with a code; everything has been said.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// environKey is where commands find the environment.
const environKey = "environ"

func environ(c *cli.Context) []string { return c.App.Metadata[environKey].([]string) }

// run is the command; it returns the exit code.
func run(args, env []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	out := output.To(stdout)
	app := application(env, stdin, out, stderr)
	return out.Code(exitCode(app.RunContext(ctx, args), stderr), stderr, "oci-vip")
}

// application is the command line: commands, flags and help. The manual pages and completions are made from it.
func application(env []string, stdin io.Reader, stdout, stderr io.Writer) *cli.App {
	app := &cli.App{
		Name:    "oci-vip",
		Usage:   "floating addresses on Oracle Cloud, as pacemaker and ocf:oci:IPaddr2 move them",
		Version: version.String(),
		Description: "Examples:\n" +
			"   oci-vip status                  who holds each address, in the eyes of the cloud, the node and the cluster\n" +
			"   oci-vip check --cloud           what is wrong with this node and its cluster, and how to mend it\n" +
			"   oci-vip ready                   could this node take each address over now?\n" +
			"   oci-vip policy --terraform      the IAM policy that these nodes need\n" +
			"   oci-vip import IPaddr2.patched  from a sed-patched IPaddr2 to floating.yaml\n" +
			"   oci-vip convert Cluster_VIP     a running IPaddr2 becomes ocf:oci:IPaddr2, without an outage",
		Reader: stdin, Writer: stdout, ErrWriter: stderr,
		Metadata:       map[string]any{environKey: env},
		ExitErrHandler: func(*cli.Context, error) {}, // codes are decided below
		OnUsageError:   func(_ *cli.Context, err error, _ bool) error { return usageError{err} },
		Commands:       commands(),
	}
	for _, c := range app.Commands {
		c.OnUsageError = func(_ *cli.Context, err error, _ bool) error {
			return usageError{fmt.Errorf("%s: %w; see oci-vip %s --help", c.Name, err, c.Name)}
		}
	}
	app.Action = func(c *cli.Context) error {
		if c.Args().Present() {
			return usagef("no command %q; see oci-vip --help", c.Args().First())
		}
		return cli.ShowAppHelp(c)
	}
	return app
}

func exitCode(err error, stderr io.Writer) int {
	var exit exitError
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return int(exit)
	}
	fmt.Fprintf(stderr, "oci-vip: %v\n", err)
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailed
}

func jsonFlag() cli.Flag { return &cli.BoolFlag{Name: "json", Usage: "print JSON"} }

func printJSON(c *cli.Context, v any) error {
	enc := json.NewEncoder(c.App.Writer)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

// noArgs refuses arguments where there are none.
func noArgs(c *cli.Context) error {
	if c.Args().Present() {
		return usagef("%s: unexpected %q; see oci-vip %[1]s --help", c.Command.Name, c.Args().First())
	}
	return nil
}
