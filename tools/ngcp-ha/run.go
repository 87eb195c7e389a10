// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
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

// Exit codes that several commands share; each command's help lists its own.
const (
	exitFailed    = 1
	exitNoCluster = 4
	exitUsage     = 64 // EX_USAGE of sysexits.h
)

// usageError is a wrong command line.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// exitError ends the command with a code; everything has been said.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// codedError is an error with the exit code that goes with it.
type codedError struct {
	code int
	error
}

func (e codedError) Unwrap() error { return e.error }

// withCode gives an error its exit code; nil stays nil.
func withCode(code int, err error) error {
	if err == nil {
		return nil
	}
	return codedError{code, err}
}

// run is the command; it returns the exit code.
func run(args, env []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	out := output.To(stdout)
	app := application(env, stdin, out, stderr)
	return out.Code(exitCode(app.RunContext(ctx, flagsFirst(app, expand(args))), stderr), stderr, "ngcp-ha")
}

// application is the command line: commands, flags and help. The manual pages and completions are made from it.
func application(env []string, stdin io.Reader, stdout, stderr io.Writer) *cli.App {
	app := &cli.App{
		Name:    "ngcp-ha",
		Usage:   "see, take over, hand over and clear an NGCP pair under pacemaker",
		Version: version.String(),
		Description: "Needs neither crmsh nor pcs. Called by one of the classic names (ngcp-make-active, ngcp-check-active,\n" +
			"ngcp-ha-show-failcounts ...) it is that command. Names of groups and resources are those of the handbook,\n" +
			"unless a flag or /etc/ngcp-ha.yaml says otherwise. Every key of that file is optional; with the defaults it reads:\n\n" +
			"   groups:\n" +
			"     vips: g_vips                # the shared addresses\n" +
			"     services: g_ngcp            # what runs where they are\n" +
			"   services_resource: p_monit_services\n" +
			"   ping_attribute: pingd         # node attribute with the connectivity score\n" +
			"   cluster_crm: /etc/pacemaker/cluster.crm\n" +
			"   state: /var/lib/ngcp-ha       # saved configurations, migration journal\n" +
			"   hosts: {}                     # of parallel: every pair with its nodes, such as sp: [sp1, sp2]\n" +
			"   ssh: [ssh, -o, BatchMode=yes, -o, ConnectTimeout=5]",
		Flags: []cli.Flag{settingsFlag()}, Reader: stdin, Writer: stdout, ErrWriter: stderr,
		EnableBashCompletion: true,
		Metadata:             map[string]any{environKey: env},
		ExitErrHandler:       func(*cli.Context, error) {}, // codes are decided below
		OnUsageError:         func(_ *cli.Context, err error, _ bool) error { return usageError{err} },
	}
	for _, construct := range constructors {
		app.Commands = append(app.Commands, construct())
	}
	refuseByName(app.Commands, "ngcp-ha")
	app.Action = func(c *cli.Context) error {
		if c.Args().Present() {
			return usagef("no command %q; see ngcp-ha --help", c.Args().First())
		}
		return cli.ShowAppHelp(c)
	}
	return app
}

// refuseByName makes errors in flags name the command.
func refuseByName(commands []*cli.Command, path string) {
	for _, c := range commands {
		full := path + " " + c.Name
		c.OnUsageError = func(_ *cli.Context, err error, _ bool) error {
			return usageError{fmt.Errorf("%s: %w; see %s --help", c.Name, err, full)}
		}
		refuseByName(c.Subcommands, full)
	}
}

func exitCode(err error, stderr io.Writer) int {
	var exit exitError
	if err != nil && !errors.As(err, &exit) {
		fmt.Fprintf(stderr, "ngcp-ha: %v\n", err)
	}
	return codeOf(err)
}

// codeOf is the exit code that belongs to an error.
func codeOf(err error) int {
	var exit exitError
	var usage usageError
	var coded codedError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return int(exit)
	case errors.As(err, &coded):
		return coded.code
	case errors.As(err, &usage):
		return exitUsage
	}
	return exitFailed
}
