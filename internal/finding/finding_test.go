// SPDX-License-Identifier: Apache-2.0

package finding

import (
	"strings"
	"testing"
)

func TestCodes(t *testing.T) {
	warning, failure := Finding{Severity: Warning}, Finding{Severity: Error}
	for _, c := range []struct {
		want int
		list []Finding
	}{{0, nil}, {1, []Finding{warning}}, {2, []Finding{failure}}, {2, []Finding{warning, failure, warning}}} {
		if got := Worst(c.list); got != c.want {
			t.Errorf("%v: code %d, want %d", c.list, got, c.want)
		}
	}
}

func TestPrint(t *testing.T) {
	var out strings.Builder
	if err := Print(&out, []Finding{{"a", Error, "vip", "is bad", "mend it"}, {"b", Warning, "", "is odd", "# look"}}); err != nil {
		t.Fatal(err)
	}
	if want := "error [a] vip: is bad\n   mend it\nwarning [b] is odd\n   # look\n"; out.String() != want {
		t.Errorf("prints\n%s", out.String())
	}
	out.Reset()
	if err := Print(&out, nil); err != nil || out.String() != "nothing found\n" {
		t.Errorf("prints %q (%v)", out.String(), err)
	}
}

func TestQuote(t *testing.T) {
	for word, want := range map[string]string{"vip": "vip", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$(x)": "'$(x)'"} {
		if got := Quote(word); got != want {
			t.Errorf("%q becomes %s, want %s", word, got, want)
		}
	}
}
