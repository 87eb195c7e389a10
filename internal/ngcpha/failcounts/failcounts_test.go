// SPDX-License-Identifier: Apache-2.0

package failcounts

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/mon"

	"github.com/google/go-cmp/cmp"
)

func read(t *testing.T, name string) *cib.CIB {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../testdata/cib", name+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := cib.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func written(t *testing.T, c *cib.CIB, names []string, node string, details bool, now time.Time) string {
	t.Helper()
	r, err := Collect(c, names, node, details, now)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	r.Write(&b, details)
	return b.String()
}

// The handbook's format, byte for byte.
func TestHandbook(t *testing.T) {
	want := "p_monit_services:\n  sp1: INFINITY\n  sp2: 0\np_vip_eth1_v4_1:\n  sp1: 0\n  sp2: 0\np_vip_eth2_v4_1:\n  sp1: 0\n  sp2: 0\n"
	if diff := cmp.Diff(want, written(t, read(t, "cib.live"), nil, "", false, time.Now())); diff != "" {
		t.Error(diff)
	}
	zero := strings.ReplaceAll(want, "INFINITY", "0")
	for _, name := range []string{"cib.base", "cib.moved", "cib.noping", "cib.ping00", "cib.ping12", "cib.pingnone"} {
		got := written(t, read(t, name), nil, "", false, time.Now())
		if name == "cib.noping" { // has the counts of cib.live
			got = strings.ReplaceAll(got, "INFINITY", "0")
		}
		if diff := cmp.Diff(zero, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestDetails(t *testing.T) {
	c := read(t, "cib.live")
	within := time.Unix(1574443600+799, 0)
	got := written(t, c, []string{"p_monit_services"}, "sp1", true, within)
	want := `p_monit_services: (ocf:ngcp:monit-services, migration-threshold 20, failure-timeout 13m20s)
  sp1: INFINITY  MAY NOT RUN HERE (threshold 20)  expires 2019-11-22 17:40:00 UTC
    monitor every 20s: 3, last 2019-11-22 17:25:28 UTC: sems not running
    start: INFINITY, last 2019-11-22 17:26:40 UTC
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got = written(t, c, []string{"p_monit_services"}, "sp1", true, within.Add(2*time.Second))
	if strings.Contains(got, "MAY NOT") || !strings.Contains(got, "expired") {
		t.Error("an expired count bans nothing:", got)
	}
	// A clone is shown when asked for, or with all.
	if got := written(t, c, nil, "sp2", true, within); !strings.Contains(got, "p_ping: (") || !strings.Contains(got, "st-null: (stonith:null") {
		t.Error(got)
	}
}

// counts are those of the resources on the first node, by name.
func counts(t *testing.T, c *cib.CIB, names ...string) map[string]string {
	t.Helper()
	r, err := Collect(c, names, "a", true, time.Unix(1763000000, 0))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, res := range append(r.Resources, r.Others...) {
		got[res.ID] = res.Nodes[0].Count.String()
		if res.Nodes[0].Banned {
			got[res.ID] += " banned"
		}
	}
	return got
}

func TestZoo(t *testing.T) {
	c := read(t, "zoo")
	if diff := cmp.Diff([]string{"a", "b", "far", "guest1"}, Nodes(c)); diff != "" {
		t.Error(diff)
	}
	want := map[string]string{"c1": "3 banned", "c2": "0", "u": "5", "db": "0", "httpd": "0", "vm": "0", "far": "0", "ip1": "7",
		"odd": "0", "late": "INFINITY banned", "web-podman-0": "INFINITY banned"}
	if diff := cmp.Diff(want, counts(t, c)); diff != "" {
		t.Error(diff)
	}
	for name, sum := range map[string]string{"cl": "3 banned", "cg": "3 banned", "uniq": "5", "g_vips": "7", "web": "0", "bare": "0", "web-podman-0": "INFINITY banned"} {
		if got := counts(t, c, name)[name]; got != sum {
			t.Errorf("%s: %s, want %s", name, got, sum)
		}
	}
	// Only what can run once is in the handbook's list.
	if got := written(t, c, nil, "a", false, time.Now()); strings.Contains(got, "c1:") || strings.Contains(got, "httpd:") || !strings.Contains(got, "late:\n  a: INFINITY\n") {
		t.Error(got)
	}
}

func TestUnknownNames(t *testing.T) {
	c := read(t, "cib.live")
	var unknown *UnknownError
	if _, err := Collect(c, []string{"p_vip"}, "", false, time.Now()); !errors.As(err, &unknown) || !strings.Contains(err.Error(), "no resource p_vip; it has p_monit_services, ") {
		t.Error(err)
	}
	if _, err := Collect(c, nil, "sp3", false, time.Now()); !errors.As(err, &unknown) || !strings.Contains(err.Error(), "no node sp3; it has sp1, sp2") {
		t.Error(err)
	}
}

func TestWhatIsNoNumber(t *testing.T) {
	c := read(t, "cib.live")
	c.FailCounts[0].Count = "many"
	if _, err := Collect(c, nil, "", false, time.Now()); err == nil || !strings.Contains(err.Error(), "crm_failcount -D -r p_monit_services -N sp1") {
		t.Error(err)
	}
}

func TestToClear(t *testing.T) {
	failed := []mon.Failure{{Operation: "p_ping:1_start_0", Node: "sp2"}, {Operation: "gibberish", Node: "sp1"}}
	for _, w := range []struct {
		names []string
		node  string
		want  []Pair
	}{
		{nil, "", []Pair{{"p_monit_services", "sp1"}, {"p_ping", "sp2"}}},
		{nil, "sp1", []Pair{{"p_monit_services", "sp1"}}},
		{[]string{"g_ngcp"}, "", []Pair{{"p_monit_services", "sp1"}}},
		{[]string{"c_ping"}, "", []Pair{{"p_ping", "sp2"}}},
		{[]string{"g_vips", "p_ping"}, "sp1", nil},
	} {
		got, err := ToClear(read(t, "cib.live"), failed, w.names, w.node)
		if diff := cmp.Diff(w.want, got); diff != "" || err != nil {
			t.Errorf("%v %s: %v %s", w.names, w.node, err, diff)
		}
	}
	if _, err := ToClear(read(t, "cib.live"), nil, []string{"nobody"}, ""); err == nil {
		t.Error("nobody is no resource")
	}
	if _, err := ToClear(read(t, "cib.live"), nil, nil, "sp3"); err == nil {
		t.Error("sp3 is no node")
	}
}

func TestAttributes(t *testing.T) {
	c := read(t, "zoo")
	if diff := cmp.Diff([]string{"fail-count-web-podman-0#start_0", "last-failure-web-podman-0#start_0"}, Attributes(c, Pair{"web-podman-0", "a"})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"fail-count-ip1", "last-failure-ip1"}, Attributes(c, Pair{"ip1", "a"})); diff != "" {
		t.Error(diff)
	}
	if got := Attributes(c, Pair{"ip1", "b"}); got != nil {
		t.Error(got)
	}
}

func FuzzCollect(f *testing.F) {
	files, _ := filepath.Glob("../testdata/cib/*.xml")
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := cib.Parse(text)
		if err != nil {
			return
		}
		for _, node := range Nodes(c) {
			if r, err := Collect(c, nil, node, true, time.Unix(1574443600, 0)); err == nil {
				r.Write(&bytes.Buffer{}, true)
			}
		}
		for _, id := range ids(c) {
			if _, err := Collect(c, []string{id}, "", true, time.Time{}); err != nil && errors.As(err, new(*UnknownError)) {
				t.Errorf("%s is unknown, though the document has it", id)
			}
		}
	})
}
