// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"context"
	"testing"
	"time"

	"ocf-oci/lab"
	"ocf-oci/lab/scenario"
)

// handbook is the cluster of section 9.6 of the NGCP handbook with ocf:oci:ping, and with a Dummy in the place of the
// services, which have scenarios of their own.
const handbook = `primitive p_monit_services ocf:pacemaker:Dummy \
      meta migration-threshold=20 \
      meta failure-timeout=800 \
      op monitor interval=20 timeout=60 on-fail=restart \
      op_params on-fail=restart
primitive p_ping ocf:oci:ping \
      params host_list="10.15.20.30 192.168.211.1" multiplier=1000 dampen=5s \
      meta failure-timeout=800 \
      op monitor interval=1 timeout=60 on-fail=restart \
      op_params timeout=60 on-fail=restart
primitive p_vip_eth1_v4_1 IPaddr \
      params ip=192.168.255.250 nic=eth1 cidr_netmask=24 \
      op monitor interval=5 timeout=60 on-fail=restart \
      op_params on-fail=restart
primitive p_vip_eth2_v4_1 IPaddr \
      params ip=192.168.1.161 nic=eth2 cidr_netmask=24 \
      op monitor interval=5 timeout=60 on-fail=restart \
      op_params on-fail=restart
primitive st-null stonith:null \
      params hostlist="sp1 sp2"
group g_ngcp p_monit_services
group g_vips p_vip_eth1_v4_1 p_vip_eth2_v4_1
clone c_ping p_ping
clone fencing st-null
location l_ngcp g_ngcp \
      rule pingd: defined pingd
colocation l_ngcp_with_vip inf: g_ngcp g_vips
location l_vips g_vips \
      rule pingd: defined pingd
order o_vip_then_ngcp Mandatory: g_vips g_ngcp
property cib-bootstrap-options: \
      stonith-enabled=yes \
      no-quorum-policy=ignore \
      startup-fencing=yes
rsc_defaults rsc-options: \
      resource-stickiness=100
`

// The NGCP pair with its ping nodes.
func TestPing(t *testing.T) {
	l := up(t, lab.Options{Name: "test-ping", Nodes: 2, Scenario: lab.NGCP, Cluster: true})
	before := func(ctx context.Context, t *testing.T) { pair(ctx, t, l) }
	scenario.Run(t, l, "testdata/ping", nil, before)
	if soak {
		scenario.Run(t, l, "testdata/ping-soak", nil, before)
	}
}

// pair makes the handbook's cluster anew, with its groups on sp1 and no way cut.
func pair(ctx context.Context, t *testing.T, l *lab.Lab) {
	t.Helper()
	pairWith(ctx, t, l, handbook)
}

// pairWith is pair with another configuration.
func pairWith(ctx context.Context, t *testing.T, l *lab.Lab, configuration string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	check(t, l.Cluster().WaitOnline(ctx))
	run := func(node, script string, args ...string) {
		t.Helper()
		if out, err := l.Output(ctx, node, append([]string{"sh", "-c", script, "sh"}, args...)...); err != nil {
			t.Fatalf("%s: %v\n%s", node, err, out)
		}
	}
	for _, node := range []string{"sp1", "sp2"} {
		run(node, "ip route flush type prohibit")
	}
	run("sp1", `printf %s "$1" >/run/handbook.crm && crm --force configure load replace /run/handbook.crm`, configuration)
	run("sp1", `crm_resource --wait --timeout 60s; crm_resource -r g_vips --move --node sp1 2>/dev/null; crm_resource --wait --timeout 60s; crm_resource -r g_vips --clear; crm_resource --wait --timeout 60s`)
}
