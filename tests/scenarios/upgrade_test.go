// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ocf-oci/lab"
	"ocf-oci/lab/scenario"
)

// lateParameters are those that the previous version of the agent does not know, in the upgrade that is played here.
var lateParameters = []string{"allow_from", "arp_targets"}

// previous builds the agent without those parameters in its description: all that pacemaker, pcs and the agent itself know of
// them.
func previous(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	replace := map[string]string{}
	left := len(lateParameters)
	for _, name := range []string{"model_cloud.go", "model_parameters.go"} {
		path, err := filepath.Abs("../../agents/ipaddr2-oci/" + name)
		check(t, err)
		text, err := os.ReadFile(path)
		check(t, err)
		for _, p := range lateParameters {
			declaration := regexp.MustCompile(`(?s)\t\t\{Name: "` + p + `".*?` + "`" + `\},\n`)
			if declaration.Match(text) {
				text = declaration.ReplaceAll(text, nil)
				left--
			}
		}
		replace[path] = filepath.Join(dir, name)
		check(t, os.WriteFile(replace[path], text, 0o600))
	}
	if left != 0 {
		t.Fatalf("%d of %v are not declared where they are looked for", left, lateParameters)
	}
	overlay := filepath.Join(dir, "overlay.json")
	text, err := json.Marshal(map[string]any{"Replace": replace})
	check(t, err)
	check(t, os.WriteFile(overlay, text, 0o600))
	binary := filepath.Join(dir, "IPaddr2")
	if out, err := exec.Command("go", "build", "-trimpath", "-overlay", overlay, "-o", binary, "../../agents/ipaddr2-oci").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return binary
}

// A node of the previous version beside nodes of this one: a definition with parameters that it does not know starts, moves,
// is checked, changed and stopped there, and nothing fails.
func mixedVersions(ctx context.Context, t *testing.T, l *lab.Lab) {
	ctx, cancel := context.WithTimeout(ctx, 8*time.Minute)
	defer cancel()
	const old = "vrouter3"
	run := func(argv ...string) string { t.Helper(); return output(ctx, t, l, "vrouter1", argv...) }
	replaceAgent(ctx, t, l, old, previous(t))
	defer replaceAgent(ctx, t, l, old, "../../build/bin/IPaddr2")
	for node, knows := range map[string]bool{"vrouter1": true, old: false} {
		text := output(ctx, t, l, node, scenario.AgentCommand("meta-data", nil)...)
		if strings.Contains(text, `name="allow_from"`) != knows {
			t.Fatalf("the agent on %s is the wrong version", node)
		}
	}
	s, err := l.Region().Status(ctx)
	check(t, err)
	var vnics []string
	for _, n := range s.Nodes {
		for _, v := range n.VNICs {
			vnics = append(vnics, v.ID)
		}
	}
	moveTo := func(node string) {
		t.Helper()
		run("crm_resource", "--move", "--resource", "Cluster_VIP", "--node", node)
		run("crm_resource", "--wait", "--timeout=240s")
		run("crm_resource", "--clear", "--resource", "Cluster_VIP")
		if _, err := l.WaitAgree(ctx, vip, companion); err != nil {
			t.Error(err)
		}
		if owner, err := l.Region().Owner(ctx, vip); err != nil || owner.Node != node {
			t.Errorf("the address is with %q (%v), want %s", owner.Node, err, node)
		}
	}
	run("pcs", "resource", "update", "Cluster_VIP", "allow_from="+strings.Join(vnics, " "))
	run("crm_resource", "--wait", "--timeout=240s")
	moveTo(old)
	run("pcs", "resource", "update", "Cluster_VIP", "arp_targets=10.0.0.50") // while it runs on the old version
	run("crm_resource", "--wait", "--timeout=240s")
	moveTo("vrouter2")
	moveTo(old)
	moveTo("vrouter1")
	if failed := run("crm_mon", "--one-shot", "--inactive", "--failcounts"); strings.Contains(failed, "Failed") || strings.Contains(failed, "fail-count") {
		t.Errorf("something failed:\n%s", failed)
	}
}

// replaceAgent installs a build of the agent on one node, as a package would: by renaming over the old file.
func replaceAgent(ctx context.Context, t *testing.T, l *lab.Lab, node, binary string) {
	t.Helper()
	file, err := os.Open(binary)
	check(t, err)
	defer file.Close()
	const path = "/usr/lib/ocf/resource.d/oci/IPaddr2"
	cmd, err := l.Command(ctx, node, "bash", "-c", "cat >"+path+".new && chmod 755 "+path+".new && mv "+path+".new "+path)
	check(t, err)
	cmd.Stdin = file
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("install the agent on %s: %v\n%s", node, err, out)
	}
}
