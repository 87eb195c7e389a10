// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"sort"
	"unicode/utf8"
)

// source is the text of one file and knows where its lines begin.
type source struct {
	name  string
	text  []byte
	lines []int // byte offset of the first byte of each line

	// The place whose column was asked for last. Errors come in the order of
	// the text, so that a line is counted through only once.
	lastLine, lastOffset, lastColumn int
}

func newSource(name string, text []byte) *source {
	s := &source{name: name, text: text, lines: []int{0}}
	for i, b := range text {
		if b == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
	return s
}

// line returns the number of the line that holds the byte at offset,
// counted from 0.
func (s *source) line(offset int) int {
	return sort.Search(len(s.lines), func(i int) bool { return s.lines[i] > offset }) - 1
}

// lineBounds returns the first byte of a line and the byte after its last
// one, the line end (\n or \r\n) left out.
func (s *source) lineBounds(line int) (start, end int) {
	start, end = s.lines[line], len(s.text)
	if line+1 < len(s.lines) {
		end = s.lines[line+1] - 1
	}
	if end > start && s.text[end-1] == '\r' {
		end--
	}
	return start, end
}

// column returns the column of the byte at offset, from 1, in characters.
func (s *source) column(line, offset int) int {
	start, end := s.lineBounds(line)
	offset = min(max(offset, start), end)
	if line != s.lastLine || offset < s.lastOffset || s.lastColumn == 0 {
		s.lastLine, s.lastOffset, s.lastColumn = line, start, 1
	}
	s.lastColumn += utf8.RuneCount(s.text[s.lastOffset:offset])
	s.lastOffset = offset
	return s.lastColumn
}

// excerptWidth is how many characters of a line an error shows on each side
// of the place. A bound is needed: a file of garbage may be one line of
// 100 kB with an error at every word.
const excerptWidth = 60

// excerpt returns the line around the bytes [from, to), and where the caret
// stands below it: the text before it and the number of characters it underlines.
func (s *source) excerpt(from, to int) (shown, before string, width int) {
	start, end := s.lineBounds(s.line(from))
	from = min(max(from, start), end)
	to = min(max(to, from), end)
	left, leftMark := from, ""
	for n := 0; left > start && n < excerptWidth; n++ {
		_, size := utf8.DecodeLastRune(s.text[start:left])
		left -= size
	}
	if left > start {
		leftMark = "…"
	}
	right, rightMark := from, ""
	for n := 0; right < end && n < excerptWidth; n++ {
		_, size := utf8.DecodeRune(s.text[right:end])
		right += size
	}
	if right < end {
		rightMark = "…"
	}
	to = min(to, right)
	before = leftMark + printable(s.text[left:from])
	shown = before + printable(s.text[from:right]) + rightMark
	return shown, before, max(1, utf8.RuneCount(s.text[from:to]))
}

// printable replaces what a terminal would not show as one character.
func printable(text []byte) string {
	out := make([]rune, 0, len(text))
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		if (r < ' ' && r != '\t') || r == 0x7f {
			r = utf8.RuneError
		}
		out = append(out, r)
	}
	return string(out)
}
