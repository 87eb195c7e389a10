// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"context"
	"strings"
	"testing"

	"ocf-oci/lab"
	"ocf-oci/lab/cluster"
)

// mergeConfig: the settings of all pairs become the global ones once every pair has them, and not before.
func mergeConfig(ctx context.Context, t *testing.T, l *lab.Lab) {
	const pair = "# the pair's own\nha:\n  gcs: corosync\n  crm: pacemaker # new\nother: 1\n"
	check(t, l.Cluster().Node("sp1").Install(ctx, map[string]cluster.File{
		"/etc/ngcp-config/network.yml":      {Content: []byte("hosts:\n  prx01a: {peer: prx01b}\n  prx01b: {peer: prx01a}\n  web01a: {peer: web01b}\n  web01b: {peer: web01a}\n")},
		"/etc/ngcp-config/config.yml":       {Content: []byte(configYML)},
		"/etc/ngcp-config/config.prx01.yml": {Content: []byte(pair)},
		"/etc/ngcp-config/config.web01.yml": {Content: []byte(strings.Replace(pair, "pacemaker", "heartbeat-2", 1))},
	}))
	read := func() string {
		out, err := l.Output(ctx, "sp1", "sh", "-c", "cat /etc/ngcp-config/config.yml /etc/ngcp-config/config.prx01.yml /etc/ngcp-config/config.web01.yml")
		check(t, err)
		return string(out)
	}
	before := read()
	_, err := l.Output(ctx, "sp1", "ngcp-ha", "migrate", "--merge-config")
	if exitCode(err) != 1 || !strings.Contains(err.Error(), "web01 (ha.crm is not pacemaker)") || read() != before {
		t.Errorf("with a pair that is not migrated: %v\n%s", err, read())
	}
	check(t, l.Cluster().Node("sp1").Install(ctx, map[string]cluster.File{"/etc/ngcp-config/config.web01.yml": {Content: []byte(pair)}}))
	check(t, second(l.Output(ctx, "sp1", "ngcp-ha", "migrate", "--merge-config")))
	global := strings.NewReplacer(`"heartbeat-2"`, `"corosync"`, "crm: heartbeat-2", "crm: pacemaker").Replace(configYML)
	own := "# the pair's own\nother: 1\n"
	if got := read(); got != global+own+own {
		t.Errorf("merged:\n%s", got)
	}
}
