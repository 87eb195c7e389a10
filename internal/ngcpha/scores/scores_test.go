// SPDX-License-Identifier: Apache-2.0

package scores

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/mon"
	"ocf-oci/internal/pacemaker/simulate"
)

// table asks the real scheduler and crm_mon about a fixture.
func table(t *testing.T, file string) []Row {
	t.Helper()
	path, err := filepath.Abs("../testdata/cib/" + file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := cib.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	state, err := mon.Query(t.Context(), append(os.Environ(), "CIB_file="+path))
	if err != nil {
		t.Fatal(err)
	}
	r, err := simulate.Run(t.Context(), os.Environ(), text)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := Table(c, state, r, false, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func row(t *testing.T, rows []Row, resource, node string) Row {
	t.Helper()
	i := slices.IndexFunc(rows, func(r Row) bool { return r.Resource == resource && r.Node == node })
	if i < 0 {
		t.Fatalf("no row for %s on %s in %+v", resource, node, rows)
	}
	return rows[i]
}

// sp1 reaches one ping node, sp2 both: the addresses would move there, in spite of the stickiness.
func TestPing(t *testing.T) {
	rows := table(t, "cib.ping12.xml")
	sp1, sp2 := row(t, rows, "p_vip_eth1_v4_1", "sp1"), row(t, rows, "p_vip_eth1_v4_1", "sp2")
	if !sp1.Running || sp1.Would || !strings.Contains(strings.Join(sp1.Why, "; "), "runs here, resource-stickiness 100; pingd=1000 (l_vips)") {
		t.Errorf("%+v", sp1)
	}
	if sp2.Running || !sp2.Would || !strings.Contains(strings.Join(sp2.Why, "; "), "pingd=2000 (l_vips)") {
		t.Errorf("%+v", sp2)
	}
	if r := row(t, rows, "p_monit_services", "sp2"); !r.Would || !strings.Contains(strings.Join(r.Why, "; "), "with g_vips (l_ngcp_with_vip, INFINITY)") {
		t.Errorf("%+v", r)
	}
	if slices.ContainsFunc(rows, func(r Row) bool { return strings.HasPrefix(r.Resource, "p_ping") }) {
		t.Error("a clone is in the table")
	}
}

// Both lost both ping nodes, or were never measured: everything stays where it is (a preference, no ban).
func TestPingNone(t *testing.T) {
	for _, file := range []string{"cib.ping00.xml", "cib.pingnone.xml"} {
		if r := row(t, table(t, file), "p_vip_eth1_v4_1", "sp1"); !r.Running || !r.Would {
			t.Errorf("%s: %+v", file, r)
		}
	}
}
