// SPDX-License-Identifier: Apache-2.0

package heartbeatconvert

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const emptyCIB = `<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0">` +
	`<configuration><crm_config/><nodes/><resources/><constraints/></configuration><status/></cib>`

// corosyncAccepts runs the real corosync's check as the first node would: with its address, and the files in /etc/corosync.
func corosyncAccepts(t *testing.T, r Result) (string, bool) {
	t.Helper()
	dir := t.TempDir()
	for _, f := range r.Files() {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "unshare", "-n", "-m", "--", "sh", "-ec",
		`mount --bind "$0" /etc/corosync; ip link set lo up; ip addr add "$1" dev lo nodad; exec corosync -t`, dir, r.Nodes[0].Address.String())
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

// crmshAccepts has the real crmsh load cluster.crm into an empty CIB.
func crmshAccepts(t *testing.T, text string) (string, bool) {
	t.Helper()
	dir := t.TempDir()
	cib, file := filepath.Join(dir, "cib.xml"), filepath.Join(dir, "cluster.crm")
	for path, content := range map[string]string{cib: emptyCIB, file: text} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "crm", "-D", "plain", "-F", "configure", "load", "replace", file)
	cmd.Env = append(os.Environ(), "HOME="+dir, "CIB_file="+cib, "LC_ALL=C.UTF-8")
	out, err := cmd.CombinedOutput()
	after, rerr := os.ReadFile(cib)
	if rerr != nil {
		t.Fatal(rerr)
	}
	// crmsh says 0 to much; what counts is that the resources are there.
	return string(out), err == nil && bytes.Count(after, []byte("<primitive ")) == strings.Count(text, "\nprimitive ")
}

// What is converted is accepted by corosync and crmsh; and both refuse what is broken.
func TestAccepted(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root: corosync looks for the node's address, in a namespace")
	}
	for path, a := range cases(t) {
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		r, out := convertCase(t, a)
		if out["errors"] != "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if out, ok := corosyncAccepts(t, r); !ok {
				t.Errorf("corosync refuses it: %s\n%s", out, r.Corosync)
			}
			if out, ok := crmshAccepts(t, r.Cluster); !ok {
				t.Errorf("crmsh refuses it: %s\n%s", out, r.Cluster)
			}
			broken := r
			broken.Corosync = strings.Replace(r.Corosync, "nodeid: 2", "nodeid: 1", 1)
			if _, ok := corosyncAccepts(t, broken); ok {
				t.Error("corosync takes two nodes with one number: this check sees nothing")
			}
		})
	}
	if _, ok := crmshAccepts(t, "node 1: sp1\nprimitive p_a IPaddr parms ip=10.0.0.1 {\nprimitive p_b\n"); ok {
		t.Error("crmsh takes anything: this check sees nothing")
	}
}
