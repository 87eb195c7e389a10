// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"ocf-oci/lab"
	"ocf-oci/lab/cluster"
	"ocf-oci/lab/scenario"
)

// serviceProgram starts and stops one service of the group, which does not start while /run/broken-SERVICE exists.
const serviceProgram = `#!/bin/bash
pidfile=/run/ngcp-$1.pid
case $2 in
start)
	[[ -e /run/broken-$1 ]] && exit 1
	[[ $1 = lb ]] && sleep 1
	exec -a "ngcp-service $1" setsid sleep 100000 </dev/null >/dev/null 2>&1 &
	echo $! >$pidfile ;;
stop)
	kill $(cat $pidfile) && rm -f $pidfile ;;
esac
`

// ngcpServices are those of the group ha.
var ngcpServices = []string{"lb", "proxy", "rtpengine", "b2b", "sems"}

// ngcpFiles make a node one on which monit runs the services, as NGCP's configuration says.
func ngcpFiles() map[string]cluster.File {
	var definitions strings.Builder
	for _, s := range ngcpServices {
		fmt.Fprintf(&definitions, `check process %[1]s with pidfile /run/ngcp-%[1]s.pid
  start program = "/usr/local/sbin/ngcp-one %[1]s start" with timeout 5 seconds
  stop program = "/usr/local/sbin/ngcp-one %[1]s stop"
  onreboot nostart
  group ha
`, s)
	}
	return map[string]cluster.File{
		"/etc/monit/monitrc": {Mode: 0o600, Content: []byte(`set daemon 2
set log /var/log/monit.log
set pidfile /run/monit.pid
set idfile /var/lib/monit/id
set statefile /var/lib/monit/state
set httpd unixsocket /run/monit.sock allow admin:"lab lab"
include /etc/monit/conf.d/*
`)},
		"/etc/monit/conf.d/ha":        {Mode: 0o600, Content: []byte(definitions.String())},
		"/usr/local/sbin/ngcp-one":    {Mode: 0o755, Content: []byte(serviceProgram)},
		"/etc/ngcp-config/config.yml": {Content: []byte("ha:\n  gcs: corosync\n  crm: pacemaker\n  monitor_services: full\n")},
	}
}

// The handbook's pair with its services under monit; and the same agent with systemd, by hand.
func TestMonitServices(t *testing.T) {
	t.Parallel()
	files := ngcpFiles()
	for path, f := range unitFiles() {
		files[path] = f
	}
	l := up(t, lab.Options{Name: "monit", Nodes: 2, Scenario: lab.NGCP, Cluster: true, Files: files})
	t.Run("side by side", func(t *testing.T) {
		t.Run("systemd", func(t *testing.T) { t.Parallel(); systemdTable(t.Context(), t, byHand{l, "sp2"}) })
		t.Run("monit", func(t *testing.T) { t.Parallel(); handbookServices(t, l) })
	})
	t.Run("systemd hangs", func(t *testing.T) { systemdHangs(t.Context(), t, byHand{l, "sp2"}) })
}

func handbookServices(t *testing.T, l *lab.Lab) {
	monit := strings.NewReplacer("ocf:pacemaker:Dummy", "ocf:ngcp:monit-services")
	scenario.Run(t, l, "testdata/monit", nil, func(ctx context.Context, t *testing.T) {
		ctx, cancel := context.WithTimeout(ctx, 4*time.Minute)
		defer cancel()
		for _, node := range []string{"sp1", "sp2"} {
			if out, err := l.Output(ctx, node, "sh", "-c", "rm -f /run/broken-*; mkdir -p /var/lib/monit; systemctl start monit; for i in $(seq 50); do monit summary >/dev/null && exit 0; sleep 0.1; done; exit 1"); err != nil {
				t.Fatalf("%s: %v\n%s", node, err, out)
			}
		}
		pairWith(ctx, t, l, monit.Replace(handbook))
	})
}
