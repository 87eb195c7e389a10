// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/lab"
)

func lifeCommands() []*cli.Command {
	return []*cli.Command{
		{
			Name: "up", Category: "life", Usage: "bring up a lab",
			Description: "Makes the network, the region and the nodes, boots them, and forms the cluster with pcs (host auth,\n" +
				"setup, start). Labs whose daemon is dead are removed first. Ctrl-C removes what was made so far.\n" +
				"The lab has no fencing device, so that the cluster begins with stonith-enabled=false.\n\n" +
				"router   nodes vrouter1..K with ens3 in 10.0.0.0/24 (ISV) and ens5 in 10.1.0.0/24 (POD), floating addresses\n" +
				"         10.0.0.100 and 10.1.0.100, host isv 10.0.0.50, host pod 10.1.0.50; the route tables of the two\n" +
				"         networks lead to the floating addresses\n" +
				"plain    nodes node1..K and host client on one layer 2 network 10.0.0.0/24, no cloud\n" +
				"ngcp     nodes sp1, sp2 and ping nodes 10.15.20.30 and 192.168.211.1 as in the NGCP handbook, no cloud\n\n" +
				"EXAMPLES:\n" +
				"   ocf-lab up\n" +
				"   ocf-lab up --name slow --latency 300ms --propagation 2s\n" +
				"   ocf-lab up --name pair --scenario ngcp --no-cluster",
			Flags: []cli.Flag{
				&cli.StringFlag{Name: "name", Value: lab.DefaultName, Usage: "the lab's `NAME`", EnvVars: []string{"OCF_LAB_NAME"}},
				&cli.IntFlag{Name: "nodes", Usage: "`K` nodes (default: router 3, plain 2, ngcp 2)"},
				&cli.StringFlag{Name: "scenario", Value: string(lab.Router), Usage: "router, plain or ngcp"},
				&cli.DurationFlag{Name: "latency", Usage: "`D` until the API answers, such as 200ms"},
				&cli.DurationFlag{Name: "propagation", Usage: "`D` until the network follows the API's answer"},
				&cli.StringFlag{Name: "root", Usage: "`TREE` below every node's file system (default /)"},
				&cli.BoolFlag{Name: "no-cluster", Usage: "boot the nodes only; pcs is for you"},
				&cli.BoolFlag{Name: "daemons", Usage: "nodes without systemd and pcsd: corosync and pacemaker only, for quick tests"},
				&cli.StringFlag{Name: "bin", Hidden: true, Usage: "`FOLDER` with the programs to install in the nodes (default: that of ocf-lab)"},
			},
			Action: up,
		},
		{
			Name: "down", Category: "life", Usage: "end a lab and remove everything of it",
			Description: "Works on a lab that is half made or whose daemon is dead, too.\n\nEXAMPLES:\n   ocf-lab down\n   ocf-lab down --name slow\n   ocf-lab down --all",
			Flags:       []cli.Flag{nameFlag(), &cli.BoolFlag{Name: "all", Usage: "all labs"}},
			Action:      down,
		},
		{
			Name: "list", Category: "life", Usage: "show the labs on this machine",
			Description: "EXAMPLE:\n   ocf-lab list",
			Flags:       []cli.Flag{jsonFlag()},
			Action:      list,
		},
	}
}

func up(c *cli.Context) error {
	if err := noArgs(c); err != nil {
		return err
	}
	l, err := lab.Up(c.Context, lab.Options{
		Name: c.String("name"), Nodes: c.Int("nodes"), Scenario: lab.Scenario(c.String("scenario")),
		Latency: c.Duration("latency"), Propagation: c.Duration("propagation"), Root: c.String("root"),
		Bin: c.String("bin"), Cluster: !c.Bool("no-cluster"), Daemons: c.Bool("daemons"), Progress: c.App.Writer,
	})
	if errors.Is(err, lab.ErrOptions) {
		return commandline.Usagef("%w", err)
	}
	if err != nil {
		return err
	}
	node, name := l.Topology().Nodes[0].Name, ""
	if l.Name() != lab.DefaultName {
		name = " --name " + l.Name()
	}
	fmt.Fprintf(c.App.Writer, "\nLab %s is up. Go on with:\n"+
		"  ocf-lab status%[2]s\n"+
		"  ocf-lab exec%[2]s %[3]s -- pcs status\n"+
		"  ocf-lab crash%[2]s %[3]s\n"+
		"  ocf-lab down%[2]s\n", l.Name(), name, node)
	return nil
}

func down(c *cli.Context) error {
	if err := noArgs(c); err != nil {
		return err
	}
	if err := needsRoot(c); err != nil {
		return err
	}
	if !c.Bool("all") {
		name, err := labName(c)
		if err != nil {
			return err
		}
		return downOne(c, name)
	}
	labs, err := lab.List()
	if err != nil {
		return err
	}
	var errs []error
	if len(labs) == 0 {
		fmt.Fprintln(c.App.Writer, "no labs")
	}
	for _, l := range labs {
		errs = append(errs, downOne(c, l.Name))
	}
	return errors.Join(errs...)
}

func downOne(c *cli.Context, name string) error {
	done := patience(c, "taking down lab "+name)
	err := lab.Down(c.Context, name)
	done()
	if err == nil {
		fmt.Fprintf(c.App.Writer, "lab %s is down\n", name)
	}
	return err
}

func list(c *cli.Context) error {
	if err := noArgs(c); err != nil {
		return err
	}
	if err := needsRoot(c); err != nil {
		return err
	}
	labs, err := lab.List()
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c, labs)
	}
	if len(labs) == 0 {
		fmt.Fprintln(c.App.Writer, "no labs")
		return nil
	}
	w := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tSTATE\tSCENARIO\tSINCE\tNODES")
	for _, l := range labs {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", l.Name, l.State, l.Scenario, l.Created.Format(time.DateTime), strings.Join(l.Nodes, " "))
	}
	return w.Flush()
}

// patience says every ten seconds what takes so long; to somebody at a terminal it does so first after two.
func patience(c *cli.Context, what string) (done func()) {
	const every = 10 * time.Second
	begin, next := time.Now(), every
	if _, tty := terminal(c.App.ErrWriter); tty {
		next = 2 * time.Second
	}
	stop := make(chan struct{})
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		for {
			select {
			case <-stop:
				return
			case <-time.After(next):
				next = every
				fmt.Fprintf(c.App.ErrWriter, "%s ... %.0fs\n", what, time.Since(begin).Seconds())
			}
		}
	}()
	return func() { close(stop); <-finished }
}

func serveCommand() *cli.Command {
	return &cli.Command{
		Name: "serve", Hidden: true, Usage: "the daemon of a lab; started by up",
		Flags: []cli.Flag{&cli.StringFlag{Name: "name", Required: true}},
		Action: func(c *cli.Context) error {
			return lab.Serve(c.Context, c.String("name"), c.App.Writer)
		},
	}
}
