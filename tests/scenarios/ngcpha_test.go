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

// pairServices is the handbook's cluster (section 9.6) with our agents. Nothing of it may migrate live: what is ordered
// after a migrating address would stay behind until it has stopped.
var pairServices = strings.NewReplacer(
	"ocf:pacemaker:Dummy", "ocf:ngcp:monit-services",
	" IPaddr \\", " ocf:oci:IPaddr2 \\",
	"monitor_services=full", "",
).Replace(handbook)

// slowProgram starts and stops one service of the group. The stop takes what /run/stop-delay says. A start without the
// shared addresses is noted, since nothing must come before them.
const slowProgram = `#!/bin/bash
pidfile=/run/ngcp-$1.pid
case $2 in
start)
	for ip in 192.168.255.250 192.168.1.161; do
		ip -o address show | grep -q "inet $ip/" || echo "$(date +%T) $1 before $ip" >>/var/tmp/too-early
	done
	exec -a "ngcp-service $1" setsid sleep 100000 </dev/null >/dev/null 2>&1 &
	echo $! >$pidfile ;;
stop)
	[[ $1 = proxy ]] && sleep $(cat /run/stop-delay 2>/dev/null || echo 0)
	kill $(cat $pidfile) && rm -f $pidfile ;;
esac
`

// pairFiles make a node one of the pair, with two services under monit.
func pairFiles() map[string]cluster.File {
	files := ngcpFiles()
	var definitions strings.Builder
	for _, s := range []string{"proxy", "lb"} {
		fmt.Fprintf(&definitions, `check process %[1]s with pidfile /run/ngcp-%[1]s.pid
  start program = "/usr/local/sbin/ngcp-one %[1]s start" with timeout 5 seconds
  stop program = "/usr/local/sbin/ngcp-one %[1]s stop" with timeout 100 seconds
  onreboot nostart
  group ha
`, s)
	}
	files["/etc/monit/conf.d/ha"] = cluster.File{Mode: 0o600, Content: []byte(definitions.String())}
	files["/usr/local/sbin/ngcp-one"] = cluster.File{Mode: 0o755, Content: []byte(slowProgram)}
	return files
}

// classicNames are what the packages link to ngcp-ha.
const linkClassicNames = `for name in ngcp-ha-show-failcounts ngcp-ha-clear-failcounts ngcp-make-active ngcp-make-standby ngcp-check-active \
	ngcp-check_active ngcp-ha-crm-reload ngcp-migrate-ha-crm ngcp-parallel-ssh; do ln -sf ngcp-ha /usr/sbin/$name; done
mkdir -p /var/lib/monit; systemctl start monit; for i in $(seq 100); do monit summary >/dev/null && exit 0; sleep 0.1; done; exit 1`

// The companion tool on the handbook's pair.
func TestNgcpHA(t *testing.T) {
	t.Parallel()
	l := up(t, lab.Options{Name: "ngcp-ha", Nodes: 2, Scenario: lab.NGCP, Cluster: true, Files: pairFiles()})
	for _, node := range []string{"sp1", "sp2"} {
		output(t.Context(), t, l, node, "sh", "-c", linkClassicNames)
	}
	pairWith(t.Context(), t, l, pairServices)
	vars := map[string]string{"TURNS": "4", "DELAY": "5"}
	if soak {
		vars = map[string]string{"TURNS": "20", "DELAY": "45"}
	}
	scenario.Run(t, l, "testdata/ngcp-ha", vars, func(ctx context.Context, t *testing.T) { calmPair(ctx, t, l) })
}

// calmPair has everything online and running on sp1, with nothing left behind by the scenario before.
func calmPair(ctx context.Context, t *testing.T, l *lab.Lab) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	check(t, l.Cluster().WaitOnline(ctx))
	for _, node := range []string{"sp1", "sp2"} {
		output(ctx, t, l, node, "sh", "-c", "rm -f /run/stop-delay /var/tmp/too-early; ip route flush type prohibit")
	}
	output(ctx, t, l, "sp1", "sh", "-c", `crm_attribute -t crm_config -n maintenance-mode -v false
for node in sp1 sp2; do crm_attribute -N $node -n standby -D -l forever; crm_attribute -N $node -n standby -D -l reboot; done
cibadmin --delete-all --force --xpath "//rsc_location[starts-with(@id,'cli-')]"
crm_resource --cleanup
for try in 1 2 3 4 5 6; do
	crm_resource --wait --timeout=60s
	crm_resource -r g_ngcp --locate | grep -q 'on: sp1' && crm_resource -r g_vips --locate | grep -q 'on: sp1' && break
	crm_resource -r g_vips --move --node sp1 --lifetime PT60S
done 2>&1
crm_resource -r g_vips --clear
crm_resource --wait --timeout=60s
crm_resource -r g_ngcp --locate | grep 'on: sp1'`)
}
