// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"ocf-oci/lab"
	"ocf-oci/lab/region/control"

	"github.com/rogpeppe/go-internal/testscript"
)

// world is a lab in the eyes of one scenario.
type world struct {
	lab        *lab.Lab
	remembered time.Time
	code       int
	// turn counts the planned moves of each resource, which began on the first node.
	turn map[string]int
	// trafficFrom is when the packet recorder was started.
	trafficFrom time.Time
	// spoke is the node that the last command for pacemaker ran on.
	spoke string
}

// patience bounds any single step that has no time of its own.
const patience = 5 * time.Minute

// command is a scenario command; an error means that it failed, which "!" turns round.
type command func(ctx context.Context, ts *testscript.TestScript, args []string) error

func (w *world) commands() map[string]func(*testscript.TestScript, bool, []string) {
	table := map[string]command{
		"crash": w.power((*lab.Lab).Crash), "boot": w.power((*lab.Lab).Boot), "shutdown": w.power((*lab.Lab).Shutdown),
		"cut": w.power((*lab.Lab).Cut), "join": w.power((*lab.Lab).Join),
		"freeze": w.power((*lab.Lab).Freeze), "thaw": w.power((*lab.Lab).Thaw),
		"partition": w.partition, "heal": func(ctx context.Context, _ *testscript.TestScript, _ []string) error { return w.lab.Heal(ctx) },
		"fault": w.fault, "limit": w.limit, "latency": w.latency, "propagation": w.propagation, "life": w.life, "policy": w.policy,
		"give": w.give, "take": w.take,
		"on": w.on, "turns": w.turns, "cluster": w.cluster, "until": w.until, "agent": w.agent, "code": w.checkCode,
		"agree": w.agree, "carries": w.carries, "gone": w.gone, "quiet": w.quiet, "remember": w.remember, "calls": w.calls, "moves": w.moves,
		"unharmed": w.unharmed, "unwatched": w.unwatched, "sleep": pause,
		"traffic": w.trafficCommand, "lost": w.lost, "flows": w.flows, "migrate": w.migrate,
		"took": w.took, "ended": w.ended, "gap": w.gap,
	}
	cmds := map[string]func(*testscript.TestScript, bool, []string){}
	for name, run := range table {
		cmds[name] = func(ts *testscript.TestScript, neg bool, args []string) {
			ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
			defer cancel()
			err := run(ctx, ts, args)
			switch {
			case err != nil && !neg:
				ts.Fatalf("%s: %v", name, err)
			case err == nil && neg:
				ts.Fatalf("%s should have failed", name)
			case err != nil:
				ts.Logf("failed as it should: %v", err)
			}
		}
	}
	return cmds
}

func need(args []string, n int, usage string) error {
	if len(args) < n {
		return fmt.Errorf("usage: %s", usage)
	}
	return nil
}

func (w *world) power(do func(*lab.Lab, context.Context, ...string) error) command {
	return func(ctx context.Context, _ *testscript.TestScript, args []string) error {
		return do(w.lab, ctx, args...)
	}
}

func (w *world) partition(ctx context.Context, _ *testscript.TestScript, args []string) error {
	if err := need(args, 2, "partition NODE,NODE NODE"); err != nil {
		return err
	}
	return w.lab.Partition(ctx, strings.Split(args[0], ","), strings.Split(args[1], ","))
}

func (w *world) fault(ctx context.Context, _ *testscript.TestScript, args []string) error {
	if len(args) == 1 && args[0] == "clear" {
		_, err := w.lab.Region().ClearFaults(ctx, 0)
		return err
	}
	if err := need(args, 2, "fault TARGET KIND [VALUE] [node=N] [count=K] [for=D]"); err != nil {
		return err
	}
	f := control.Fault{Target: args[0], Kind: args[1]}
	for _, a := range args[2:] {
		name, value, named := strings.Cut(a, "=")
		switch {
		case !named:
			f.Value = a
		case name == "node":
			f.Node = value
		case name == "count":
			n, err := strconv.Atoi(value)
			if err != nil {
				return err
			}
			f.Count = n
		case name == "for":
			d, err := time.ParseDuration(value)
			if err != nil {
				return err
			}
			f.For = control.Duration(d)
		default:
			return fmt.Errorf("unknown %q", a)
		}
	}
	_, err := w.lab.Region().SetFault(ctx, f)
	return err
}

func (w *world) limit(ctx context.Context, _ *testscript.TestScript, args []string) error {
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	return w.lab.Region().Change(ctx, control.Settings{Limit: &n})
}

func duration(args []string) (*control.Duration, error) {
	if err := need(args, 1, "a duration"); err != nil {
		return nil, err
	}
	d, err := time.ParseDuration(args[0])
	c := control.Duration(d)
	return &c, err
}

func (w *world) latency(ctx context.Context, _ *testscript.TestScript, args []string) error {
	d, err := duration(args)
	if err != nil {
		return err
	}
	return w.lab.Region().Change(ctx, control.Settings{Latency: d})
}

func (w *world) propagation(ctx context.Context, _ *testscript.TestScript, args []string) error {
	d, err := duration(args)
	if err != nil {
		return err
	}
	return w.lab.Region().Change(ctx, control.Settings{Propagation: d})
}

// life is that of the security tokens which are given out from now on.
func (w *world) life(ctx context.Context, _ *testscript.TestScript, args []string) error {
	d, err := duration(args)
	if err != nil {
		return err
	}
	return w.lab.Region().Change(ctx, control.Settings{TokenLife: d})
}

func (w *world) policy(ctx context.Context, ts *testscript.TestScript, args []string) error {
	if err := need(args, 1, "policy FILE"); err != nil {
		return err
	}
	return w.lab.Region().SetPolicy(ctx, ts.ReadFile(args[0]))
}

func pause(ctx context.Context, _ *testscript.TestScript, args []string) error {
	d, err := duration(args)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Duration(*d)):
		return nil
	}
}

func (w *world) give(ctx context.Context, _ *testscript.TestScript, args []string) error {
	if err := need(args, 2, "give ADDRESS NODE"); err != nil {
		return err
	}
	ip, err := netip.ParseAddr(args[0])
	if err != nil {
		return err
	}
	_, err = w.lab.Region().Give(ctx, ip, strings.TrimPrefix(args[1], "nobody"))
	return err
}

func (w *world) take(ctx context.Context, _ *testscript.TestScript, args []string) error {
	if err := need(args, 1, "take ADDRESS"); err != nil {
		return err
	}
	ip, err := netip.ParseAddr(args[0])
	if err != nil {
		return err
	}
	return w.lab.Region().Delete(ctx, ip)
}
