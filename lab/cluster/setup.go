// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"
)

// SetupOptions tunes Setup.
type SetupOptions struct {
	Enable bool     // corosync and pacemaker start at each boot ("pcs cluster enable --all")
	Args   []string // more arguments of "pcs cluster setup", after the nodes ("transport", "knet", ...); not without systemd
	// Step is told what begins: "pcs host auth", ...; nil is silent.
	Step func(what string)
	// Pcs runs each pcs command on the first node, for a caller who wants to show them; nil runs them silently.
	Pcs func(ctx context.Context, n *Node, argv []string) error
}

// Times says how long each part of Setup took.
type Times struct {
	Auth   time.Duration // pcs host auth
	Setup  time.Duration // pcs cluster setup
	Start  time.Duration // pcs cluster start --all
	Online time.Duration // until every node is online
}

// setupLimit bounds Setup, whatever the caller's context allows.
const setupLimit = 5 * time.Minute

// Setup makes one cluster of all nodes, which must be up: pcs host auth, pcs cluster setup, pcs cluster start --all on
// the first node, and returns when every node is online and the cluster has quorum. A cluster that starts for the
// first time waits dc-deadtime (20 s) for others that might be there; the first CIB sets it to 2 s, and Setup takes
// it out again at the end.
func (c *Cluster) Setup(ctx context.Context, clusterName string, opt SetupOptions) (Times, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, setupLimit, fmt.Errorf("cluster not online within %v", setupLimit))
	defer cancel()
	var times Times
	steps := c.pcsSteps(&times, clusterName, opt)
	if c.state.Daemons {
		steps = []step{
			{"", nil, c.seedCIB},
			{"starting corosync and pacemaker", &times.Start, func(ctx context.Context) error { return c.writeCorosyncConf(ctx, clusterName) }},
		}
	}
	steps = append(steps,
		step{"waiting until all nodes are online", &times.Online, c.WaitOnline},
		step{"", nil, func(ctx context.Context) error {
			_, err := c.nodes[0].Output(ctx, "crm_attribute", "--type", "crm_config", "--name", "dc-deadtime", "--delete")
			return err
		}})
	for _, s := range steps {
		begin := time.Now()
		if s.what != "" && opt.Step != nil {
			opt.Step(s.what)
		}
		if err := s.run(ctx); err != nil {
			return times, fmt.Errorf("set up cluster %s in lab %s: %w", clusterName, c.state.Lab, err)
		}
		if s.took != nil {
			*s.took = time.Since(begin)
		}
	}
	return times, nil
}

type step struct {
	what string         // for SetupOptions.Step; empty: not worth a word
	took *time.Duration // where to note how long it took; nil: nowhere
	run  func(context.Context) error
}

func (c *Cluster) pcsSteps(times *Times, clusterName string, opt SetupOptions) []step {
	pcs := func(args ...string) func(context.Context) error {
		return func(ctx context.Context) error {
			argv := append([]string{"pcs"}, args...)
			if opt.Pcs != nil {
				return opt.Pcs(ctx, c.nodes[0], argv)
			}
			shown := strings.ReplaceAll(strings.Join(argv, " "), c.state.Password, "...")
			out, err := c.nodes[0].Command(ctx, argv...).CombinedOutput()
			if err != nil {
				return fmt.Errorf("on %s: %s: %w: %s", c.nodes[0].name, shown, err, strings.TrimSpace(string(out)))
			}
			return nil
		}
	}
	var hosts []string
	for _, n := range c.nodes {
		hosts = append(hosts, n.name, "addr="+n.address)
	}
	auth := append(append([]string{"host", "auth"}, hosts...), "-u", "hacluster", "-p", c.state.Password)
	setup := append(append([]string{"cluster", "setup", clusterName}, hosts...), opt.Args...)
	if opt.Enable {
		setup = append(setup, "--enable")
	}
	return []step{
		{"pcs host auth", &times.Auth, pcs(auth...)},
		{"pcs cluster setup", &times.Setup, pcs(setup...)},
		// After setup, which begins with destroying what cluster there was, CIB included.
		{"", nil, c.seedCIB},
		{"pcs cluster start --all", &times.Start, pcs("cluster", "start", "--all")},
	}
}

