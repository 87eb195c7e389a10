// SPDX-License-Identifier: Apache-2.0

package ngcpconfig

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const sample = `# NGCP config, edited by hand
---
general:
  lang: en   # or de
ha:
  # see the handbook
  monitor_services: none
  gcs: "heartbeat-2"  # group communication
  crm: heartbeat-2
  pingnodes: [10.15.20.30, 192.168.211.1]   # both
sems:
  gcs: no
`

// An edit changes one value; comments, order, quoting and a key of the same name elsewhere stay.
func TestSet(t *testing.T) {
	out, err := Set("config.yml", []byte(sample), "ha", "gcs", "corosync")
	if err != nil {
		t.Fatal(err)
	}
	out, err = Set("config.yml", out, "ha", "crm", "pacemaker")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(strings.Replace(sample, `"heartbeat-2"`, `"corosync"`, 1), "crm: heartbeat-2", "crm: pacemaker", 1)
	if d := cmp.Diff(want, string(out)); d != "" {
		t.Error(d)
	}
	if v, ok, err := Get("config.yml", out, "ha", "crm"); v != "pacemaker" || !ok || err != nil {
		t.Errorf("read back %q %v %v", v, ok, err)
	}
}

func TestSetTable(t *testing.T) {
	for name, c := range map[string]struct{ in, want, err string }{
		"empty file":          {"", "ha:\n  gcs: corosync\n", ""},
		"only comments":       {"# nothing\n", "# nothing\nha:\n  gcs: corosync\n", ""},
		"no section":          {"a: 1", "a: 1\nha:\n  gcs: corosync\n", ""},
		"no key":              {"ha:\n    crm: x # c\nb: 2\n", "ha:\n    gcs: corosync\n    crm: x # c\nb: 2\n", ""},
		"empty section":       {"ha:\nb: 2\n", "ha:\n  gcs: corosync\nb: 2\n", ""},
		"empty value":         {"ha:\n  gcs:\n  crm: x\n", "ha:\n  gcs: corosync\n  crm: x\n", ""},
		"single quotes":       {"ha:\n  gcs: 'heartbeat-2' # q\n", "ha:\n  gcs: 'corosync' # q\n", ""},
		"last line unended":   {"ha:\n  gcs: heartbeat-2", "ha:\n  gcs: corosync", ""},
		"crlf":                {"ha:\r\n  gcs: heartbeat-2\r\n", "ha:\r\n  gcs: corosync\r\n", ""},
		"same already":        {"ha:\n  gcs: corosync\n", "ha:\n  gcs: corosync\n", ""},
		"braces":              {"ha: {crm: x}\n", "", "in braces"},
		"list":                {"ha:\n  gcs: [a]\n", "", "by hand"},
		"block":               {"ha:\n  gcs: |\n    x\n", "", "by hand"},
		"anchor used twice":   {"ha: &h\n  gcs: heartbeat-2\nb: *h\n", "", "no block of keys"},
		"not yaml":            {"ha:\n\t- x: [\n", "", "config.yml: ["},
		"the key twice":       {"ha:\n  gcs: a\n  gcs: b\n", "", "config.yml: ["},
		"section is a scalar": {"ha: yes\n", "", "no block of keys"},
	} {
		out, err := Set("config.yml", []byte(c.in), "ha", "gcs", "corosync")
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: error %v, not %q", name, err, c.err)
			}
			continue
		}
		if err != nil || string(out) != c.want {
			t.Errorf("%s: %q, %v; want %q", name, out, err, c.want)
		}
	}
}

// Set and back is the file as it was, byte for byte, and Unset takes away what Set made.
func TestThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.SampledFrom([]string{"# comment\n", "a: 1 # x\n", "b:\n  gcs: other\n", "\n", "c: [1, 2]\n"})
		head := strings.Join(rapid.SliceOfNDistinct(line, 0, 3, rapid.ID[string]).Draw(t, "head"), "")
		indent := strings.Repeat(" ", rapid.IntRange(1, 4).Draw(t, "indent"))
		comment := rapid.SampledFrom([]string{"", " # why", "   "}).Draw(t, "comment")
		text := head + "ha:\n" + indent + "gcs: heartbeat-2" + comment + "\n" + indent + "crm: y\n"
		out, err := Set("c", []byte(text), "ha", "gcs", "corosync")
		if err != nil {
			t.Fatal(err)
		}
		back, err := Set("c", out, "ha", "gcs", "heartbeat-2")
		if err != nil || string(back) != text {
			t.Fatalf("%q became %q, %v", text, back, err)
		}
		made, err := Set("c", []byte(text), "ha", "new", "z")
		if err != nil {
			t.Fatal(err)
		}
		gone, err := Unset("c", made, "ha", "new")
		if err != nil || string(gone) != text {
			t.Fatalf("%q became %q, %v", text, gone, err)
		}
	})
}

func TestLayer(t *testing.T) {
	for _, c := range []struct{ kind, host, want string }{
		{"sppro", "sp1", "/e/config.yml"}, {"", "sp2", "/e/config.yml"}, {"carrier", "prx01a", "/e/config.prx01.yml"},
		{"carrier", "prx01b", "/e/config.prx01.yml"}, {"carrier", "web01", "/e/config.web01.yml"}, {"carrier", "sp1", "/e/config.sp.yml"},
	} {
		if got := Layer("/e", c.kind, c.host); got != c.want {
			t.Errorf("%v: %s", c, got)
		}
	}
	if k := Type([]byte("# x\nexport NGCP_TYPE=\"carrier\"\nNGCP_HOSTS=a\n")); k != "carrier" {
		t.Errorf("type %q", k)
	}
}

// What the parser would need gigabytes for is refused before.
func TestTooDeep(t *testing.T) {
	deep := []byte("ha:\n  gcs: " + strings.Repeat("[", 5000))
	const want = "config.yml:2:72: lists or mappings are nested"
	_, _, get := Get("config.yml", deep, "ha", "gcs")
	_, set := Set("config.yml", deep, "ha", "gcs", "corosync")
	_, network := ParseNetwork("config.yml", deep)
	for name, err := range map[string]error{"Get": get, "Set": set, "ParseNetwork": network} {
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
