// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/ngcpha/failcounts"
	"ocf-oci/internal/ngcpha/picture"
	"ocf-oci/internal/pacemaker/change"
	"ocf-oci/internal/pacemaker/cib"
)

func nodeCommand() *cli.Command {
	wait := &cli.BoolFlag{Name: "wait", Usage: "until the cluster has done what follows from it"}
	return &cli.Command{
		Name:  "node",
		Usage: "set nodes to standby and back online",
		Description: "A node in standby gives up its resources and takes none over, but stays in the cluster. This is not the standby\n" +
			"of \"ngcp-ha standby\", which only moves what runs.\n\n" +
			"Exit codes: 0 done or already so, 1 unknown node, failed or timed out, 4 no cluster, 64 usage.\n\n" +
			"Examples:\n" +
			"   ngcp-ha node standby                      this node, until it is set online\n" +
			"   ngcp-ha node standby sp2 --lifetime reboot\n" +
			"   ngcp-ha node online sp2\n" +
			"   ngcp-ha node show",
		Subcommands: []*cli.Command{
			{
				Name: "standby", Usage: "give up resources and take none over", ArgsUsage: "[NODE]",
				Description: "Examples:\n   ngcp-ha node standby sp2 --wait\n   ngcp-ha node standby --lifetime reboot",
				Flags: []cli.Flag{commandline.JSONFlag(), timeoutFlag(5 * time.Minute), wait,
					&cli.StringFlag{Name: "lifetime", Usage: "forever, or reboot: until the cluster stops on that node", Value: "forever"}},
				Action: nodeStandby,
			},
			{
				Name: "online", Usage: "end the standby, wherever it is stored", ArgsUsage: "[NODE]",
				Description: "Examples:\n   ngcp-ha node online sp2",
				Flags:       []cli.Flag{commandline.JSONFlag(), timeoutFlag(5 * time.Minute), wait},
				Action:      nodeOnline,
			},
			{
				Name: "show", Usage: "the state and the attributes of nodes", ArgsUsage: "[NODE]",
				Description: "Examples:\n   ngcp-ha node show\n   ngcp-ha node show sp2 --json",
				Flags:       []cli.Flag{commandline.JSONFlag(), cibFlag(), timeoutFlag(30 * time.Second)},
				Action:      nodeShow,
			},
		},
	}
}

// nodeArgument is the node that a command names, or this one.
func nodeArgument(ctx context.Context, c *cli.Context, config *cib.CIB) (string, error) {
	node := c.Args().First()
	if node == "" {
		var err error
		if node, err = cib.LocalNode(ctx, commandline.Environ(c)); err != nil {
			return "", err
		}
	}
	return node, failcounts.CheckNode(config, node)
}

// oneNode refuses more than one argument.
func oneNode(c *cli.Context) error {
	if c.NArg() > 1 {
		return commandline.Usagef("node %s: unexpected %q; see ngcp-ha node %[1]s --help", c.Command.Name, c.Args().Get(1))
	}
	return nil
}

func nodeStandby(c *cli.Context) error {
	lifetime := change.Lifetime(c.String("lifetime"))
	other := map[change.Lifetime]change.Lifetime{change.Forever: change.Reboot, change.Reboot: change.Forever}[lifetime]
	if other == "" {
		return commandline.Usagef("node standby: --lifetime is forever or reboot, not %q", lifetime)
	}
	return changeNode(c, "standby", func(ctx context.Context, cluster change.Cluster, node string) error {
		auditLog(c, "standby on for %s (lifetime %s)", node, lifetime)
		if err := cluster.SetNodeAttribute(ctx, node, "standby", "on", lifetime); err != nil {
			return err
		}
		// One of the other lifetime would outlive this one, or "off" would hide it.
		return cluster.DeleteNodeAttribute(ctx, node, "standby", other)
	})
}

