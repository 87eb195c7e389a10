// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"ocf-oci/lab"
)

// interrupted runs the tool on a node and calls f once when a line of its output matches; it returns all output when
// the tool has ended, however it did.
func interrupted(ctx context.Context, t *testing.T, l *lab.Lab, node, pattern string, f func(), args ...string) (string, error) {
	t.Helper()
	cmd, err := l.Command(ctx, node, append([]string{"env", "FORCE=yes", "ngcp-migrate-ha-crm"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		_ = w.Close()
		done <- err
	}()
	match, hit := regexp.MustCompile(pattern), false
	var all strings.Builder
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		all.WriteString(lines.Text() + "\n")
		if !hit && match.MatchString(lines.Text()) {
			hit = true
			f()
		}
	}
	err = <-done
	if !hit {
		t.Fatalf("no line matched %q, so nothing was interrupted: %v\n%s", pattern, err, all.String())
	}
	return all.String(), err
}

// killTool ends the tool as a reset of the machine would: every process of it on that node, at once.
func killTool(ctx context.Context, t *testing.T, l *lab.Lab, node string) {
	t.Helper()
	if out, err := l.Output(ctx, node, "sh", "-c", "kill -9 $(pidof ngcp-ha ngcp-migrate-ha-crm)"); err != nil {
		t.Errorf("kill the tool on %s: %v\n%s", node, err, out)
	}
}

// goOn runs the tool again until it is through: what it left behind (apt, a step on the peer) may still be at work.
func goOn(ctx context.Context, t *testing.T, l *lab.Lab, node string, args ...string) {
	t.Helper()
	var out string
	var err error
	for range 3 {
		if out, err = migrate(ctx, l, node, args...); err == nil {
			return
		}
		t.Logf("%s %v: %v", node, args, err)
	}
	t.Fatalf("%s %v does not come through: %v\n%s", node, args, err, out)
}

// Out of disk, out of packages, cut off: to go on and to turn round both end with one stack that has the
// services, and /etc/ha.d as it was. It takes a quarter of an hour; make test has two kills (TestMigrate).
func TestMigrateInterrupted(t *testing.T) {
	if !soak {
		t.Skip("make soak runs it")
	}
	t.Parallel()
	l := heartbeatPair(t, "interrupt")
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Minute)
	defer cancel()
	w := watch(t, l)
	defer single(t, w)

	// The disk fills up while the configuration is built: a clear error, and once there is room it goes on.
	check(t, second(l.Output(ctx, "sp2", "sh", "-c", "mkdir -p /etc/pacemaker; mount -t tmpfs -o size=8k full /etc/pacemaker; head -c 100000 /dev/zero >/etc/pacemaker/filler || true")))
	out, err := migrate(ctx, l, "sp2")
	if exitCode(err) != 1 || !strings.Contains(err.Error(), "no space left on device") || !strings.Contains(out, " sp2 7/8 ") {
		t.Errorf("with a full disk: %v\n%s", err, out)
	}
	check(t, second(l.Output(ctx, "sp2", "umount", "/etc/pacemaker")))

	// A package vanishes after the checks: the peer cannot fetch, and still runs the services. Mended, it goes on.
	out, err = interrupted(ctx, t, l, "sp2", " sp2 8/8 ", func() {
		check(t, second(l.Output(ctx, "sp1", "sh", "-c", "mkdir /srv/away; mv /srv/packages/pacemaker_* /srv/packages/Packages /srv/away/; sed '/^Package: pacemaker$/,/^$/d' /srv/away/Packages >/srv/packages/Packages; apt-get update -qq")))
	})
	if exitCode(err) != 1 || !strings.Contains(out, " sp1 2/8 ") {
		t.Errorf("without a package: code %d\n%s", exitCode(err), out)
	}
	if text, err := l.Output(ctx, "sp1", "sh", "-c", "ip -br -4 address; cl_status rscstatus"); err != nil || !strings.Contains(string(text), "192.168.1.161/") {
		t.Errorf("sp1 lost its addresses: %v\n%s", err, text)
	}
	check(t, second(l.Output(ctx, "sp1", "sh", "-c", "mv /srv/away/* /srv/packages/; rmdir /srv/away; apt-get update -qq")))
	goOn(ctx, t, l, "sp2")
	eventually(t, 3*time.Minute, "pacemaker on sp2", func() error { return activeUnder(ctx, l, "sp2", "pacemaker") })

	// ssh is lost on the way back while the peer works: it finishes its step, and once ssh is there it goes on.
	out, err = interrupted(ctx, t, l, "sp1", " sp2 5/8 ", func() { block(ctx, t, l, "sp1") }, "--rollback")
	if exitCode(err) != 1 || !strings.Contains(out, "trying again") || !strings.Contains(out, "connection lost") {
		t.Errorf("without ssh: code %d\n%s\n%v", exitCode(err), out, err)
	}
	unblock(ctx, t, l, "sp1")
	goOn(ctx, t, l, "sp1", "--rollback")
	eventually(t, 3*time.Minute, "Heartbeat on sp1", func() error { return activeUnder(ctx, l, "sp1", "heartbeat") })
	restored(ctx, t, l, both...)

}

