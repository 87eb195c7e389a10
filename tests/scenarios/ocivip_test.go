// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ocf-oci/lab"
	"ocf-oci/lab/cluster"
	"ocf-oci/lab/region/control"
	"ocf-oci/lab/scenario"
)

// The operator's tool on the virtual routers, with security tokens that live 20 s: a day of token lives in minutes.
func TestOCIVIP(t *testing.T) {
	t.Parallel()
	units := map[string]cluster.File{}
	for _, unit := range []string{"oci-vip-ready.service", "oci-vip-ready.timer"} {
		source, err := filepath.Abs("../../packaging/systemd/" + unit)
		check(t, err)
		units["/etc/systemd/system/"+unit] = cluster.File{Source: source, Mode: 0o644}
	}
	l := up(t, lab.Options{Name: "oci-vip", Nodes: 3, Scenario: lab.Router, Cluster: true, Files: units})
	life := control.Duration(20 * time.Second)
	check(t, l.Region().Change(t.Context(), control.Settings{TokenLife: &life}))
	vars := map[string]string{"INSTANCE2": instanceOf(t, l, "vrouter2")}
	blog(t, l)
	must(t)(l.Output(t.Context(), "vrouter1", "sh", "-c", `printf '%s\n' "$1" >/root/mend && chmod 755 /root/mend`, "sh", mend))
	scenario.Run(t, l, "testdata/oci-vip", vars, func(ctx context.Context, t *testing.T) {
		calm(ctx, t, l)
		fresh(ctx, t, l)
	})
}

// mend runs the line that oci-vip check prints for a finding.
const mend = `#!/bin/sh
fix=$(oci-vip check --cloud --json | jq -er --arg id "$1" '.[] | select(.id == $id).fix') && printf '%s\n' "$fix" | sh -ex`

// blog puts the sed commands of "ISV Implementation Details - Part 4A" onto vrouter1, with this region's OCIDs in the
// place of those that the blog does not show.
func blog(t *testing.T, l *lab.Lab) {
	t.Helper()
	text, err := os.ReadFile("../../internal/ipaddr2import/testdata/option1.sed.txt")
	check(t, err)
	commands := string(text)
	for i, node := range []string{"vrouter1", "vrouter2", "vrouter3"} {
		out, err := l.Output(t.Context(), node, "curl", "-sf", "-H", "Authorization: Bearer Oracle", "http://169.254.169.254/opc/v2/vnics/")
		check(t, err)
		var vnics []struct{ VnicID, SubnetCIDRBlock string }
		check(t, json.Unmarshal(out, &vnics))
		for _, v := range vnics {
			number := 2*i + 1
			if v.SubnetCIDRBlock == "10.1.0.0/24" {
				number++
			}
			commands = strings.ReplaceAll(commands, fmt.Sprintf("ocid1.vnic.oc1.ca-toronto-1.XYZ%d", number), v.VnicID)
		}
	}
	if strings.Contains(commands, "XYZ") {
		t.Fatalf("not every VNIC was found:\n%s", commands)
	}
	must(t)(l.Output(t.Context(), "vrouter1", "sh", "-c", `printf %s "$1" >/root/blog.sh`, "sh", commands))
}

// instanceOf asks the metadata service of a node for its instance's OCID.
func instanceOf(t *testing.T, l *lab.Lab, node string) string {
	t.Helper()
	out, err := l.Output(t.Context(), node, "curl", "-sf", "-H", "Authorization: Bearer Oracle", "http://169.254.169.254/opc/v2/instance/id")
	check(t, err)
	return strings.TrimSpace(string(out))
}
