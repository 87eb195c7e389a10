// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ocf-oci/internal/floating"
	"ocf-oci/lab"
	"ocf-oci/lab/effects"
)

// A start is stopped right before the bytes of its write leave, another node starts meanwhile, then it goes on: it must
// not steal the address, although it was first.
func heldBeforeItsWrite(ctx context.Context, t *testing.T, l *lab.Lab) {
	const slow, fast = "vrouter2", "vrouter3"
	argv := agentArgs("start", "ip=10.0.0.100", "@timeout=120s")
	fresh := map[string]func(){
		"cold": func() { output(ctx, t, l, slow, "rm", "-rf", "/run/ocf-oci") },
		"warm": func() {
			runAgent(ctx, t, l, slow, "start", "ip=10.0.0.100")
			runAgent(ctx, t, l, slow, "stop", "ip=10.0.0.100")
		},
	}
	fresh["ready"] = func() { fresh["warm"]() } // and what a readiness check leaves, below
	for _, name := range []string{"cold", "warm", "ready"} {
		t.Run(name, func(t *testing.T) {
			before := func() {
				for _, n := range []string{slow, fast} {
					runAgent(ctx, t, l, n, "stop", "ip=10.0.0.100")
				}
				fresh[name]()
				must(t)(l.Region().Give(ctx, vip, "vrouter1"))
				if name == "ready" {
					seen(ctx, t, l, slow)
				}
			}
			before()
			write := 0 // the number of the effect that carries the PUT: the last bytes on a TCP connection
			for i, e := range trace(ctx, t, l, slow, argv, 0).Effects {
				if e.Kind == "tcp" {
					write = i + 1
				}
			}
			if write == 0 {
				t.Fatal("the start wrote to nobody")
			}
			before()
			began := time.Now()
			ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
			defer cancel()
			cmd, err := l.Command(ctx, slow, argv...)
			check(t, err)
			stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr")) // a pipe's reader may lag behind the tracer
			check(t, err)
			defer stderr.Close()
			cmd.Stderr = stderr
			held := false
			tracer := effects.Tracer{Below: "/run/ocf-oci", Before: func(n int, e effects.Effect) effects.Verdict {
				if n == write {
					held = true
					time.Sleep(1100 * time.Millisecond) // no cluster starts elsewhere sooner
					if code := runAgent(ctx, t, l, fast, "start", "ip=10.0.0.100"); code != 0 {
						t.Errorf("the other node's start ended with %d", code)
					}
				}
				return effects.Continue
			}}
			r, err := tracer.Run(cmd)
			check(t, err)
			if !held {
				t.Fatal("it was never held")
			}
			text, err := os.ReadFile(stderr.Name())
			check(t, err)
			t.Logf("held before effect %d; %s", write, strings.TrimSpace(string(text)))
			if r.Code != 1 || !strings.Contains(string(text), "meanwhile") {
				t.Errorf("exit code %d, want 1 and a reason that says what happened", r.Code)
			}
			if o, err := l.Region().Owner(ctx, vip); err != nil || o.Node != fast {
				t.Errorf("the address belongs to %q (%v), want %s", o.Node, err, fast)
			}
			if left := output(ctx, t, l, slow, "ip", "-o", "address"); strings.Contains(left, "10.0.0.100") {
				t.Error("the loser still carries the address")
			}
			calls, err := l.Region().Calls(ctx, began)
			check(t, err)
			lost := 0
			for _, c := range calls {
				if c.Node == slow && c.Status == 412 {
					lost++
				}
			}
			if lost != 1 {
				t.Errorf("%d writes met a changed ETag, want 1", lost)
			}
		})
	}
}

// seen leaves on a node what a readiness check does: who holds the address and which version it has.
func seen(ctx context.Context, t *testing.T, l *lab.Lab, node string) {
	t.Helper()
	owner, err := l.Region().Owner(ctx, vip)
	check(t, err)
	output(ctx, t, l, node, "bash", "-c", fmt.Sprintf(
		`cd /run/ocf-oci && jq -c '.targets[0].seen={"holder":%q,"etag":%q,"at":%d}' vip.resolved > x && cat x > vip.resolved && rm x`,
		owner.VNIC, owner.ETag, floating.Boottime()))
}