// The active node dies before it let go. The survivor goes on alone, and back alone.
func TestMigrateAlone(t *testing.T) {
	if !soak {
		t.Skip("make soak runs it")
	}
	t.Parallel()
	l := heartbeatPair(t, "alone")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	w := watch(t, l)
	defer single(t, w)
	if out, err := interrupted(ctx, t, l, "sp2", " sp1 1/8 ", func() { check(t, l.Crash(ctx, "sp1")) }); exitCode(err) != 1 || !strings.Contains(out, "If sp1 is dead") {
		t.Errorf("without the peer: %v\n%s", err, out)
	}
	goOn(ctx, t, l, "sp2", "--local-only")
	eventually(t, 3*time.Minute, "pacemaker on the survivor", func() error { return activeUnder(ctx, l, "sp2", "pacemaker") })
	goOn(ctx, t, l, "sp2", "--rollback", "--local-only")
	eventually(t, 3*time.Minute, "Heartbeat on the survivor", func() error { return activeUnder(ctx, l, "sp2", "heartbeat") })
	restored(ctx, t, l, "sp2")
}

// block loses every packet of ssh that a node sends; unblock ends that.
func block(ctx context.Context, t *testing.T, l *lab.Lab, node string) {
	t.Helper()
	check(t, second(l.Output(ctx, node, "sh", "-c", "nft add table inet lost; nft 'add chain inet lost out { type filter hook output priority 0; }'; nft add rule inet lost out tcp dport 22 drop")))
}

func unblock(ctx context.Context, t *testing.T, l *lab.Lab, node string) {
	t.Helper()
	check(t, second(l.Output(ctx, node, "nft", "delete", "table", "inet", "lost")))
}

// The tool is killed at each step of each node, in both directions, and alternately goes on and turns round.
func TestMigrateKilledEverywhere(t *testing.T) {
	if !soak {
		t.Skip("make soak runs it")
	}
	for _, first := range []int{1, 4, 6} {
		t.Run(fmt.Sprintf("from step %d", first), func(t *testing.T) {
			t.Parallel()
			killedFrom(t, first, map[int]int{1: 3, 4: 5, 6: 8}[first])
		})
	}
}

// killedFrom kills the tool at some of the steps, on a pair of its own.
func killedFrom(t *testing.T, first, last int) {
	l := heartbeatPair(t, fmt.Sprintf("killed%d", first))
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
	defer cancel()
	w := watch(t, l)
	defer single(t, w)
	active, stack := "sp1", "heartbeat"
	other := map[string]string{"pacemaker": "heartbeat", "heartbeat": "pacemaker"}
	flags := map[string][]string{"pacemaker": {"--rollback"}, "heartbeat": nil}
	for step := first; step <= last; step++ {
		for _, onPeer := range []bool{false, true} {
			for _, turn := range []bool{true, false, true, false} { // twice turned round and gone on: once in each direction
				if stack == "pacemaker" && step < 3 {
					goOn(ctx, t, l, peerOf(active), flags[stack]...) // nothing is undone in the first two steps
					active, stack = peerOf(active), other[stack]
					continue
				}
				node, leader := peerOf(active), peerOf(active)
				if onPeer {
					node = active
				}
				pattern := fmt.Sprintf(" %s %d/8 ", node, step)
				t.Logf("killed at %s from %s, turned round: %v", pattern, stack, turn)
				if _, err := interrupted(ctx, t, l, leader, pattern, func() { time.Sleep(200 * time.Millisecond); killTool(ctx, t, l, leader) }, flags[stack]...); err == nil {
					t.Errorf("the tool survived its kill at %s", pattern)
				}
				if turn {
					goOn(ctx, t, l, leader, flags[other[stack]]...)
				} else {
					goOn(ctx, t, l, leader, flags[stack]...)
					stack = other[stack]
				}
				eventually(t, 2*time.Minute, "one working stack: "+stack, func() error {
					err := activeUnder(ctx, l, active, stack)
					if err != nil && activeUnder(ctx, l, peerOf(active), stack) == nil {
						active, err = peerOf(active), nil
					}
					return err
				})
				if stack == "heartbeat" {
					restored(ctx, t, l, both...)
				}
			}
		}
	}
}
