// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"ocf-oci/lab"
	"ocf-oci/lab/probe"

	"github.com/rogpeppe/go-internal/testscript"
)

func (w *world) trafficCommand(ctx context.Context, ts *testscript.TestScript, args []string) error {
	if len(args) != 1 || args[0] != "start" && args[0] != "stop" {
		return fmt.Errorf("usage: traffic start|stop")
	}
	if args[0] == "start" {
		w.trafficFrom = time.Now()
		return w.lab.StartProbe(ctx, lab.DefaultInterval)
	}
	_, err := w.lab.StopProbe(ctx)
	return err
}

// lost checks what became of the packets of one stream since traffic start.
func (w *world) lost(_ context.Context, ts *testscript.TestScript, args []string) error {
	if err := need(args, 2, "lost STREAM N"); err != nil {
		return err
	}
	most, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	// An answer that is there may still have to be read and written down, by a recorder that waits for a processor; a packet
	// that was lost stays lost.
	var r probe.StreamReport
	now := time.Now()
	for end := now.Add(15 * time.Second); ; time.Sleep(500 * time.Millisecond) {
		if r, err = w.stream(args[0], probe.Window{From: w.trafficFrom, To: now}); err != nil {
			return err
		}
		if r.Sent > 0 && r.Lost <= most || time.Now().After(end) {
			break
		}
	}
	ts.Logf("%s: %d sent, %d lost, longest silence %.0f ms at %s", r.Name, r.Sent, r.Lost, r.GapMS, r.GapAt.Format("15:04:05.000"))
	if r.Sent == 0 || r.Lost > most {
		return fmt.Errorf("%d of %d packets lost, at most %d wanted; longest silence %.0f ms", r.Lost, r.Sent, most, r.GapMS)
	}
	return nil
}

// flows waits until a whole second of a stream is answered.
func (w *world) flows(ctx context.Context, ts *testscript.TestScript, args []string) error {
	if err := need(args, 2, "flows D STREAM..."); err != nil {
		return err
	}
	d, err := time.ParseDuration(args[0])
	if err != nil {
		return err
	}
	begin := time.Now()
	for _, name := range args[1:] {
		for {
			// The recorder writes with a delay, and the last packets are still on their way.
			now := time.Now()
			r, err := w.stream(name, probe.Window{From: now.Add(-2 * time.Second), To: now.Add(-time.Second)})
			if err != nil {
				return err
			}
			if r.Sent > 10 && r.Lost == 0 {
				break
			}
			if time.Since(begin) > d {
				return fmt.Errorf("%s: %d of a second's %d packets lost", name, r.Lost, r.Sent)
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
	ts.Logf("flowing after %s", time.Since(begin).Round(time.Millisecond))
	return nil
}

func (w *world) stream(name string, window probe.Window) (probe.StreamReport, error) {
	rep, err := w.lab.ReportProbe(window, false)
	if err != nil {
		return probe.StreamReport{}, err
	}
	for _, s := range rep.Streams {
		if s.Name == name {
			return s, nil
		}
	}
	return probe.StreamReport{}, fmt.Errorf("no stream %s", name)
}

// migrate moves a resource N times round the nodes by pacemaker's own command, and waits for the views to agree.
func (w *world) migrate(ctx context.Context, ts *testscript.TestScript, args []string) error {
	if err := need(args, 3, "migrate RESOURCE N D"); err != nil {
		return err
	}
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	nodes := w.lab.Topology().Nodes
	for i := range n {
		w.turn[args[0]]++ // the last call's round goes on
		to := nodes[w.turn[args[0]]%len(nodes)].Name
		if err := w.cluster(ctx, ts, []string{"crm_resource", "--move", "--resource", args[0], "--node", to, "--lifetime", "PT10M"}); err != nil {
			return fmt.Errorf("move %d to %s: %w", i+1, to, err)
		}
		if err := w.agree(ctx, ts, []string{args[2], to}); err != nil {
			return fmt.Errorf("move %d to %s: %w", i+1, to, err)
		}
		if err := w.cluster(ctx, ts, []string{"crm_resource", "--wait", "--timeout=120s"}); err != nil {
			return err
		}
		if err := w.cluster(ctx, ts, []string{"crm_resource", "--clear", "--resource", args[0]}); err != nil {
			return err
		}
	}
	return nil
}
