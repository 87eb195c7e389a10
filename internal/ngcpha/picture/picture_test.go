// SPDX-License-Identifier: Apache-2.0

package picture

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/mon"
)

// handbookText is section 9.5, with the version that was unknown there because a load had removed it, one more clone,
// and what failed.
const handbookText = `Stack: corosync
Current DC: sp2 (version VERSION) - partition with quorum
Last updated: Fri Nov 22 18:38:06 2019
Last change: Fri Nov 22 18:25:28 2019 by hacluster via crmd on sp1
2 nodes configured
9 resources configured
Online: [ sp1 sp2 ]
Full list of resources:
Resource Group: g_vips
    p_vip_eth1_v4_1  (ocf::heartbeat:IPaddr):        Started sp1
    p_vip_eth2_v4_1  (ocf::heartbeat:IPaddr):        Started sp1
Resource Group: g_ngcp
    p_monit_services (ocf::ngcp:monit-services):     Started sp1
Clone Set: c_ping [p_ping]
    Started: [ sp1 sp2 ]
Clone Set: fencing [st-null]
    Started: [ sp1 sp2 ]
Clone Set: ms_db [db] (promotable)
    Promoted: [ sp1 ]
    Unpromoted: [ sp2 ]
Failed actions:
    p_monit_services_monitor_20000 on sp2: not running (complete), Fri Nov 22 18:20:00 2019: sems
`

func readCIB(t testing.TB, name string) *cib.CIB {
	t.Helper()
	text, err := os.ReadFile("../testdata/cib/" + name + ".xml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := cib.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func readState(t testing.TB, name string) mon.State {
	t.Helper()
	text, err := os.ReadFile("../testdata/mon/" + name + ".xml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := mon.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func written(t testing.TB, c *cib.CIB, s mon.State, now time.Time) string {
	t.Helper()
	p, err := Draw(c, s, "pingd", now)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	p.Write(&b)
	return b.String()
}

// Every pacemaker from 1.1 to 3.0 gives the same picture.
func TestHandbook(t *testing.T) {
	for name, version := range map[string]string{"1.1.20": "1.1.20-5.el7-3c4c782f70", "2.0.5": "2.0.5-ba59be7122", "2.1.5": "2.1.5-a3f44794f94", "3.0.2": "3.0.2-1"} {
		got := written(t, readCIB(t, "cib.base"), readState(t, name), time.Now())
		if diff := cmp.Diff(strings.Replace(handbookText, "VERSION", version, 1), got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		p, _ := Draw(readCIB(t, "cib.base"), readState(t, name), "pingd", time.Now())
		if p.Nodes[0].Ping != "2000" || len(p.Failures) != 1 || len(p.Resources) != 5 {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// What must not be overlooked.
func TestWarnings(t *testing.T) {
	now := time.Unix(1574443600, 0).Add(time.Minute)
	for name, w := range map[string]struct {
		cib   string
		spoil func(*mon.State)
		want  string
	}{
		"nothing":     {"cib.base", nil, ""},
		"banned":      {"cib.live", nil, "!! p_monit_services MAY NOT RUN ON sp1: fail count INFINITY, migration-threshold 20, until 2019-11-22 17:40:00 UTC"},
		"moved":       {"cib.moved", nil, "!! constraint cli-prefer-g_vips, left by a move or ban, keeps g_vips on sp1 until 2026-11-21"},
		"no quorum":   {"cib.base", func(s *mon.State) { s.Summary.Quorum = false }, "!! this part of the cluster has NO QUORUM (no-quorum-policy=ignore)"},
		"no dc":       {"cib.base", func(s *mon.State) { s.Summary.DC = "" }, "!! no coordinator"},
		"standby":     {"cib.base", func(s *mon.State) { s.Nodes[1].Standby = true }, "Node sp2: standby"},
		"unclean":     {"cib.base", func(s *mon.State) { s.Nodes[1].Unclean = true }, "Node sp2: UNCLEAN (online)"},
		"offline":     {"cib.base", func(s *mon.State) { s.Nodes[1].Online = false }, "OFFLINE: [ sp2 ]"},
		"maintenance": {"cib.base", func(s *mon.State) { s.Summary.MaintenanceMode = true }, "!! MAINTENANCE MODE"},
		"failed":      {"cib.base", func(s *mon.State) { s.Resources[0].Failed = true; s.Resources[0].Blocked = true }, "Started sp1 (FAILED, BLOCKED)"},
		"twice":       {"cib.base", func(s *mon.State) { s.Resources[0].Nodes = []string{"sp1", "sp2"} }, "Started sp1 sp2"},
		"unmanaged":   {"cib.base", func(s *mon.State) { s.Resources[3].Managed = false; s.Resources[4].Managed = false }, "Clone Set: c_ping [p_ping] (unmanaged)\n    Started: [ sp1 sp2 ]"},
	} {
		s := readState(t, "2.1.5")
		if w.spoil != nil {
			w.spoil(&s)
		}
		got := written(t, readCIB(t, w.cib), s, now)
		if !strings.Contains(got, w.want) || w.want == "" && strings.Contains(got, "!!") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestMaintenanceOf(t *testing.T) {
	c := readCIB(t, "zoo")
	if m := MaintenanceOf(c); m.Cluster || len(m.Nodes)+len(m.Resources) != 0 {
		t.Errorf("%+v", m)
	}
	if !InStandby(c, "b") || InStandby(c, "a") {
		t.Error("b is in standby, a is not")
	}
}

// The real crm_mon of this machine on every fixture: right or a clear error.
func TestFixtures(t *testing.T) {
	files, err := filepath.Glob("../testdata/cib/*.xml")
	if err != nil || len(files) < 8 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		path, err := filepath.Abs(file)
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
		s, err := mon.Query(t.Context(), append(os.Environ(), "CIB_file="+path))
		if strings.HasSuffix(file, "zoo.xml") { // has an element that no schema allows
			if err == nil || !strings.Contains(err.Error(), "does not conform to the configured schema") {
				t.Error("crm_mon accepted the zoo:", err)
			}
			text = bytes.Replace(text, []byte(`<what-comes-later x="y"><nested/></what-comes-later>`), nil, 1)
			path = filepath.Join(t.TempDir(), "zoo.xml")
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err = mon.Query(t.Context(), append(os.Environ(), "CIB_file="+path))
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		want := []string{"Resource Group: g_vips\n", "Clone Set: c_ping [p_ping]\n"}
		if strings.HasSuffix(file, "zoo.xml") {
			want = []string{"Clone Set: cl [cg]\n", "Container bundle: web [localhost/httpd]\n    Replica: 0\n", "RemoteOFFLINE: [ far guest1 web-0 web-1 ]", "(systemd:odd@x.service)"}
		}
		if got := written(t, c, s, time.Now()); slices.ContainsFunc(want, func(text string) bool { return !strings.Contains(got, text) }) {
			t.Errorf("%s: %s", file, got)
		}
	}
}

func FuzzDraw(f *testing.F) {
	files, _ := filepath.Glob("../testdata/mon/*.xml")
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	c := readCIB(f, "zoo")
	f.Fuzz(func(_ *testing.T, text []byte) {
		s, err := mon.Parse(text)
		if err != nil {
			return
		}
		if p, err := Draw(c, s, "pingd", time.Time{}); err == nil {
			p.Write(&bytes.Buffer{})
		}
	})
}
