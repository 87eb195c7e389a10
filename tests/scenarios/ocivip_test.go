// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"context"
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
	scenario.Run(t, l, "testdata/oci-vip", vars, func(ctx context.Context, t *testing.T) {
		calm(ctx, t, l)
		fresh(ctx, t, l)
	})
}

// instanceOf asks the metadata service of a node for its instance's OCID.
func instanceOf(t *testing.T, l *lab.Lab, node string) string {
	t.Helper()
	out, err := l.Output(t.Context(), node, "curl", "-sf", "-H", "Authorization: Bearer Oracle", "http://169.254.169.254/opc/v2/instance/id")
	check(t, err)
	return strings.TrimSpace(string(out))
}
