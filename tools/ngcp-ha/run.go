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

// exitNoCluster is the code of several commands when pacemaker does not answer; each command's help lists its own.
const exitNoCluster = 4

// run is the command; it returns the exit code.
func run(args, env []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	out := output.To(stdout)
	app := application(env, stdin, out, stderr)
	return commandline.Run(ctx, app, flagsFirst(app, expand(args)), out)
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
		Flags:                []cli.Flag{settingsFlag()},
		EnableBashCompletion: true,
	}
	for _, construct := range constructors {
		app.Commands = append(app.Commands, construct())
	}
	commandline.Prepare(app, env, stdin, stdout, stderr)
	return app
}
