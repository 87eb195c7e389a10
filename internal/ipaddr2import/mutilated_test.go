// SPDX-License-Identifier: Apache-2.0

package ipaddr2import

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// neverHalf: whatever was done to a text that means the blog's configuration, either it still means exactly that, or
// something is said, in a line that the text has.
func neverHalf(t *testing.T, what, text string) {
	t.Helper()
	r := Import(text, options())
	lines := strings.Count(text, "\n") + 1
	for _, m := range r.Messages {
		if m.Line < 0 || m.Line > lines || m.Text == "" {
			t.Errorf("%s: message %+v of %d lines", what, m, lines)
		}
	}
	if len(r.Messages) > 0 {
		return
	}
	if diff := cmp.Diff(blog(), r.File, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Errorf("%s: nothing is said, and the file is another:\n%s", what, diff)
	}
}

// Every line left out, doubled, or the last one; every word left out; every character of the commands left out: of the
// blog's block and of its sed commands.
func TestNeverAHalfRightFile(t *testing.T) {
	sed := seed(t, "option1.sed.txt")
	for name, text := range map[string]string{"block": block, "sed": sed} {
		lines := strings.SplitAfter(text, "\n")
		join := func(parts ...[]string) string {
			var b strings.Builder
			for _, p := range parts {
				b.WriteString(strings.Join(p, ""))
			}
			return b.String()
		}
		for i, line := range lines {
			what := name + ", line " + strings.TrimSpace(line)
			neverHalf(t, what+" left out", join(lines[:i], lines[i+1:]))
			neverHalf(t, what+" is the last", join(lines[:i+1]))
			neverHalf(t, what+" is there twice", join(lines[:i+1], lines[i:]))
			if strings.HasPrefix(strings.TrimSpace(line), "#") {
				continue
			}
			fields := strings.Fields(line)
			for k := range fields {
				short := strings.Join(append(append([]string{}, fields[:k]...), fields[k+1:]...), " ") + "\n"
				neverHalf(t, what+" without "+fields[k], join(lines[:i], []string{short}, lines[i+1:]))
			}
			for k := range line {
				if name == "block" && !inValue(line, k) {
					neverHalf(t, what+" without a character", join(lines[:i], []string{line[:k] + line[k+1:]}, lines[i+1:]))
				}
			}
		}
	}
}

// inValue: another value is another meaning, and nobody can see that it is wrong: a name of a node, the digits of an
// address, the letters of an OCID after its type.
func inValue(line string, k int) bool {
	for _, value := range []string{`"vrouter1"`, `"vrouter2"`, "oc1.ca-toronto-1.XYZ", "10.0.0.100", "10.1.0.100"} {
		if i := strings.Index(line, value); i >= 0 && k >= i && k < i+len(value)+2 {
			return true
		}
	}
	return false
}
