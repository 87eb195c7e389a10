// SPDX-License-Identifier: Apache-2.0

// Package sequence draws sequence diagrams, who tells whom what in which order, as SVG from a text:
//
//	title: A planned move
//	actors: source | VCN API | target
//	target -> VCN API: UpdatePrivateIp
//	VCN API --> target: 200
//	note target: announces the address
//	span source: carries the address
//	end source
//	--: 3 s later
//
// An arrow with two dashes is an answer. A span is something that lasts until its end. A line that begins with "--" is time
// that passes. Empty lines and lines that begin with # say nothing.
package sequence

import (
	"fmt"
	"html"
	"slices"
	"strings"
)

// Measures of a picture, in pixels.
const (
	columnWidth = 214
	margin      = 20
	headHeight  = 74
	rowHeight   = 34
	letter      = 6.6 // width of one, about
)

// style follows the reader's choice of light or dark.
const style = `<style>
:root { --paper: #ffffff; --ink: #1b1f24; --soft: #5d6672; --rule: #c9d0d8; --box: #2f6fb7; --on: #ffffff; --note: #eef3f9; --span: #8fb3dc; }
@media (prefers-color-scheme: dark) { :root { --paper: #1b1f25; --ink: #e7eaee; --soft: #9aa5b1; --rule: #48525e; --box: #3f7fc6; --on: #ffffff; --note: #2a323c; --span: #46719f; } }
text { font: 13px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: var(--ink); }
.title { font-weight: 600; font-size: 15px; } .actor { fill: var(--on); font-weight: 600; text-anchor: middle; } .middle { text-anchor: middle; } .soft { fill: var(--soft); font-style: italic; }
.paper { fill: var(--paper); } .box { fill: var(--box); } .life { stroke: var(--rule); stroke-dasharray: 4 4; } .call { stroke: var(--ink); fill: none; } .answer { stroke: var(--soft); stroke-dasharray: 5 3; fill: none; }
.head { fill: var(--ink); } .note { fill: var(--note); stroke: var(--rule); } .span { fill: var(--span); }
</style>
`

// Draw returns the picture of a text.
func Draw(text string) (string, error) {
	d := &drawing{y: headHeight, open: map[int]span{}}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := d.line(line); err != nil {
			return "", fmt.Errorf("line %d: %q: %w", i+1, line, err)
		}
	}
	if len(d.actors) == 0 {
		return "", fmt.Errorf("no line \"actors: A | B\"")
	}
	for at := range d.actors {
		d.end(at)
	}
	return d.picture(), nil
}

type span struct {
	from float64
	says string
}

type drawing struct {
	title  string
	actors []string
	y      float64
	body   strings.Builder
	spans  strings.Builder // behind everything else
	open   map[int]span
}

func (d *drawing) line(line string) error {
	head, says, _ := strings.Cut(line, ":")
	head, says = strings.TrimSpace(head), strings.TrimSpace(says)
	verb, name, _ := strings.Cut(head, " ")
	switch {
	case head == "title":
		d.title = says
	case head == "actors":
		for _, a := range strings.Split(says, "|") {
			d.actors = append(d.actors, strings.TrimSpace(a))
		}
	case head == "--":
		d.y += rowHeight
		fmt.Fprintf(&d.body, `<text class="soft middle" x="%g" y="%g">%s</text>`+"\n", d.width()/2, d.y-8, html.EscapeString(says))
	case verb == "note", verb == "span", verb == "end":
		at := slices.Index(d.actors, strings.TrimSpace(name))
		if at < 0 {
			return fmt.Errorf("no actor %q", name)
		}
		d.mark(verb, at, says)
	default:
		return d.arrow(head, says)
	}
	return nil
}

