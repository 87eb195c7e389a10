// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Style says for what terminal text is made.
type Style struct {
	Width  int  // columns; below 60 it is taken as 60
	Colour bool // ANSI colours
}

// Colours of the eight that every terminal has.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	blue   = "34"
	purple = "35"
	cyan   = "36"
	yellow = "33"
)

func (s Style) paint(code, text string) string {
	if !s.Colour || code == "" || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// gutter is the width of the names at the left.
const gutter = 24

// Timeline draws the recording for a terminal: the events, who held the address, and a bar per stream whose height is
// the share of answered packets. A column in which any packet was lost is never full; one without an answer is ×.
func Timeline(o Outcome, s Style) string {
	d := drawing{Outcome: o, style: s, columns: max(60, s.Width) - gutter - 2}
	d.events()
	d.line("", d.ruler())
	for _, t := range o.Recording.Tracks {
		d.line(t.Label, d.holders(t))
	}
	for _, stream := range o.Recording.Streams {
		d.line(stream.Label, d.bar(stream))
	}
	d.line("", d.scale())
	return d.String()
}

type drawing struct {
	strings.Builder
	Outcome
	style   Style
	columns int
}

func (d *drawing) line(label, text string) {
	fmt.Fprintf(d, "%s %s\n", pad(label, gutter), text)
}

// pad fills up or cuts to a width.
func pad(s string, width int) string {
	n := utf8.RuneCountInString(s)
	if n > width {
		return string([]rune(s)[:width-1]) + "…"
	}
	return s + strings.Repeat(" ", width-n)
}

// column is where a time is.
func (d *drawing) column(t time.Duration) int {
	if d.Recording.Length <= 0 {
		return 0
	}
	return min(d.columns-1, int(int64(t)*int64(d.columns)/int64(d.Recording.Length)))
}

// events writes a row per event: its number and name at its place; to the left of it when the right is too narrow, and
// cut where both are.
func (d *drawing) events() {
	for i, e := range d.Report.Events {
		at, name, mark := d.column(d.Moments[i].Begin), e.Name, fmt.Sprintf("▼%d", i+1)
		need := utf8.RuneCountInString(name) + 1
		room := d.columns - at - utf8.RuneCountInString(mark)
		before, text := at, mark+" "+name
		switch {
		case need <= room:
		case need <= at:
			before, text = at-need, name+" "+mark
		default:
			text = mark + " " + strings.TrimRight(pad(name, max(1, room-1)), " ")
		}
		d.line("", strings.Repeat(" ", before)+d.style.paint(bold, text))
	}
}

// ruler marks the beginning of each event, and the time until the views agreed.
func (d *drawing) ruler() string {
	row := []rune(strings.Repeat("─", d.columns))
	for _, m := range d.Moments {
		for i := d.column(m.Begin); i <= d.column(m.Agreed); i++ {
			row[i] = '━'
		}
	}
	for _, m := range d.Moments {
		row[d.column(m.Begin)] = '┿'
	}
	return d.style.paint(dim, string(row))
}

var nodePaint = []string{blue, yellow, purple, cyan}

// holders writes each holder's name into its part of the row.
func (d *drawing) holders(t Track) string {
	var b strings.Builder
	done := 0
	for i, s := range t.Spans {
		end := d.column(s.To)
		if i == len(t.Spans)-1 && s.To >= d.Recording.Length {
			end = d.columns
		}
		width := end - max(done, d.column(s.From))
		if start := d.column(s.From); start > done {
			b.WriteString(strings.Repeat(" ", start-done))
			done = start
		}
		if width <= 0 {
			continue
		}
		name, fill, paint := " "+s.Holder+" ", "━", ""
		for i, n := range d.Report.Cluster.Nodes {
			if n == s.Holder {
				paint = nodePaint[i%len(nodePaint)]
			}
		}
		if s.Holder == "" {
			name, fill, paint = " nobody ", "╌", red
		}
		if n := utf8.RuneCountInString(name); width > n {
			name = fill + name + strings.Repeat(fill, width-n-1)
		} else if width >= n-2 {
			name = pad(strings.TrimSpace(name), width)
		} else {
			name = strings.Repeat(fill, width)
		}
		b.WriteString(d.style.paint(paint, name))
		done += width
	}
	return b.String()
}

var levels = []rune("▁▂▃▄▅▆▇█")

// bar draws the share of answered packets.
func (d *drawing) bar(s Stream) string {
	var all, run strings.Builder
	paint := ""
	for _, bin := range s.bins(0, d.Recording.Length, d.columns) {
		letter, code := shape(bin)
		if code != paint {
			all.WriteString(d.style.paint(paint, run.String()))
			run.Reset()
		}
		run.WriteRune(letter)
		paint = code
	}
	return all.String() + d.style.paint(paint, run.String())
}

// shape is a bin's letter and colour.
func shape(b bin) (letter rune, colour string) {
	switch {
	case b.Sent == 0:
		return ' ', ""
	case b.Lost == 0:
		return '█', green
	case b.Lost == b.Sent:
		return '×', red
	}
	share := (b.Sent - b.Lost) * (len(levels) - 1) / b.Sent
	return levels[min(share, len(levels)-2)], red
}

// scale writes seconds below the bars.
func (d *drawing) scale() string {
	row := []rune(strings.Repeat(" ", d.columns+8))
	step := niceStep(d.Recording.Length, d.columns/10)
	for t := time.Duration(0); t <= d.Recording.Length; t += step {
		text := []rune("╵" + axisTime(t, step))
		if at := d.column(t); at+len(text) <= d.columns {
			copy(row[at:], text)
		}
	}
	return d.style.paint(dim, strings.TrimRight(string(row), " "))
}
