// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ocf-oci/lab"
	"ocf-oci/lab/cluster"
)

// keepLogs saves what the nodes of a failed test have written, in build/failed, and prints what they complained of last.
func keepLogs(ctx context.Context, t *testing.T, l *lab.Lab) {
	dir, err := filepath.Abs(filepath.Join("../../build/failed", strings.ReplaceAll(t.Name(), "/", "-")))
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		t.Log(err)
		return
	}
	for _, n := range l.Topology().Nodes {
		if l.Cluster().Node(n.Name).State() != cluster.Up {
			t.Logf("%s is %v", n.Name, l.Cluster().Node(n.Name).State())
			continue
		}
		for name, script := range map[string]string{
			"pacemaker.log": "cat /var/log/pacemaker/pacemaker.log",
			"journal":       "journalctl --no-pager -o short-precise",
			"heartbeat.log": "cat /var/log/ha-log /var/log/ha-debug",
		} {
			out, _ := l.Output(ctx, n.Name, "sh", "-c", script+" 2>/dev/null; true")
			if err := os.WriteFile(filepath.Join(dir, n.Name+"."+name), out, 0o644); err != nil {
				t.Log(err)
			}
			if name == "pacemaker.log" {
				t.Logf("%s: the last complaints of pacemaker (all: build/failed):\n%s", n.Name, complaints(string(out)))
			}
		}
	}
}

// complaints are the last lines of a log of pacemaker with a warning or worse.
func complaints(log string) string {
	var lines []string
	for line := range strings.Lines(log) {
		for _, word := range []string{" warning: ", " error: ", " crit: "} {
			if strings.Contains(line, word) {
				lines = append(lines, line)
				break
			}
		}
	}
	return strings.Join(lines[max(0, len(lines)-25):], "")
}