// seedCIB gives every node the same first CIB: pacemaker's own empty one with dc-deadtime in it.
func (c *Cluster) seedCIB(ctx context.Context) error {
	empty, err := c.nodes[0].Output(ctx, "cibadmin", "--empty")
	if err != nil {
		return fmt.Errorf("seed the first CIB: %w", err)
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(empty); err != nil {
		return fmt.Errorf("seed the first CIB: read cibadmin's empty one: %w", err)
	}
	config := doc.FindElement("/cib/configuration/crm_config")
	if config == nil {
		return fmt.Errorf("seed the first CIB: cibadmin's empty one has no crm_config: %s", empty)
	}
	set := config.CreateElement("cluster_property_set")
	set.CreateAttr("id", "cib-bootstrap-options")
	pair := set.CreateElement("nvpair")
	pair.CreateAttr("id", "cib-bootstrap-options-dc-deadtime")
	pair.CreateAttr("name", "dc-deadtime")
	pair.CreateAttr("value", "2s")
	text, err := doc.WriteToString()
	if err != nil {
		return fmt.Errorf("seed the first CIB: %w", err)
	}
	return each(c.nodes, func(n *Node) error {
		cmd := n.Command(ctx, "install", "-o", "hacluster", "-g", "haclient", "-m", "0600", "/dev/stdin", "/var/lib/pacemaker/cib/cib.xml")
		cmd.Stdin = strings.NewReader(text)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("seed the first CIB on %s: %w: %s", n.name, err, out)
		}
		return nil
	})
}

// writeCorosyncConf is pcs cluster setup without pcs: process 1 of a node without systemd waits for the file.
func (c *Cluster) writeCorosyncConf(ctx context.Context, clusterName string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "totem {\n    version: 2\n    cluster_name: %s\n    transport: knet\n    crypto_cipher: none\n    crypto_hash: none\n}\n\nnodelist {\n", clusterName)
	for i, n := range c.nodes {
		fmt.Fprintf(&b, "    node {\n        ring0_addr: %s\n        name: %s\n        nodeid: %d\n    }\n", n.address, n.name, i+1)
	}
	b.WriteString("}\n\nquorum {\n    provider: corosync_votequorum\n")
	if len(c.nodes) == 2 {
		b.WriteString("    two_node: 1\n")
	}
	b.WriteString("}\n\nlogging {\n    to_logfile: yes\n    logfile: /var/log/corosync/corosync.log\n    to_syslog: no\n    timestamp: on\n}\n")
	return each(c.nodes, func(n *Node) error {
		return n.Install(ctx, map[string]File{"/etc/corosync/corosync.conf": {Content: []byte(b.String())}})
	})
}

// WaitOnline returns when all nodes that are up see the same cluster: just these nodes online, a coordinator and quorum.
// After a crash or freeze that is when the others have noticed; after a boot or thaw, when the node is a member again.
func (c *Cluster) WaitOnline(ctx context.Context) error {
	for {
		last := c.online(ctx)
		if last == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait until the nodes are online: %w", errors.Join(context.Cause(ctx), last))
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (c *Cluster) online(ctx context.Context) error {
	var up []*Node
	var names []string
	for _, n := range c.nodes {
		if n.State() == Up {
			up, names = append(up, n), append(names, n.name)
		}
	}
	if len(up) == 0 {
		return fmt.Errorf("no node of lab %s is up", c.state.Lab)
	}
	slices.Sort(names)
	for _, n := range up {
		if err := n.online(ctx, names); err != nil {
			return err
		}
	}
	return nil
}