func (d *drawing) mark(verb string, at int, says string) {
	switch verb {
	case "note":
		d.y += rowHeight
		width := letter*float64(len([]rune(says))) + 20
		x := max(4, min(d.x(at)-width/2, d.width()-width-4))
		fmt.Fprintf(&d.body, `<rect class="note" x="%g" y="%g" width="%g" height="24" rx="4"/><text class="middle" x="%g" y="%g">%s</text>`+"\n",
			x, d.y-20, width, x+width/2, d.y-4, html.EscapeString(says))
	case "span":
		d.end(at)
		d.open[at] = span{d.y + rowHeight/2, says}
	case "end":
		d.end(at)
	}
}

// end closes what lasts at an actor.
func (d *drawing) end(at int) {
	s, open := d.open[at]
	if !open {
		return
	}
	delete(d.open, at)
	fmt.Fprintf(&d.spans, `<rect class="span" x="%g" y="%g" width="10" height="%g" rx="3"><title>%s</title></rect>`+"\n", d.x(at)-5, s.from, d.y+rowHeight/2-s.from, html.EscapeString(s.says))
}

func (d *drawing) arrow(head, says string) error {
	from, to, found := strings.Cut(head, "-->")
	class := "answer"
	if !found {
		class = "call"
		from, to, found = strings.Cut(head, "->")
	}
	a, b := slices.Index(d.actors, strings.TrimSpace(from)), slices.Index(d.actors, strings.TrimSpace(to))
	if !found || a < 0 || b < 0 {
		return fmt.Errorf("neither \"A -> B: what\" between known actors, nor title, actors, note, span, end or --")
	}
	d.y += rowHeight
	if a == b {
		fmt.Fprintf(&d.body, `<path class="%s" d="M%g %g h26 v14 h-20"/><text x="%g" y="%g">%s</text>`+"\n", class, d.x(a)+5, d.y-12, d.x(a)+36, d.y, html.EscapeString(says))
		d.tip(d.x(a)+6, d.y+2, -1)
		return nil
	}
	direction := 1.0
	if b < a {
		direction = -1
	}
	x1, x2 := d.x(a)+6*direction, d.x(b)-6*direction
	fmt.Fprintf(&d.body, `<path class="%s" d="M%g %g H%g"/><text class="middle" x="%g" y="%g">%s</text>`+"\n", class, x1, d.y, x2-6*direction, (x1+x2)/2, d.y-6, html.EscapeString(says))
	d.tip(x2, d.y, direction)
	return nil
}

// tip is an arrow's.
func (d *drawing) tip(x, y, direction float64) {
	fmt.Fprintf(&d.body, `<path class="head" d="M%g %g l%g -4 v8 z"/>`+"\n", x, y, -9*direction)
}

func (d *drawing) x(at int) float64 { return margin + columnWidth*(float64(at)+0.5) }

func (d *drawing) width() float64 { return 2*margin + columnWidth*float64(len(d.actors)) }

func (d *drawing) picture() string {
	var out strings.Builder
	height := d.y + 40
	fmt.Fprintf(&out, `<svg viewBox="0 0 %g %g" width="%[1]g" role="img" xmlns="http://www.w3.org/2000/svg">`+"\n<title>%[3]s</title>\n%[4]s", d.width(), height, html.EscapeString(d.title), style)
	fmt.Fprintf(&out, `<rect class="paper" width="100%%" height="100%%"/><text class="title" x="%d" y="24">%s</text>`+"\n", margin, html.EscapeString(d.title))
	for i, a := range d.actors {
		fmt.Fprintf(&out, `<path class="life" d="M%g %d V%g"/><rect class="box" x="%g" y="38" width="%d" height="28" rx="5"/><text class="actor" x="%[1]g" y="57">%[6]s</text>`+"\n",
			d.x(i), headHeight-8, height-14, d.x(i)-columnWidth/2+14, columnWidth-28, html.EscapeString(a))
	}
	out.WriteString(d.spans.String())
	out.WriteString(d.body.String())
	out.WriteString("</svg>\n")
	return out.String()
}
