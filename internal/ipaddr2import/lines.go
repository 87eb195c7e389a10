// SPDX-License-Identifier: Apache-2.0

package ipaddr2import

import (
	"regexp"
	"strings"
)

// line is one command line of the script.
type line struct {
	No   int // in the input, from 1
	Text string
}

// sedInsert is a command "sed -i 'Ni\TEXT\' FILE", perhaps behind a prompt.
var sedInsert = regexp.MustCompile(`^\s*(?:\[[^]]*\][#$]\s*|[#$]\s+)?(?:sudo\s+)?sed\s+-i\s+(['"])\d+\s*[ia]\\(.*)['"]\s+\S+\s*$`)

// split makes lines of the input: the text that sed commands insert, or the script itself with continued lines joined.
func split(text string) []line {
	var out []line
	var open *line // a line that ended in a backslash
	for i, raw := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if m := sedInsert.FindStringSubmatch(raw); m != nil {
			// A backslash at the end of the inserted text is sed's own.
			out = append(out, line{i + 1, strings.TrimSuffix(m[2], `\`)})
			open = nil
			continue
		}
		if open != nil {
			open.Text += " " + raw
		} else {
			out = append(out, line{i + 1, raw})
			open = &out[len(out)-1]
		}
		if body, more := strings.CutSuffix(open.Text, `\`); more && !strings.HasPrefix(strings.TrimSpace(open.Text), "#") {
			open.Text = body
		} else {
			open = nil
		}
	}
	return out
}

// words splits a command as sh does, quotes removed; an unquoted # begins a comment. ok is false when a quote is open.
func words(s string) (list []string, ok bool) {
	var word strings.Builder
	in, quote := false, rune(0)
	for _, r := range s {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			in, quote = true, r
		case r == '#' && !in:
			return list, true
		case strings.ContainsRune(" \t", r):
			if in {
				list = append(list, word.String())
			}
			in = false
			word.Reset()
		case r == ';':
			if in {
				list = append(list, word.String())
			}
			in = false
			word.Reset()
			list = append(list, ";")
		default:
			in = true
			word.WriteRune(r)
		}
	}
	if in {
		list = append(list, word.String())
	}
	return list, quote == 0
}
