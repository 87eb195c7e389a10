// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"ocf-oci/lab"
	"ocf-oci/lab/witness"
)

// exitCode is that of an error of Output; 0 for none, -1 if it did not run.
func exitCode(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	return -1
}

// migrate runs the tool on a node and returns its output.
func migrate(ctx context.Context, l *lab.Lab, node string, args ...string) (string, error) {
	out, err := l.Output(ctx, node, append([]string{"env", "FORCE=yes", "ngcp-migrate-ha-crm"}, args...)...)
	return string(out), err
}

// The handbook's migration on a pair of real packages: refusals first, then there, back, and there again, with a witness
// in the network all the time.
func TestMigrate(t *testing.T) {
	t.Parallel()
	l := heartbeatPair(t, "migrate")
	ctx, cancel := context.WithTimeout(t.Context(), 25*time.Minute)
	defer cancel()
	w := watch(t, l)
	stopped := false
	defer func() {
		if !stopped {
			_, _ = w.Stop()
		}
	}()
	begun := time.Now()
	check(t, second(l.Output(ctx, "sp2", "/usr/share/heartbeat/hb_takeover")))
	eventually(t, 3*time.Minute, "hb_takeover", func() error { return activeUnder(ctx, l, "sp2", "heartbeat") })
	takeover := outage(w, begun)
	t.Logf("one Heartbeat takeover: %v without an answer", takeover.Round(10*time.Millisecond))
	eventually(t, 3*time.Minute, "Heartbeat settles", func() error { return settled(ctx, l) })

	active := "sp2"
	t.Run("refusals", func(t *testing.T) { refusals(ctx, t, l, active) })
	t.Run("templates", func(t *testing.T) { templates(ctx, t, l, peerOf(active)) })
	t.Run("killed early", func(t *testing.T) { killedEarly(ctx, t, l, w, active) })
	rounds := 1
	if soak {
		rounds = 10
	}
	for i := range rounds {
		active = there(ctx, t, l, w, active)
		active = back(ctx, t, l, w, active)
		t.Logf("round trip %d of %d", i+1, rounds)
	}
	t.Run("killed late", func(t *testing.T) { killedLate(ctx, t, l, active) })
	stopped = true
	single(t, w)
	t.Run("merge-config", func(t *testing.T) { mergeConfig(ctx, t, l) })
	t.Run("witness", func(t *testing.T) { planted(ctx, t, l) })
}

func second[T any](_ T, err error) error { return err }

// killedEarly: killed while Heartbeat is being removed from the standby node, and turned round. The active node never
// noticed.
func killedEarly(ctx context.Context, t *testing.T, l *lab.Lab, w *witness.Witness, active string) {
	standby, begun := peerOf(active), time.Now()
	_, err := interrupted(ctx, t, l, standby, " "+standby+" 4/8 ", func() { time.Sleep(300 * time.Millisecond); killTool(ctx, t, l, standby) })
	if err == nil {
		t.Error("the tool survived its kill")
	}
	goOn(ctx, t, l, standby, "--rollback")
	eventually(t, 3*time.Minute, "Heartbeat on "+active, func() error { return activeUnder(ctx, l, active, "heartbeat") })
	restored(ctx, t, l, both...)
	if o := outage(w, begun); o > time.Second {
		t.Errorf("the services were away for %v although only the standby node was touched", o)
	}
}

// killedLate: the migration again, with files that templates make, killed at the worst moment, when nobody has the addresses; then it goes on.
func killedLate(ctx context.Context, t *testing.T, l *lab.Lab, active string) {
	standby := peerOf(active)
	goodTemplates(ctx, t, l)
	if _, err := interrupted(ctx, t, l, standby, "no address is left here", func() { killTool(ctx, t, l, standby) }); err == nil {
		t.Error("the tool survived its kill")
	}
	goOn(ctx, t, l, standby)
	eventually(t, 3*time.Minute, "pacemaker on "+standby, func() error { return activeUnder(ctx, l, standby, "pacemaker") })
	builtByTemplates(ctx, t, l)
}

// settled: Heartbeat on both nodes has no resources in transition.
func settled(ctx context.Context, l *lab.Lab) error {
	for _, n := range both {
		out, err := l.Output(ctx, n, "cl_status", "rscstatus")
		if s := strings.TrimSpace(string(out)); err != nil || s == "transition" {
			return fmt.Errorf("%s: %s %w", n, s, err)
		}
	}
	return nil
}

