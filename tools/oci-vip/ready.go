// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/floating"
	"ocf-oci/internal/pacemaker/attrd"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/readiness"
	"ocf-oci/internal/state"
)

// The time of one run: in all at most 10 s, of which the agents get this.
const (
	readyLimit  = 10 * time.Second
	agentLimit  = 7 * time.Second
	clusterTime = 3 * time.Second
)

// Node attributes, each with the resource's name behind it.
const (
	readyAttribute   = "oci-ready-"   // 1 or 0
	carriesAttribute = "oci-carries-" // the addresses that the node's operating system has, for oci-vip status elsewhere
	vnicsAttribute   = "oci-vnics-"   // the node's VNICs for them, so that status can name holders
)

// carries is the value of that attribute.
func carries(r floating.Readiness) string {
	var list []string
	for _, t := range r.Targets {
		if t.Here {
			list = append(list, t.IP.String())
		}
	}
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ",")
}

func vnics(r floating.Readiness) string {
	var list []string
	for _, t := range r.Targets {
		list = append(list, string(t.VNIC))
	}
	return strings.Join(slices.Compact(list), ",")
}

func readyCommand() *cli.Command {
	return &cli.Command{
		Name:  "ready",
		Usage: "could this node take each floating address over now?",
		Description: "Asks the agent of this node, for each resource of ocf:oci:IPaddr2 in the cluster: interface, VNIC,\n" +
			"credentials and rights. Keeps the credentials fresh, so that a start needs none, and sets the node attribute\n" +
			"oci-ready-RESOURCE to 1 or 0, and oci-carries- and oci-vnics-RESOURCE for\n" +
			"status. A systemd timer runs it every 60 s on every node (oci-vip-ready.timer). Takes\n" +
			"at most 10 s. Without a cluster, or without such a resource, it does nothing.\n\n" +
			"Exit codes: 0 all ready or nothing to do, 1 not ready or failed, 64 usage.\n\n" +
			"Examples:\n" +
			"   oci-vip ready\n" +
			"   oci-vip ready --json --no-attribute\n" +
			"   oci-vip ready --on-change --textfile /var/lib/node_exporter/oci-vip.prom",
		Flags: []cli.Flag{
			commandline.JSONFlag(),
			&cli.BoolFlag{Name: "on-change", Usage: "print only what changed since the last run, and end with 0 where a node is not ready"},
			&cli.BoolFlag{Name: "no-attribute", Usage: "set no node attribute"},
			&cli.StringFlag{Name: "textfile", Usage: "write metrics for Prometheus' node exporter to `FILE`"},
			&cli.StringFlag{Name: "state-dir", Usage: "keep state in `DIR`", Value: state.DefaultDir, Hidden: true},
		},
		Action: ready,
	}
}

func ready(c *cli.Context) error {
	if err := commandline.NoArgs(c); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Context, readyLimit)
	defer cancel()
	store, err := readiness.Open(c.String("state-dir"))
	if err != nil {
		return err
	}
	short, done := context.WithTimeout(ctx, clusterTime)
	config, node, err := cluster(short, commandline.Environ(c))
	done()
	if errors.Is(err, cib.ErrNoCluster) {
		if !c.Bool("on-change") {
			fmt.Fprintln(c.App.ErrWriter, "no cluster runs on this node: nothing to do")
		}
		return nil
	}
	if err != nil {
		return err
	}
	stop := slow(c, "asking the agent, 10 s at most")
	records := askAll(ctx, readiness.Asker{Node: node, Env: commandline.Environ(c)}, readiness.Resources(config))
	stop()
	err = publish(ctx, c, store, records)
	if path := c.String("textfile"); path != "" {
		err = errors.Join(err, readiness.Textfile(path, records))
	}
	if err != nil {
		return err
	}
	return report(c, records)
}

// cluster reads the configuration and this node's name.
func cluster(ctx context.Context, env []string) (*cib.CIB, string, error) {
	config, err := cib.Query(ctx, env)
	if err != nil {
		return nil, "", err
	}
	node, err := cib.LocalNode(ctx, env)
	return config, node, err
}

