// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	got, err := Parse("f", []byte("groups:\n  vips: addresses\nhosts:\n  sp: [a, b]\n"))
	want := Default()
	want.Groups.VIPs, want.Hosts = "addresses", map[string][]string{"sp": {"a", "b"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	for _, empty := range []string{"", "# nothing\n", "{}\n"} {
		if got, err := Parse("f", []byte(empty)); err != nil || !cmp.Equal(got, Default()) {
			t.Errorf("%q: %v %+v", empty, err, got)
		}
	}
}

func TestParseNamesThePlace(t *testing.T) {
	for text, want := range map[string]string{
		"groups:\n  vip: x\n":                "f:2:3: ",
		"groups: [a]\n":                      "f:1:9: ",
		"ping_attribute: ''\n":               "ping_attribute is empty",
		"groups:\n  vips: a\n  vips: b\n":    "f:3:3: ",
		"ssh: []\n":                          "ssh is empty",
		"groups: {vips: [\n":                 "f:1:",
		"a:\n  " + strings.Repeat("[", 5000): "f:2:67: lists or mappings are nested more than",
	} {
		if _, err := Parse("f", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), "f:") || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestRead(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none")
	if s, err := Read(missing, false); err != nil || !cmp.Equal(s, Default()) {
		t.Error(s, err)
	}
	if _, err := Read(missing, true); err == nil {
		t.Error("a file that was asked for is missing, and nobody says so")
	}
}