// there migrates from the standby node and returns the node that is active then.
func there(ctx context.Context, t *testing.T, l *lab.Lab, w *witness.Witness, active string) string {
	t.Helper()
	standby, begun := peerOf(active), time.Now()
	out, err := migrate(ctx, l, standby)
	if err != nil {
		t.Fatalf("migrate on %s: %v\n%s", standby, err, out)
	}
	eventually(t, 3*time.Minute, "pacemaker on "+standby, func() error { return activeUnder(ctx, l, standby, "pacemaker") })
	t.Logf("migrated in %v, %v without an answer", time.Since(begun).Round(time.Second), outage(w, begun).Round(10*time.Millisecond))
	inOrder(t, out, standby, active)
	for _, n := range both {
		text, err := l.Output(ctx, n, "sh", "-c", `dpkg-query -W -f '${db:Status-Status}' heartbeat; echo; cat /etc/ngcp-config/config.yml; ls /etc/ha.d /etc/ha.d/resource.d; cat /etc/corosync/corosync.conf`)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.NewReplacer(`"heartbeat-2"`, `"corosync"`, "crm: heartbeat-2", "crm: pacemaker").Replace(configYML)
		if !strings.Contains(string(text), want) || strings.Contains(string(text), "\nha.cf\n") || strings.HasPrefix(string(text), "installed") {
			t.Errorf("%s after the migration: %s", n, text)
		}
	}
	eventually(t, 2*time.Minute, "the cluster is whole", func() error { // a node of a busy machine may be away for a moment
		text, err := l.Output(ctx, standby, "crm_mon", "-1", "-r")
		if err != nil || strings.Contains(string(text), "Failed") || !strings.Contains(string(text), "Online: [ sp1 sp2 ]") || strings.Contains(string(text), "DISABLED") {
			return fmt.Errorf("%v\n%s", err, text)
		}
		return nil
	})
	return standby
}

// back rolls back from the standby node.
func back(ctx context.Context, t *testing.T, l *lab.Lab, w *witness.Witness, active string) string {
	t.Helper()
	standby, begun := peerOf(active), time.Now()
	out, err := migrate(ctx, l, standby, "--rollback")
	if err != nil {
		t.Fatalf("rollback on %s: %v\n%s", standby, err, out)
	}
	eventually(t, 3*time.Minute, "Heartbeat on "+standby, func() error { return activeUnder(ctx, l, standby, "heartbeat") })
	t.Logf("rolled back in %v, %v without an answer", time.Since(begun).Round(time.Second), outage(w, begun).Round(10*time.Millisecond))
	restored(ctx, t, l, both...)
	eventually(t, time.Minute, "ngcp-ha check-active under Heartbeat", func() error {
		for node, want := range map[string]string{standby: "active\n", active: "standby\n"} {
			if out, err := l.Output(ctx, node, "ngcp-ha", "check-active", "-v"); string(out) != want {
				return fmt.Errorf("%s: %q, want %q: %w", node, out, want, err)
			}
		}
		return nil
	})
	return standby
}

// restored: /etc/ha.d and config.yml are as they were at first, byte for byte, and nothing of pacemaker is left.
func restored(ctx context.Context, t *testing.T, l *lab.Lab, nodes ...string) {
	t.Helper()
	for _, n := range nodes {
		if out, err := l.Output(ctx, n, "sh", "-c", "cd /etc && sha256sum --quiet -c /root/ha.d.sum"); err != nil {
			t.Errorf("%s: /etc/ha.d is not as it was: %v\n%s", n, err, out)
		}
		if text, err := l.Output(ctx, n, "cat", "/etc/ngcp-config/config.yml"); err != nil || string(text) != configYML {
			t.Errorf("%s: config.yml is %v %q", n, err, text)
		}
		if text, _ := l.Output(ctx, n, "dpkg-query", "-W", "-f", "${db:Status-Status} ", "corosync", "pacemaker", "crmsh"); strings.Contains(string(text), "installed ") && !strings.Contains(string(text), "not-installed") {
			t.Errorf("%s still has corosync or pacemaker: %s", n, text)
		}
	}
}

// inOrder: all eight steps on the standby node, then on its peer.
func inOrder(t *testing.T, out, first, second string) {
	t.Helper()
	at := 0
	for _, n := range []string{first, second} {
		for step := 1; step <= 8; step++ {
			mark := fmt.Sprintf(" %s %d/8 ", n, step)
			i := strings.Index(out[at:], mark)
			if i < 0 {
				t.Errorf("step%sis not in its place in\n%s", mark, out)
				return
			}
			at += i
		}
	}
}