// askAll asks for all resources at once: one that hangs must not take the others' time.
func askAll(ctx context.Context, a readiness.Asker, resources []cib.Primitive) []readiness.Record {
	records := make([]readiness.Record, len(resources))
	var group sync.WaitGroup
	for i, p := range resources {
		group.Go(func() {
			r := a.Ask(ctx, p, agentLimit)
			records[i] = readiness.Record{Resource: p.ID, Readiness: r, At: time.Now()}
		})
	}
	group.Wait()
	readiness.Sort(records)
	return records
}

// publish keeps the records, sets the node attributes and takes those of resources away that are gone. What changed is
// said on standard error, one line a change, which is the journal's under systemd.
func publish(ctx context.Context, c *cli.Context, store readiness.Store, records []readiness.Record) error {
	attributes := attrd.Updater{Env: commandline.Environ(c)}
	var errs []error
	for i := range records {
		r := &records[i]
		before, known := store.Last(r.Resource)
		if err := store.Put(*r); err != nil {
			// A start works without, only slower, so this must not keep the answer from the cluster.
			r.Warnings = append(r.Warnings, floating.Finding{ID: "state-directory", Text: err.Error() + ": remove the directory, it is made anew"})
		}
		if c.Bool("on-change") && (!known && !plain(*r) || known && readiness.Changed(before, *r)) {
			say(c.App.ErrWriter, *r)
		}
		if !c.Bool("no-attribute") {
			value := "0"
			if r.Ready {
				value = "1"
			}
			errs = append(errs, attributes.Set(ctx, readyAttribute+r.Resource, value, "0s"))
			if len(r.Targets) > 0 {
				errs = append(errs, attributes.Set(ctx, carriesAttribute+r.Resource, carries(r.Readiness), "0s"),
					attributes.Set(ctx, vnicsAttribute+r.Resource, vnics(r.Readiness), "0s"))
			}
		}
	}
	return errors.Join(append(errs, forget(ctx, c, store, attributes, records))...)
}

// forget removes records and attributes of resources that the cluster no longer has.
func forget(ctx context.Context, c *cli.Context, store readiness.Store, attributes attrd.Updater, records []readiness.Record) error {
	old, err := store.Resources()
	if err != nil {
		return err
	}
	for _, name := range old {
		if slices.ContainsFunc(records, func(r readiness.Record) bool { return r.Resource == name }) {
			continue
		}
		if !c.Bool("no-attribute") {
			for _, prefix := range []string{readyAttribute, carriesAttribute, vnicsAttribute} {
				if err := attributes.Delete(ctx, prefix+name, "0s"); err != nil {
					return err
				}
			}
		}
		if err := store.Drop(name); err != nil {
			return err
		}
	}
	return nil
}

// plain is a record that nobody needs to hear of: ready, without warnings.
func plain(r readiness.Record) bool { return r.Ready && len(r.Warnings) == 0 && !r.Degraded }

// say writes a record as lines.
func say(w io.Writer, r readiness.Record) {
	switch {
	case !r.Ready:
		for _, f := range r.Problems {
			fmt.Fprintf(w, "%s: not ready [%s]: %s\n", r.Resource, f.ID, f.Text)
		}
	case r.Degraded:
		fmt.Fprintf(w, "%s: ready, running here degraded: the cloud does not answer the monitor\n", r.Resource)
	default:
		fmt.Fprintf(w, "%s: ready\n", r.Resource)
	}
	for _, f := range r.Warnings {
		fmt.Fprintf(w, "%s: warning [%s]: %s\n", r.Resource, f.ID, f.Text)
	}
}

func report(c *cli.Context, records []readiness.Record) error {
	if c.Bool("json") {
		if records == nil {
			records = []readiness.Record{}
		}
		if err := commandline.PrintJSON(c, records); err != nil {
			return err
		}
	} else if !c.Bool("on-change") {
		for _, r := range records {
			say(c.App.Writer, r)
		}
		if len(records) == 0 {
			fmt.Fprintln(c.App.ErrWriter, "the cluster has no resource of ocf:oci:IPaddr2: nothing to do")
		}
	}
	if !c.Bool("on-change") && slices.ContainsFunc(records, func(r readiness.Record) bool { return !r.Ready }) {
		return commandline.Exit(commandline.Failed)
	}
	return nil
}
