// SPDX-License-Identifier: Apache-2.0

package heartbeat

import "strings"

// letter is a byte of a logical line with the place where it stands.
type letter struct {
	c  byte
	at Place
}

// logicalLines takes comments off and joins continued lines, without a blank between them, in this order: a comment's
// backslash continues nothing.
func logicalLines(file string, text []byte, continued bool) (lines [][]letter, errs Errors) {
	var open []letter
	joining := false
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSuffix(line, "\r")
		line, _, _ = strings.Cut(line, "#")
		if !joining {
			open = nil
		}
		joining = false
		if continued && strings.HasSuffix(line, `\`) {
			line, joining = strings.TrimSuffix(line, `\`), true
		} else if bare := strings.TrimRight(line, " \t"); continued && strings.HasSuffix(bare, `\`) {
			errs.add(Place{file, i + 1, len(bare)}, `backslash before blanks or a comment: Heartbeat continues a line only if the backslash is its last character; take away what follows it`)
		}
		for j := range len(line) {
			open = append(open, letter{line[j], Place{file, i + 1, j + 1}})
		}
		if !joining {
			lines = append(lines, open)
		}
	}
	if joining {
		lines = append(lines, open)
	}
	return lines, errs
}

// words splits a logical line at blanks.
func words(line []letter) []Word {
	var all []Word
	inside := false
	for _, l := range line {
		if l.c == ' ' || l.c == '\t' {
			inside = false
			continue
		}
		if !inside {
			all = append(all, Word{At: l.at})
			inside = true
		}
		all[len(all)-1].Text += string(l.c)
	}
	return all
}
