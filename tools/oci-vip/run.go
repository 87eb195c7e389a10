// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/output"
	"ocf-oci/internal/version"
)

// run is the command; it returns the exit code.
func run(args, env []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	out := output.To(stdout)
	app := application(env, stdin, out, stderr)
	return commandline.Run(ctx, app, args, out)
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
		Commands: commands(),
	}
	commandline.Prepare(app, env, stdin, stdout, stderr)
	return app
}
