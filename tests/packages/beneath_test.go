// SPDX-License-Identifier: Apache-2.0

package packages

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ocf-oci/lab"

	"github.com/beevik/etree"
)

// beneath replaces and removes the package on the node where Cluster_VIP runs. Pacemaker does nothing, and the address stays.
func beneath(ctx context.Context, t *testing.T, l *lab.Lab) {
	t.Helper()
	_, holder, _ := strings.Cut(strings.TrimSpace(on(ctx, t, l, l.Topology().Nodes[0].Name, "crm_resource --locate --resource Cluster_VIP")), "is running on: ")
	holder = strings.TrimSpace(holder)
	carried := func(when string) {
		t.Helper()
		if out := on(ctx, t, l, holder, "ip -o address show to 10.0.0.100"); !strings.Contains(out, "10.0.0.100/") {
			t.Errorf("%s: %s does not carry the address", when, holder)
		}
	}
	before := operations(ctx, t, l, holder)
	if len(before) == 0 {
		t.Fatalf("pacemaker has no history of Cluster_VIP on %s", holder)
	}
	on(ctx, t, l, holder, "apt install -y ./next/next.deb && touch /root/upgraded")
	if out := on(ctx, t, l, holder, "oci-vip --version; dpkg -s resource-agents-oci"); !strings.Contains(out, "+next") {
		t.Errorf("after the upgrade: %s", out)
	}
	// The new agent's monitors ask the cloud once in a minute, and note when.
	on(ctx, t, l, holder, "for i in $(seq 240); do [ /run/ocf-oci/Cluster_VIP.check -nt /root/upgraded ] && exit 0; sleep 1; done; exit 1")
	if after := operations(ctx, t, l, holder); !slices.Equal(before, after) {
		t.Errorf("the upgrade changed pacemaker's history of Cluster_VIP (OPERATION/INTERVAL call CALL: CODE)\nfrom %q\nto   %q", before, after)
	}
	carried("after the upgrade")

	files := strings.Fields(on(ctx, t, l, holder, "dpkg -L resource-agents-oci"))
	on(ctx, t, l, holder, "apt purge -y resource-agents-oci")
	carried("after the removal")
	for _, f := range files {
		if out := on(ctx, t, l, holder, fmt.Sprintf("[ -d %[1]s ] || ls %[1]s 2>/dev/null || true", f)); out != "" {
			t.Errorf("left after the removal: %s", out)
		}
	}
	if out := on(ctx, t, l, holder, "ls -d /etc/ocf-oci /run/ocf-oci /usr/lib/ocf/resource.d/oci 2>/dev/null; find /etc/systemd /var/lib/systemd -name 'oci-vip*'; systemctl list-timers --all | grep oci-vip || true"); out != "" {
		t.Errorf("left after the removal: %s", out)
	}
}

// operations are what pacemaker has done with Cluster_VIP on a node, by the CIB. A recurring monitor changes its entry when its
// code changes, and only then.
func operations(ctx context.Context, t *testing.T, l *lab.Lab, node string) []string {
	t.Helper()
	doc := etree.NewDocument()
	if err := doc.ReadFromString(on(ctx, t, l, node, "cibadmin --query")); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, op := range doc.FindElements("//node_state[@uname='" + node + "']//lrm_resource[@id='Cluster_VIP']/lrm_rsc_op") {
		out = append(out, fmt.Sprintf("%s/%s call %s: %s", op.SelectAttrValue("operation", ""), op.SelectAttrValue("interval", ""),
			op.SelectAttrValue("call-id", ""), op.SelectAttrValue("rc-code", "")))
	}
	slices.Sort(out)
	return out
}
