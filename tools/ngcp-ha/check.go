// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/crmreload"
	"ocf-oci/internal/crmreload/loader"
	"ocf-oci/internal/finding"
	"ocf-oci/internal/ngcpha/doctor"
	"ocf-oci/internal/ngcpha/settings"
	"ocf-oci/internal/pacemaker/cib"
)

func checkCommand() *cli.Command {
	return &cli.Command{
		Name:  "check",
		Usage: "what is wrong with the pair, what it means and how to mend it",
		Description: "Looks at the cluster's configuration and state, and at this node: corosync.conf, cluster.crm, agents, monit, NGCP's\n" +
			"configuration. Run it on both nodes. Each finding ends with the line that mends it; nothing is changed.\n\n" +
			"Exit codes: 0 nothing found, 1 warnings, 2 errors (also if the cluster cannot be asked), 64 usage.\n\n" +
			"Examples:\n" +
			"   ngcp-ha check\n" +
			"   ngcp-ha check --json | jq -r '.[] | select(.severity == \"error\").fix'\n" +
			"   ngcp-ha check --cib cib.xml             a cluster from elsewhere; looks at no machine",
		Flags:  []cli.Flag{commandline.JSONFlag(), cibFlag(), timeoutFlag(time.Minute), vipsFlag(), servicesFlag()},
		Action: check,
	}
}

// exitErrors is the exit code of check for errors.
const exitErrors = 2

func check(c *cli.Context) error {
	if err := commandline.NoArgs(c); err != nil {
		return err
	}
	ctx, cancel, err := bounded(c)
	if err != nil {
		return err
	}
	defer cancel()
	list, err := examine(ctx, c)
	switch {
	case errors.Is(err, cib.ErrNoCluster) && c.String("cib") == "":
		list = []finding.Finding{{ID: "no-cluster", Severity: finding.Error, Text: "pacemaker does not run on this node", Fix: "systemctl start corosync pacemaker # then look at: journalctl -u pacemaker"}}
	case err != nil:
		return commandline.WithCode(exitErrors, err)
	}
	if c.Bool("json") {
		if list == nil {
			list = []finding.Finding{}
		}
		if err := commandline.PrintJSON(c, list); err != nil {
			return err
		}
	} else if err := finding.Print(c.App.Writer, list); err != nil {
		return err
	}
	if code := finding.Worst(list); code != 0 {
		return commandline.Exit(code)
	}
	return nil
}

func examine(ctx context.Context, c *cli.Context) ([]finding.Finding, error) {
	s, err := settingsOf(c)
	if err != nil {
		return nil, err
	}
	config, err := configurationOf(ctx, c)
	if err != nil {
		return nil, err
	}
	state, err := stateOf(ctx, c)
	if err != nil {
		return nil, err
	}
	list, err := doctor.OfCluster(config, state, doctor.Names{VIPs: s.Groups.VIPs, Services: s.Groups.Services, PingAttribute: s.PingAttribute}, time.Now())
	if err != nil || c.String("cib") != "" {
		return list, err
	}
	node, err := cib.LocalNode(ctx, commandline.Environ(c))
	if err != nil {
		return nil, err
	}
	params := map[string]string{}
	if p, ok := config.Primitive(s.ServicesResource); ok {
		params = p.Params
	}
	facts := doctor.Gather(doctor.DefaultFiles, config, node, or(params["group"], "ha"))
	facts.ClusterCRM = s.ClusterCRM
	if facts.Drift, err = drift(ctx, c, s); err != nil {
		facts.Unreadable = append(facts.Unreadable, err.Error())
	}
	return append(list, doctor.OfNode(config, facts)...), nil
}

// drift says how the cluster differs from cluster.crm, if there is such a file.
func drift(ctx context.Context, c *cli.Context, s settings.Settings) (string, error) {
	if _, err := os.Stat(s.ClusterCRM); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	l := loader.Loader{Cluster: loader.Pacemaker(commandline.Environ(c)), Store: loader.Store(s.State), Patience: 30 * time.Second,
		Options: crmreload.Options{Moves: crmreload.KeepMoves}, Say: func(string, ...any) {}}
	report, err := l.Look(ctx, loader.File(s.ClusterCRM, c.App.Reader, ocfRoot), nil)
	switch {
	case err != nil:
		return "", fmt.Errorf("comparing the cluster with %s: %w", s.ClusterCRM, err)
	case report.Outcome == loader.Invalid:
		return "", fmt.Errorf("%s is invalid: %v", s.ClusterCRM, report.Errors)
	case report.Outcome == loader.Differs:
		return "they differ in meaning", nil
	}
	return "", nil
}