func nodeOnline(c *cli.Context) error {
	return changeNode(c, "online", func(ctx context.Context, cluster change.Cluster, node string) error {
		auditLog(c, "standby off for %s", node)
		if err := cluster.DeleteNodeAttribute(ctx, node, "standby", change.Forever); err != nil {
			return err
		}
		return cluster.DeleteNodeAttribute(ctx, node, "standby", change.Reboot)
	})
}

func changeNode(c *cli.Context, state string, do func(context.Context, change.Cluster, string) error) error {
	if err := oneNode(c); err != nil {
		return err
	}
	ctx, cancel, err := bounded(c)
	if err != nil {
		return err
	}
	defer cancel()
	config, err := configurationOf(ctx, c)
	if err != nil {
		return err
	}
	node, err := nodeArgument(ctx, c, config)
	if err != nil {
		return err
	}
	if err := do(ctx, change.Cluster{Env: commandline.Environ(c)}, node); err != nil {
		return clusterError(err)
	}
	if err := effective(ctx, c, node, state == "standby"); err != nil {
		return err
	}
	if c.Bool("wait") {
		if !c.Bool("json") {
			fmt.Fprintf(c.App.Writer, "%s is set to %s; waiting until the cluster has settled\n", node, state)
		}
		if err := settle(ctx, c); err != nil {
			return err
		}
	}
	if c.Bool("json") {
		return commandline.PrintJSON(c, map[string]string{"node": node, "state": state})
	}
	fmt.Fprintf(c.App.Writer, "%s is %s\n", node, state)
	return nil
}

// effective waits until the cluster knows of it: transient attributes take a moment to get there.
func effective(ctx context.Context, c *cli.Context, node string, standby bool) error {
	for {
		config, err := configurationOf(ctx, c)
		if err != nil {
			return err
		}
		if picture.InStandby(config, node) == standby {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the cluster did not take over the new state of %s: %w", node, context.Cause(ctx))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// settle waits until the cluster has nothing left to do.
func settle(ctx context.Context, c *cli.Context) error {
	seconds := 300
	if end, ok := ctx.Deadline(); ok {
		seconds = max(1, int(time.Until(end).Seconds()))
	}
	if err := (change.Cluster{Env: commandline.Environ(c)}).Settle(ctx, seconds); err != nil {
		return fmt.Errorf("it is set, but the cluster has not settled; ngcp-ha status shows what is going on: %w", clusterError(err))
	}
	return nil
}

// nodeDocument is the JSON form.
type nodeDocument struct {
	picture.Node
	Attributes map[string]string `json:"attributes"`
}

func nodeShow(c *cli.Context) error {
	if err := oneNode(c); err != nil {
		return err
	}
	ctx, cancel, err := bounded(c)
	if err != nil {
		return err
	}
	defer cancel()
	s, err := settingsOf(c)
	if err != nil {
		return err
	}
	config, err := configurationOf(ctx, c)
	if err != nil {
		return err
	}
	if c.NArg() > 0 {
		if _, err := nodeArgument(ctx, c, config); err != nil {
			return err
		}
	}
	state, err := stateOf(ctx, c)
	if err != nil {
		return err
	}
	p, err := picture.Draw(config, state, s.PingAttribute, time.Now())
	if err != nil {
		return err
	}
	list := []nodeDocument{}
	for _, n := range p.Nodes {
		if only := c.Args().First(); only != "" && n.Name != only {
			continue
		}
		member, _ := state.Node(n.Name)
		list = append(list, nodeDocument{Node: n, Attributes: member.Attributes})
	}
	if c.Bool("json") {
		return commandline.PrintJSON(c, list)
	}
	w := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', 0)
	for _, n := range list {
		fmt.Fprintf(w, "%s\t%s\t%d resources\t%s\n", n.Name, n.Text, n.Count, attributesText(n.Attributes))
	}
	return w.Flush()
}

func attributesText(attributes map[string]string) string {
	var words []string
	for name, value := range attributes {
		words = append(words, name+"="+value)
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}
