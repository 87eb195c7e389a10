// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"ocf-oci/lab"
	"ocf-oci/lab/cluster"
	"ocf-oci/lab/probe"
)

// Options say how to run a demo.
type Options struct {
	// Progress is told what happens; nil is silent. Live says that it is a terminal.
	Progress io.Writer
	Live     bool
	Style    Style
	// Keep leaves the lab running.
	Keep bool
	// Bin is the folder with ocf-lab and the agents; default: the folder of the running program.
	Bin string
}

const (
	nodes        = 3
	clusterName  = "virtualrouter" // the seed's
	downLimit    = 90 * time.Second
	baseline     = 2 * time.Second         // quiet time before the first event
	calm         = 1500 * time.Millisecond // and after each
	settleLimit  = 60 * time.Second
	returnLimit  = 90 * time.Second
	recoverLimit = 30 * time.Second
)

// demo is a demo at work.
type demo struct {
	Options
	lab     *lab.Lab
	console *console
	pcs     version
	watch   *watcher
	current string // chapter

	mu      sync.Mutex
	shown   chan struct{} // see nextCommand; nil: nobody waits
	outcome Outcome
}

// Run does the demo. The outcome holds what was found out even when there is an error, which then says what went wrong
// with the demo itself; whether the promises held is for Check to say. The lab is gone afterwards in any case but
// Options.Keep.
func Run(ctx context.Context, opt Options) (Outcome, error) {
	if opt.Progress == nil {
		opt.Progress = io.Discard
	}
	if opt.Bin == "" {
		self, err := os.Executable()
		if err != nil {
			return Outcome{}, fmt.Errorf("find the folder of this program: %w", err)
		}
		opt.Bin = filepath.Dir(self)
	}
	if _, err := os.Stat(filepath.Join(opt.Bin, "IPaddr2")); err != nil {
		return Outcome{}, fmt.Errorf("the agent that the demo shows is not there (make build puts it into build/bin): %w", err)
	}
	d := &demo{Options: opt, console: newConsole(opt.Progress, opt.Style, opt.Live)}
	defer d.console.close()
	d.outcome.Began = time.Now()
	d.outcome.Report = Report{Schema: schemaVersion, Events: []Event{}, AgentExec: map[string]int64{}, APICalls: map[string]int{}}
	err := d.run(ctx)
	d.outcome.Took = time.Since(d.outcome.Began)
	return d.outcome, err
}

// run brings the lab up, lets perform do the rest, and takes the lab down.
func (d *demo) run(ctx context.Context) (err error) {
	if err := removeStale(ctx, func(name string) { d.console.print("removing lab " + name + " of a demo that was killed") }); err != nil {
		return err
	}
	random := make([]byte, 3)
	rand.Read(random)
	name := "demo-" + hex.EncodeToString(random)
	claimed, err := take(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, claimed.release()) }()

	d.console.heading("A cloud region, two networks and %d nodes (lab %s)", nodes, name)
	end := d.console.start("bringing them up")
	d.lab, err = lab.Up(ctx, lab.Options{Name: name, Nodes: nodes, Scenario: lab.Router, Bin: d.Bin, Progress: &lines{c: d.console}})
	end(err)
	if err != nil {
		return plain(err)
	}
	defer func() { err = errors.Join(err, d.cleanup(ctx)) }()
	err = plain(d.perform(ctx))
	if ctx.Err() == nil && (err != nil || len(Check(d.outcome)) > 0) {
		ctx, cancel := context.WithTimeout(ctx, recoverLimit)
		defer cancel()
		d.outcome.Diagnosis = d.diagnose(ctx)
	}
	return err
}

// plain keeps the words of an error and whether it is the end of a context, but not the exit status of what was run:
// that is not the demo's own.
func plain(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return errors.New(err.Error())
}

// cleanup takes the lab down, also after Ctrl-C.
func (d *demo) cleanup(ctx context.Context) error {
	if d.Keep {
		d.console.print("the lab stays: ocf-lab status --name " + d.lab.Name() + "; end it with ocf-lab down --name " + d.lab.Name())
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), downLimit)
	defer cancel()
	end := d.console.start("taking the lab down")
	err := d.lab.Down(ctx)
	end(err)
	return plain(err)
}

