// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	"ocf-oci/lab"
	"ocf-oci/lab/cluster"
)

// service starts and stops the one service; its stop takes a while, as those of a telephone exchange do.
const service = `#!/bin/bash
case $1 in
start) setsid sleep 100000 </dev/null >/dev/null 2>&1 & echo $! >/run/sems.pid ;;
stop) sleep 4; kill $(cat /run/sems.pid) && rm -f /run/sems.pid ;;
esac
`

const monitrc = `set daemon 2
set log /var/log/monit.log
set pidfile /run/monit.pid
set idfile /var/lib/monit/id
set statefile /var/lib/monit/state
set httpd unixsocket /run/monit.sock allow admin:"lab lab"
check process sems with pidfile /run/sems.pid
  start program = "/usr/local/sbin/sems-one start" with timeout 5 seconds
  stop program = "/usr/local/sbin/sems-one stop" with timeout 20 seconds
  onreboot nostart
  group ha
`

func files() map[string]cluster.File {
	return map[string]cluster.File{
		"/etc/monit/monitrc":         {Mode: 0o600, Content: []byte(monitrc)},
		"/usr/local/sbin/sems-one":   {Mode: 0o755, Content: []byte(service)},
		"/etc/pacemaker/cluster.crm": {Content: []byte(handbook)},
	}
}

// handbook is the cluster of section 9.6 with our agents.
const handbook = `node 1: sp1
node 2: sp2
primitive p_monit_services ocf:ngcp:monit-services \
      meta migration-threshold=20 failure-timeout=800 \
      op monitor interval=20 timeout=60 on-fail=restart
primitive p_ping ocf:oci:ping \
      params host_list="10.15.20.30 192.168.211.1" multiplier=1000 dampen=1s \
      meta failure-timeout=800 \
      op monitor interval=1 timeout=60 on-fail=restart
primitive p_vip_eth1_v4_1 ocf:oci:IPaddr2 \
      params ip=192.168.255.250 nic=eth1 cidr_netmask=24 \
      op monitor interval=5 timeout=60 on-fail=restart
primitive p_vip_eth2_v4_1 ocf:oci:IPaddr2 \
      params ip=192.168.1.161 nic=eth2 cidr_netmask=24 \
      op monitor interval=5 timeout=60 on-fail=restart
primitive st-null stonith:null \
      params hostlist="sp1 sp2"
group g_vips p_vip_eth1_v4_1 p_vip_eth2_v4_1
group g_ngcp p_monit_services
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
      startup-fencing=yes \
      maintenance-mode=false
rsc_defaults rsc-options: \
      resource-stickiness=100
`

// prepare loads the cluster's configuration and has everything run on sp1.
func prepare(ctx context.Context, l *lab.Lab) error {
	for _, node := range []string{"sp1", "sp2"} {
		if out, err := l.Output(ctx, node, "sh", "-c", "mkdir -p /var/lib/monit; systemctl start monit; for i in $(seq 100); do monit summary >/dev/null && exit 0; sleep 0.1; done; exit 1"); err != nil {
			return fmt.Errorf("%s: monit: %w\n%s", node, err, out)
		}
	}
	if out, err := l.Output(ctx, "sp1", "sh", "-c", "ngcp-ha crm-reload --allow-stop && crm_resource --wait --timeout=60s && ngcp-ha active --node sp1"); err != nil {
		return fmt.Errorf("loading the configuration: %w\n%s", err, out)
	}
	return nil
}
