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
// after a migrating address would stay behind until it has stopped. The services get a time to stop: without one it is
// 20 s, and then the node is fenced, which stonith:null says it has done.
var pairServices = strings.NewReplacer(
	"ocf:pacemaker:Dummy", "ocf:ngcp:monit-services",
	" IPaddr \\", " ocf:oci:IPaddr2 \\",
	"op monitor interval=20 timeout=60", "op stop interval=0 timeout=120 op monitor interval=20 timeout=60",
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
	files["/etc/hosts.yaml"] = cluster.File{Content: []byte("hosts:\n  sp: [sp1, sp2]\n" + quietSSH)}
	files["/etc/ngcp-ha.yaml"] = cluster.File{Content: []byte(quietSSH)}
	files["/etc/lost.yaml"] = cluster.File{Content: []byte("hosts:\n  sp: [sp1, sp2]\n  lost: [lost]\n" + quietSSH)}
	files["/usr/local/sbin/mend"] = cluster.File{Mode: 0o755, Content: []byte(mendProgram)}
	files["/usr/local/sbin/interrupt-some"] = cluster.File{Mode: 0o755, Content: []byte(interruptProgram)}
	return files
}

// quietSSH reaches hosts whose keys nobody has seen yet.
const quietSSH = "ssh: [ssh, -o, BatchMode=yes, -o, ConnectTimeout=5, -o, StrictHostKeyChecking=no, -o, LogLevel=ERROR]\n"

// mendProgram runs the line that ngcp-ha check prints for a finding.
const mendProgram = `#!/bin/sh
fix=$(ngcp-ha check --json | jq -er --arg id "$1" '[.[] | select(.id == $id).fix][0]') && printf '%s\n' "$fix" | sh -ex
`

// sshBetween lets root of each node into the other.
func sshBetween(ctx context.Context, t *testing.T, l *lab.Lab) {
	t.Helper()
	output(ctx, t, l, "sp1", "sh", "-c", "mkdir -p -m 700 /root/.ssh; test -e /root/.ssh/id_ed25519 || ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519")
	private, public := output(ctx, t, l, "sp1", "cat", "/root/.ssh/id_ed25519"), output(ctx, t, l, "sp1", "cat", "/root/.ssh/id_ed25519.pub")
	for _, node := range []string{"sp1", "sp2"} {
		output(ctx, t, l, node, "sh", "-c", `umask 077; mkdir -p /root/.ssh /run/sshd
printf %s "$1" >/root/.ssh/id_ed25519; printf %s "$2" >/root/.ssh/authorized_keys
ssh-keygen -A && /usr/sbin/sshd`, "sh", private, public)
	}
}

// interruptProgram begins hand-overs to and fro and ends each by a signal at a random moment, INT or KILL. After INT no
// constraint may be left; after KILL one may, with an end, until the next call. Either way the cluster comes to rest with
// addresses and services together.
const interruptProgram = `#!/bin/bash
signal=$1 count=$2
where() { crm_resource -r "$1" --locate 2>/dev/null | sed -n 's/.*on: *//p' | sort -u | tr -d ' '; }
left() { cibadmin --query --scope constraints | grep cli-prefer; }
for ((i = 1; i <= count; i++)); do
	target=sp1
	[[ $(where g_vips) = sp1 ]] && target=sp2
	moment=$((RANDOM % 50))
	echo "$i: $signal after $((moment / 10)).$((moment % 10)) s on the way to $target"
	timeout --preserve-status -s "$signal" "$((moment / 10)).$((moment % 10))" ngcp-ha active --node $target
	code=$?
	echo "exit $code"
	if [[ $signal = INT ]]; then
		[[ $code = 0 || $code = 1 || $code = 130 ]] || { echo "exit code $code"; exit 1; }
		left && { echo "a constraint is left"; exit 1; }
	else
		ngcp-ha active --node $target || exit 1
		[[ $(where g_vips) = "$target" ]] || { echo "not on $target"; exit 1; }
		left && { echo "a constraint is left"; exit 1; }
	fi
	crm_resource --wait --timeout=120s
	[[ -n $(where g_vips) && $(where g_vips) = $(where g_ngcp) ]] || { echo "apart: $(where g_vips), $(where g_ngcp)"; exit 1; }
done
exit 0
`

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
	sshBetween(t.Context(), t, l)
	pairWith(t.Context(), t, l, pairServices)
	vars := map[string]string{"TURNS": "4", "DELAY": "5", "BATCHES": "1", "SOME": "1"}
	if soak {
		vars = map[string]string{"TURNS": "20", "DELAY": "45", "BATCHES": "10", "SOME": "2"}
	}
	scenario.Run(t, l, "testdata/ngcp-ha", vars, func(ctx context.Context, t *testing.T) { calmPair(ctx, t, l) })
}

// calmPair has everything online and running on sp1, with nothing left behind by the scenario before.
func calmPair(ctx context.Context, t *testing.T, l *lab.Lab) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	for _, node := range []string{"sp1", "sp2"} {
		output(ctx, t, l, node, "systemctl", "start", "corosync", "pacemaker")
	}
	check(t, l.Cluster().WaitOnline(ctx))
	for _, node := range []string{"sp1", "sp2"} {
		output(ctx, t, l, node, "sh", "-c", "rm -f /run/stop-delay /var/tmp/too-early; ip route flush type prohibit")
	}
	output(ctx, t, l, "sp1", "sh", "-c", `crm_attribute -t crm_config -n maintenance-mode -v false
for node in sp1 sp2; do crm_attribute -N $node -n standby -D -l forever; crm_attribute -N $node -n standby -D -l reboot; done
cibadmin --delete-all --force --xpath "//rsc_location[starts-with(@id,'cli-')]"
there() { crm_resource -r g_ngcp --locate | grep -q 'on: sp1' && crm_resource -r g_vips --locate | grep -q 'on: sp1'; }
crm_resource --cleanup
crm_resource --wait --timeout=60s
for try in 1 2 3 4 5 6; do
	there && break
	crm_resource -r g_vips --move --node sp1 --lifetime PT60S
	crm_resource --wait --timeout=60s
done 2>&1
crm_resource -r g_vips --clear
there`)
}