// perform sets the cluster up and lets things happen to it.
func (d *demo) perform(ctx context.Context) error {
	first := d.lab.Topology().Nodes[0].Name
	if err := d.setup(ctx, first); err != nil {
		return err
	}
	if err := d.lab.StartProbe(ctx, lab.DefaultInterval); err != nil {
		return err
	}
	d.watch = newWatcher(d.lab)
	d.outcome.Recording.Begin = d.watch.begin
	watching, stop := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		d.watch.run(watching, d.collect)
	}()
	err := d.events(ctx)
	stop()
	<-watched
	return errors.Join(err, d.finish(context.WithoutCancel(ctx)))
}

// setup forms the cluster and defines the resource, as the seed does.
func (d *demo) setup(ctx context.Context, first string) error {
	if err := d.versions(ctx, first); err != nil {
		return err
	}
	d.chapter("The cluster: pacemaker %s, corosync %s, pcs %s", d.outcome.Report.Cluster.Pacemaker, d.outcome.Report.Cluster.Corosync, d.outcome.Report.Cluster.Pcs)
	_, err := d.lab.Cluster().Setup(ctx, clusterName, cluster.SetupOptions{
		Enable: true,
		Pcs: func(ctx context.Context, n *cluster.Node, argv []string) error {
			return d.show(n.Command(ctx, argv...), n.Name(), line(argv))
		},
	})
	if err != nil {
		return err
	}
	if err := d.facts(ctx, first); err != nil {
		return err
	}
	d.chapter("The floating addresses: one resource, the same on every node")
	for _, l := range d.pcs.configuration() {
		if err := d.typed(ctx, first, l); err != nil {
			return err
		}
	}
	end := d.console.start("waiting for region, network, kernels and pacemaker to agree on who holds them")
	ctx, cancel := context.WithTimeoutCause(ctx, settleLimit, fmt.Errorf("no agreement within %s", settleLimit))
	defer cancel()
	_, err = d.lab.WaitAgree(ctx)
	end(err)
	return err
}

// finish stops the recorder and puts the outcome together.
func (d *demo) finish(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, recoverLimit)
	defer cancel()
	if _, err := d.lab.StopProbe(ctx); err != nil {
		return err
	}
	rec := &d.outcome.Recording
	packets, err := d.lab.ReportProbe(probe.Window{From: rec.Begin}, true)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, m := range append(d.lab.Topology().Hosts, d.lab.Topology().Nodes...) {
		for _, c := range m.Cards {
			names[c.IP.String()] = m.Name
		}
	}
	for _, s := range packets.Streams {
		rec.Streams = append(rec.Streams, streamOf(s, names))
	}
	rec.sort()
	rec.Tracks = d.watch.recorded(rec.Length)
	calls, err := d.lab.Region().Calls(ctx, time.Time{})
	if err != nil {
		return err
	}
	for _, c := range calls {
		if c.Service == "api" {
			d.outcome.Report.APICalls[c.Operation]++
		}
	}
	d.outcome.Report.AgentExec = medians(d.outcome.Readings)
	d.outcome.measure()
	return nil
}

// streamOf takes over a recorder's packets, with machines' names for their addresses.
func streamOf(s probe.StreamReport, names map[string]string) Stream {
	to := s.To.String()
	if name, ok := names[to]; ok {
		to = name
	}
	out := Stream{Name: s.Name, Label: s.Host + " → " + to}
	for _, p := range s.Series {
		packet := Packet{Sent: milliseconds(p.At), Lost: p.RTT < 0}
		if !packet.Lost {
			packet.RTT = milliseconds(p.RTT)
		}
		out.Packets = append(out.Packets, packet)
	}
	return out
}

func milliseconds(f float64) time.Duration { return time.Duration(f * float64(time.Millisecond)) }

// collect reads the agent's operations from a CIB.
func (d *demo) collect(cib []byte) {
	readings, err := readHistory(cib, resource)
	if err != nil {
		return // it is asked for again
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.outcome.collect(readings)
}
