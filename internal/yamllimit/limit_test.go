// SPDX-License-Identifier: Apache-2.0

package yamllimit

import (
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	r := strings.Repeat
	for name, c := range map[string]struct{ text, want string }{
		"empty":                    {"", ""},
		"as deep as allowed":       {r("[", 64) + r("]", 64), ""},
		"many, not deep":           {r("- [a, {b: c}]\n", 1000), ""},
		"in quotes":                {`a: "` + r("[", 100) + `"` + "\nb: '" + r("{", 100) + "'\n", ""},
		"in a comment":             {"a: b # " + r("[", 100) + "\n", ""},
		"in plain text":            {r("a: x[ don't {\n", 100), ""},
		"in a block":               {"a: |\n" + r("  [\n", 100), ""},
		"dashes in text":           {"a: x" + r(" -", 100) + "\n", ""},
		"as long as allowed":       {r("#", Size), ""},
		"too long":                 {r("#\n", Size/2) + "# ab", "x.yaml:524289:1: the file has more than 1048576 bytes"},
		"too long a line":          {r("#", Size+1), "x.yaml:1:1048577: the file has more than"},
		"too deep":                 {"\na: " + r("[", 65), "x.yaml:2:68: lists or mappings are nested more than 64 deep"},
		"braces too deep":          {r("{a: ", 65), "x.yaml:1:257: lists or mappings are nested"},
		"mixed":                    {r("[{a: ", 33), "nested more than 64 deep"},
		"wrong partners":           {r("[}", 65), "nested more than 64 deep"},
		"over many lines":          {r("[\n", 100), "x.yaml:65:1: "},
		"behind an apostrophe":     {"a: don't\nb: " + r("[", 100), "x.yaml:2:"},
		"dashes":                   {r("- ", 65), "x.yaml:1:129: "},
		"much more than is parsed": {r("a: [", 25000), "nested more than 64 deep"},
	} {
		err := Check("x.yaml", []byte(c.text))
		if c.want == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}
