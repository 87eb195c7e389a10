// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"context"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"ocf-oci/lab"
)

// refusals: each trouble is planted, refused with its reason and code 2, and taken away again; then nothing refuses.
func refusals(ctx context.Context, t *testing.T, l *lab.Lab, active string) {
	standby := peerOf(active)
	for _, c := range []struct {
		name, node, plant, mend, want string
		args                          []string
	}{
		{name: "active node", node: active, want: `FAIL +role +` + active + ` +this is the active node \(it has 192\.168`},
		{name: "service down", node: standby, want: `FAIL +services +` + active + ` +not in a good state: sems \(`,
			plant: "on=" + active + " monit unmonitor sems && kill $(cat /run/ngcp-sems.pid); for i in $(seq 50); do monit summary -B | grep sems | grep -q 'Not monitored' && exit 0; sleep 0.2; done; exit 1",
			mend:  "on=" + active + " monit start sems; for i in $(seq 100); do monit summary -B | grep sems | grep -q OK && exit 0; sleep 0.2; done; exit 1"},
		{name: "package missing", node: standby, want: `FAIL +packages +` + active + ` +corosync and pacemaker cannot be had`,
			plant: "on=" + active + " mkdir /srv/away; mv /srv/packages/pacemaker_* /srv/packages/Packages /srv/away/; sed '/^Package: pacemaker$/,/^$/d' /srv/away/Packages >/srv/packages/Packages; apt-get update -qq",
			mend:  "on=" + active + " mv /srv/away/* /srv/packages/; rmdir /srv/away; apt-get update -qq"},
		{name: "package of Heartbeat not to be had", node: standby, want: `FAIL +packages +` + standby + ` +Heartbeat cannot be saved: no file of heartbeat `,
			plant: "on=" + standby + " mkdir /srv/away; mv /srv/packages/heartbeat_* /srv/packages/Packages /srv/away/; sed '/^Package: heartbeat$/,/^$/d' /srv/away/Packages >/srv/packages/Packages; apt-get update -qq; rm -f /var/cache/apt/archives/heartbeat*",
			mend:  "on=" + standby + " mv /srv/away/* /srv/packages/; rmdir /srv/away; apt-get update -qq"},
		{name: "not to be translated", node: standby, want: `(?s)FAIL +haresources .*differs.*FAIL +translation +/etc/ha.d/haresources:3:27: httpd: no OCF agent|(?s)FAIL +translation +/etc/ha.d/haresources:3:27: httpd: no OCF agent`,
			plant: "on=" + standby + " sed -i 's/monit-services/httpd/' /etc/ha.d/haresources",
			mend:  "on=" + standby + " sed -i 's/httpd/monit-services/' /etc/ha.d/haresources"},
		{name: "half migrated", node: standby, want: `FAIL +stack +` + active + ` +` + active + ` has a journal of an interrupted run`,
			plant: "on=" + active + ` mkdir -p -m 700 /var/lib/ngcp-ha/migrate; echo '{"steps":{"1":{"begun":"2026-01-01T00:00:00Z"}}}' >/var/lib/ngcp-ha/migrate/journal; chmod 600 /var/lib/ngcp-ha/migrate/journal`,
			mend:  "on=" + active + " rm /var/lib/ngcp-ha/migrate/journal"},
		{name: "fencing device", node: standby, want: `FAIL +fencing +` + standby + ` +Heartbeat has a fencing device \(stonith_host`,
			plant: "on=" + standby + " echo 'stonith_host * ssh sp1 sp2' >>/etc/ha.d/ha.cf",
			mend:  "on=" + standby + " sed -i /stonith_host/d /etc/ha.d/ha.cf"},
		{name: "peer answers", node: standby, args: []string{"--local-only"}, want: `FAIL +peer +` + standby + ` +the peer answers: leave --local-only away`},
		{name: "rollback of nothing", node: standby, args: []string{"--rollback"}, want: `FAIL +stack +` + standby + ` +` + standby + ` is on Heartbeat already`},
	} {
		t.Run(c.name, func(t *testing.T) {
			on := func(script string) {
				t.Helper()
				if node, command, ok := strings.Cut(strings.TrimPrefix(script, "on="), " "); ok {
					if out, err := l.Output(ctx, node, "sh", "-c", command); err != nil {
						t.Fatalf("%s: %v\n%s", script, err, out)
					}
				}
			}
			on(c.plant)
			out, err := migrate(ctx, l, c.node, c.args...)
			on(c.mend)
			if exitCode(err) != 2 || !regexp.MustCompile(c.want).MatchString(out) {
				t.Errorf("code %d, not 2, or no %q in\n%s", exitCode(err), c.want, out)
			}
		})
	}
	// Nothing refuses any more; but without FORCE, and without a terminal, nobody can be asked.
	out, err := l.Output(ctx, standby, "ngcp-migrate-ha-crm")
	if exitCode(err) != 2 || !strings.Contains(err.Error(), "Set FORCE=yes") || strings.Contains(string(out), "FAIL") {
		t.Errorf("without FORCE: %v\n%s", err, out)
	}
	// On a terminal it asks; no is no.
	out, err = l.Output(ctx, standby, "sh", "-c", "echo no | script -qec ngcp-migrate-ha-crm /dev/null")
	if exitCode(err) != 2 || !strings.Contains(string(out), "Go on? (yes/no)") || !strings.Contains(string(out), "nothing was changed") {
		t.Errorf("asked on a terminal: code %d\n%s", exitCode(err), out)
	}
	if err := activeUnder(ctx, l, active, "heartbeat"); err != nil {
		t.Errorf("a refusal changed something: %v", err)
	}
	restored(ctx, t, l, both...)
}

// planted: a second node has an address for 200 ms, and the witness sees it.
func planted(ctx context.Context, t *testing.T, l *lab.Lab) {
	w := watch(t, l)
	a := pairVIPs[1]
	eventually(t, 10*time.Second, "answers", func() error {
		if len(w.Now(a).Answers) < 5 {
			return net.ErrClosed
		}
		return nil
	})
	holder := ""
	for _, n := range both {
		if out, err := l.Output(ctx, n, "ip", "-br", "-4", "address"); err == nil && strings.Contains(string(out), a.String()+"/") {
			holder = n
		}
	}
	check(t, second(l.Output(ctx, peerOf(holder), "sh", "-c", "ip address add "+a.String()+"/24 dev eth2; sleep 0.2; ip address del "+a.String()+"/24 dev eth2")))
	reports, err := w.Stop()
	check(t, err)
	if len(reports[a].Duplicates()) == 0 {
		t.Error("a duplicate of 200 ms was not seen: the witness proves nothing")
	}
	if len(reports[pairVIPs[0]].Duplicates()) != 0 {
		t.Error("the other address was never on two nodes")
	}
}
