// SPDX-License-Identifier: Apache-2.0

package packages

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ocf-oci/lab"
	"ocf-oci/lab/cluster"
)

// vip is the address of the page, as the lab knows it.
var vip = netip.MustParseAddr("10.0.0.100")

// step is a command line of a page, and where it is typed.
type step struct {
	where, line string
}

// steps are the commands of a page in its order: those of fences that begin with ```sh every-node or ```sh one-node.
func steps(t *testing.T, page string) []step {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, page))
	if err != nil {
		t.Fatal(err)
	}
	var out []step
	for _, m := range regexp.MustCompile("(?ms)^```sh (every-node|one-node)\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		for line := range strings.Lines(m[2]) {
			out = append(out, step{m[1], strings.TrimSpace(line)})
		}
	}
	return out
}

// bareLab is a cluster whose nodes have nothing of ours but what files brings.
func bareLab(ctx context.Context, t *testing.T, name, tree string, files map[string]cluster.File) *lab.Lab {
	t.Helper()
	needsRoot(t)
	bin := t.TempDir()
	program, err := filepath.Abs(repository + "/build/bin/ocf-lab")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(program, filepath.Join(bin, "ocf-lab")); err != nil {
		t.Fatal(err)
	}
	l, err := lab.Up(ctx, lab.Options{Name: fmt.Sprintf("%s-%d", name, os.Getpid()), Nodes: 2, Scenario: lab.Router, Cluster: true, Bin: bin, Root: tree,
		Files: files, Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		down, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := l.Down(down); err != nil {
			t.Error(err)
		}
	})
	return l
}

// on runs a shell command in root's home on a node.
func on(ctx context.Context, t *testing.T, l *lab.Lab, node, line string) string {
	t.Helper()
	out, err := l.Output(ctx, node, "bash", "-c", "cd /root && "+line)
	if err != nil {
		t.Fatalf("%s: %s: %v\n%s", node, line, err, out)
	}
	return string(out)
}

// A new user's path: the commands of docs/getting-started.md, as printed, on a cluster that has nothing of ours; the nodes have
// no right in the region but those that "oci-vip policy" prints. Then what happens to a running address when its package
// is replaced and removed beneath it.
func TestGettingStarted(t *testing.T) {
	b, next := first(t), second(t).deb("resource-agents-oci") // before the clock runs
	ctx, cancel := context.WithTimeout(t.Context(), 12*time.Minute)
	defer cancel()
	deb := filepath.Base(b.deb("resource-agents-oci"))
	l := bareLab(ctx, t, "start", "", map[string]cluster.File{
		"/root/" + deb:        {Source: b.deb("resource-agents-oci"), Mode: 0o644},
		"/root/next/next.deb": {Source: next, Mode: 0o644},
	})
	nodes := l.Topology().Nodes
	if err := l.Region().SetPolicy(ctx, ""); err != nil {
		t.Fatal(err)
	}
	var typed []string
	for _, s := range steps(t, "docs/getting-started.md") {
		typed = append(typed, s.line)
		for i, n := range nodes {
			if i > 0 && s.where == "one-node" {
				break
			}
			out := on(ctx, t, l, n.Name, s.line)
			switch s.line {
			case "oci-vip policy":
				enact(ctx, t, l, out)
			case "oci-vip status":
				if !strings.Contains(out, "10.0.0.100") || strings.Contains(out, "!!") {
					t.Errorf("oci-vip status:\n%s", out)
				}
			case "pcs resource create Cluster_VIP ocf:oci:IPaddr2 ip=10.0.0.100 meta failure-timeout=60s":
				on(ctx, t, l, n.Name, "crm_resource --wait --timeout=90s")
				if _, err := l.WaitAgree(ctx, vip); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if len(typed) < 8 {
		t.Fatalf("docs/getting-started.md has only the commands %q", typed)
	}
	on(ctx, t, l, nodes[0].Name, "crm_resource --wait --timeout=90s")
	if _, err := l.WaitAgree(ctx, vip); err != nil {
		t.Fatalf("after the last command: %v", err)
	}
	for _, n := range nodes {
		if got := strings.TrimSpace(on(ctx, t, l, n.Name, "systemctl is-enabled oci-vip-ready.timer && systemctl is-active oci-vip-ready.timer")); got != "enabled\nactive" {
			t.Errorf("%s: the timer is %q", n.Name, got)
		}
	}
	beneath(ctx, t, l)
}

// enact gives the region what "oci-vip policy" has printed, as a person puts it into the console.
func enact(ctx context.Context, t *testing.T, l *lab.Lab, printed string) {
	t.Helper()
	if err := l.Region().SetPolicy(ctx, printed); err != nil {
		t.Fatalf("%v; oci-vip policy:\n%s", err, printed)
	}
}
