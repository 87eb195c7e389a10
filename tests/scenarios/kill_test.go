// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"context"
	"strings"
	"testing"
	"time"

	"ocf-oci/lab"
	"ocf-oci/lab/effects"
)

// killed is an action that is killed at every one of its effects.
type killed struct {
	name   string
	action string
	params []string
	before func() // the state that the action begins in
	stride int    // make test kills at every so manyth effect, make soak at each
}

// SIGKILL at every effect of start, stop, migrate_from and monitor: a stop then leaves nothing, and a start then works.
func killEverywhere(ctx context.Context, t *testing.T, l *lab.Lab) {
	const node, other = "vrouter2", "vrouter3"
	// One announcement is enough: each is a packet more, sent by a process that outlives the start.
	params := []string{"ip=10.0.0.100", "companions=10.1.0.100/24", "arp_count=1"}
	agent := func(node, action string, more ...string) int {
		t.Helper()
		return runAgent(ctx, t, l, node, action, append(more, params...)...)
	}
	cold := func() {
		agent(node, "stop")
		agent(other, "stop")
		output(ctx, t, l, node, "rm", "-rf", "/run/ocf-oci")
		must(t)(l.Region().Give(ctx, vip, "vrouter1"))
		must(t)(l.Region().Give(ctx, companion, "vrouter1"))
	}
	running := func() {
		if code := agent(node, "start"); code != 0 {
			t.Fatalf("start: exit code %d", code)
		}
	}
	for _, k := range []killed{
		{"start, cold", "start", nil, cold, 1},
		{"start, warm", "start", nil, func() { running(); agent(node, "stop"); agent(other, "start"); agent(other, "stop") }, 3},
		{"migrate_from", "migrate_from", nil, func() { running(); agent(node, "stop"); agent(other, "start") }, 3},
		{"monitor, level 10", "monitor", []string{"@interval=10s", "@level=10"}, running, 1},
		{"probe", "monitor", nil, running, 3},
		{"stop", "stop", nil, running, 1},
	} {
		t.Run(k.name, func(t *testing.T) {
			argv := agentArgs(k.action, append(k.params, params...)...)
			// Two addresses are moved at once: how their bytes share a connection differs from run to run, so the two
			// tracers get some runs to see the same thing.
			var whole effects.Result
			seen := -1
			for try := 0; try < 5 && seen != len(whole.Effects); try++ {
				k.before()
				whole = trace(ctx, t, l, node, argv, 0)
				k.before()
				seen = strace(ctx, t, l, node, argv)
			}
			t.Logf("%s has %d effects, strace sees %d:", k.name, len(whole.Effects), seen)
			for i, e := range whole.Effects {
				t.Logf("  %2d %s", i+1, e)
			}
			if len(whole.Effects) == 0 || whole.Code != 0 {
				t.Fatalf("the unkilled run had %d effects and ended with %d", len(whole.Effects), whole.Code)
			}
			if seen != len(whole.Effects) {
				t.Errorf("the number of kill points is %d, strace sees %d effects", len(whole.Effects), seen)
			}
			stride := k.stride
			if soak {
				stride = 1
			}
			points, want := 0, 0
			for n := 1; n <= len(whole.Effects); n += stride {
				want++
				k.before()
				r := trace(ctx, t, l, node, argv, n)
				for try := 0; try < 3 && !r.Killed; try++ { // runs differ, as said above
					k.before()
					r = trace(ctx, t, l, node, argv, n)
				}
				if !r.Killed {
					t.Logf("this run had only %d effects", len(r.Effects))
					continue
				}
				points++
				last := r.Effects[len(r.Effects)-1]
				if code := agent(node, "stop"); code != 0 {
					t.Errorf("killed before effect %d (%s): stop ended with %d", n, last, code)
				}
				if left := output(ctx, t, l, node, "ip", "-o", "address"); strings.Contains(left, "10.0.0.100") || strings.Contains(left, "10.1.0.100") {
					t.Errorf("killed before effect %d (%s): stop left an address:\n%s", n, last, left)
				}
				if code := agent(other, "stop"); code != 0 {
					t.Errorf("stop on %s: %d", other, code)
				}
				if code := agent(node, "start"); code != 0 {
					t.Errorf("killed before effect %d (%s): the next start ended with %d", n, last, code)
				}
				if _, err := l.WaitAgree(ctx, vip, companion); err != nil {
					t.Errorf("killed before effect %d (%s): %v", n, last, err)
				}
			}
			t.Logf("%s: killed at %d points", k.name, points)
			if points < want-1 {
				t.Errorf("only %d of %d points were reached", points, want)
			}
		})
	}
}

// trace runs the agent to its end, or kills it right before its n-th effect.
func trace(ctx context.Context, t *testing.T, l *lab.Lab, node string, argv []string, n int) effects.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	cmd, err := l.Command(ctx, node, argv...)
	check(t, err)
	tracer := effects.Tracer{Below: "/run/ocf-oci", Before: func(k int, _ effects.Effect) effects.Verdict {
		if k == n {
			return effects.Kill
		}
		return effects.Continue
	}}
	r, err := tracer.Run(cmd)
	check(t, err)
	return r
}

// strace counts the effects of an unkilled run with the system's own tracer.
func strace(ctx context.Context, t *testing.T, l *lab.Lab, node string, argv []string) int {
	t.Helper()
	const file = "/tmp/effects.strace"
	output(ctx, t, l, node, append(effects.StraceArgs(file), argv...)...)
	return effects.CountStrace(output(ctx, t, l, node, "cat", file), "/run/ocf-oci")
}

// output runs a command on a node and returns what it prints.
func output(ctx context.Context, t *testing.T, l *lab.Lab, node string, argv ...string) string {
	t.Helper()
	out, err := l.Output(ctx, node, argv...)
	if err != nil {
		t.Fatalf("%s on %s: %v\n%s", strings.Join(argv, " "), node, err, out)
	}
	return string(out)
}
