// SPDX-License-Identifier: Apache-2.0

package ngcpconfig

import (
	"strings"
	"testing"
)

// A section without keys is null, and null in a later layer wipes the section of the earlier ones: the last key takes
// the section's line with it.
func TestUnset(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"alone":               {"ha:\n  gcs: corosync\n  crm: pacemaker\n", ""},
		"last line unended":   {"ha:\n  gcs: corosync\n  crm: pacemaker", ""},
		"crlf":                {"a: 1\r\nha:\r\n  gcs: corosync\r\n  crm: pacemaker\r\nb: 2\r\n", "a: 1\r\nb: 2\r\n"},
		"between others":      {"a: 1\nha: # why\n  crm: pacemaker\n  gcs: corosync\nb:\n  gcs: x\n", "a: 1\nb:\n  gcs: x\n"},
		"comments stay":       {"# top\n---\nha:\n  # inside\n  gcs: corosync\n  crm: pacemaker\n  # below\n", "# top\n---\n  # inside\n  # below\n"},
		"only one of them":    {"b: 1\nha:\n  crm: pacemaker\n", "b: 1\n"},
		"an empty value":      {"b: 1\nha:\n  crm:\n", "b: 1\n"},
		"braces":              {"b: 1\nha: {crm: pacemaker}\n", "b: 1\n"},
		"other keys stay":     {"ha:\n  gcs: corosync\n  pingnodes: [x]\n  crm: pacemaker\n", "ha:\n  pingnodes: [x]\n"},
		"other merged values": {"x: &x\n  y: 1\nha:\n  <<: *x\n  gcs: corosync\n", "x: &x\n  y: 1\nha:\n  <<: *x\n"},
		"not there":           {"ha:\n  y: 1\n", "ha:\n  y: 1\n"},
		"no section":          {"a: 1", "a: 1"},
	} {
		out, err := unsetBoth(c.in)
		if err != nil || out != c.want {
			t.Errorf("%s: %q, %v; want %q", name, out, err, c.want)
		}
	}
}

// What Set makes, the section included, the Unsets take away.
func TestUnsetWhatSetMade(t *testing.T) {
	for _, before := range []string{"", "# mine\n", "a: 1\n", "---\na:\n  gcs: x\n"} {
		text := []byte(before)
		for _, kv := range [][2]string{{"gcs", "corosync"}, {"crm", "pacemaker"}} {
			var err error
			if text, err = Set("c", text, "ha", kv[0], kv[1]); err != nil {
				t.Fatal(err)
			}
		}
		if out, err := unsetBoth(string(text)); err != nil || out != before {
			t.Errorf("%q ended as %q, %v", before, out, err)
		}
	}
}

// A key that the section has from elsewhere has no line to delete.
func TestUnsetBorrowed(t *testing.T) {
	for name, c := range map[string]struct{ in, err string }{
		"merge key":          {"base: &b\n  gcs: corosync\n  crm: pacemaker\nha:\n  <<: *b\n", "config.yml:5: ha.gcs comes from a merge key"},
		"merge among others": {"base: &b\n  gcs: corosync\nha:\n  y: 1\n  <<: *b\n", "config.yml:5: ha.gcs comes from a merge key"},
		"alias":              {"base: &b\n  gcs: corosync\nha: *b\n", "config.yml:3: ha.gcs comes from a merge key"},
		"whole section":      {"base: &b\n  ha:\n    gcs: corosync\n<<: *b\n", "config.yml:4: ha.gcs comes from a merge key"},
		"anchored section":   {"ha: &h\n  gcs: corosync\nb: *h\n", "config.yml:1: ha.gcs is"},
		"below and merged":   {"base: &b\n  gcs: x\nha:\n  <<: *b\n  gcs: corosync\n", "ha.gcs would change more"},
		"question mark":      {"? ha\n: gcs: corosync\n", "config.yml:1: ha.gcs is"},
	} {
		out, err := Unset("config.yml", []byte(c.in), "ha", "gcs")
		if out != nil || err == nil || !strings.Contains(err.Error(), c.err) || !strings.Contains(err.Error(), "by hand") {
			t.Errorf("%s: %q, error %v, not %q", name, out, err, c.err)
		}
	}
}

// The check after an edit notices a section that was left behind as null.
func TestVerifiedNoNull(t *testing.T) {
	before := map[string]any{"ha": map[string]any{"gcs": "x"}}
	if out, err := verified("c", []byte("ha:\n"), before, "ha", "gcs", nil); err == nil {
		t.Errorf("%q passed", out)
	}
}

func unsetBoth(text string) (string, error) {
	out := []byte(text)
	for _, key := range []string{"gcs", "crm"} {
		var err error
		if out, err = Unset("config.yml", out, "ha", key); err != nil {
			return "", err
		}
	}
	return string(out), nil
}
