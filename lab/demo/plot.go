// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"fmt"
	"html"
	"math"
	"strings"
	"time"
)

// canvas is a plot of a part of the recording: lanes below each other over one time axis, in SVG user units. Colours
// come from the page's style sheet, so that the plot follows its light and dark theme.
type canvas struct {
	strings.Builder
	outcome      *Outcome
	from, to     time.Duration
	width, left  float64
	lane, tracks float64 // heights of a stream's lane and of a track
	bin          float64 // width of a bin
	y            float64
}

const (
	right       = 14 // free space at the right
	nodeColours = 4  // in the style sheet
)

// overview plots the whole recording, with the events named on it.
func overview(o *Outcome) string {
	c := &canvas{outcome: o, to: o.Recording.Length, width: 1120, left: 168, lane: 52, tracks: 20, bin: 2}
	c.eventNames()
	return c.plot("Packets over time, and who held the address")
}

// closeup plots event i with a second around it.
func closeup(o *Outcome, i int) string {
	from, to := o.Moments[i].Begin-time.Second, o.Moments[i].Agreed+time.Second
	c := &canvas{
		outcome: o, from: max(0, from), to: min(o.Recording.Length, to),
		width: 548, left: 140, lane: 34, tracks: 16, bin: 1, y: 4,
	}
	return c.plot("Around: " + o.Report.Events[i].Name)
}

// plot draws the lanes and wraps them up.
func (c *canvas) plot(title string) string {
	top := c.y
	for _, t := range c.outcome.Recording.Tracks {
		c.track(t)
	}
	c.y += 8
	for _, s := range c.outcome.Recording.Streams {
		c.stream(s)
	}
	c.trips()
	bottom := c.y
	c.axis(bottom)
	body := c.String()
	c.Reset()
	c.eventLines(top, bottom)
	return fmt.Sprintf(`<svg viewBox="0 0 %g %g" role="img" aria-label="%s" xmlns="http://www.w3.org/2000/svg">`+"\n<title>%[3]s</title>\n",
		c.width, bottom+26, html.EscapeString(title)) + c.String() + body + "</svg>\n"
}

// x is where a time is.
func (c *canvas) x(t time.Duration) float64 {
	return c.left + float64(t-c.from)/float64(c.to-c.from)*(c.width-right-c.left)
}

// inside cuts a span to the plot; false: nothing is left.
func (c *canvas) inside(from, to time.Duration) (a, b time.Duration, ok bool) {
	a, b = max(from, c.from), min(to, c.to)
	return a, b, a < b
}

func (c *canvas) printf(format string, args ...any) { fmt.Fprintf(c, format+"\n", args...) }

// label names a lane at its left.
func (c *canvas) label(text string, y float64, class string) {
	c.printf(`<text class="label %s" x="%g" y="%.1f">%s</text>`, class, c.left-10, y, html.EscapeString(text))
}

// eventNames writes the events' names above the plot, each in the first row with room for it.
func (c *canvas) eventNames() {
	const rowHeight, letter = 17.0, 6.7
	var ends []float64
	type place struct{ x, y float64 }
	var places []place
	anchors := make([]string, len(c.outcome.Report.Events))
	for i, e := range c.outcome.Report.Events {
		x := c.x(c.outcome.Moments[i].Begin)
		width := letter*float64(len([]rune(e.Name))+4) + 12
		if x > c.width-right-width { // no room at the right of its mark: at the left of it
			anchors[i] = " before"
			x = math.Max(0, x-width)
		}
		row := 0
		for row < len(ends) && ends[row] > x {
			row++
		}
		if row == len(ends) {
			ends = append(ends, 0)
		}
		ends[row] = x + width
		places = append(places, place{x, float64(row)})
	}
	for i, e := range c.outcome.Report.Events {
		y := 14 + rowHeight*(float64(len(ends))-1-places[i].y)
		x := places[i].x
		if anchors[i] != "" {
			x = c.x(c.outcome.Moments[i].Begin)
		}
		c.printf(`<text class="event%s" x="%.1f" y="%.1f"><tspan class="number">%d</tspan> %s</text>`, anchors[i], x, y, i+1, html.EscapeString(e.Name))
	}
	c.y = 24 + rowHeight*float64(max(1, len(ends))-1)
	for i, p := range places {
		if p.y > 0 { // a name in an upper row is led to its mark
			x := c.x(c.outcome.Moments[i].Begin)
			c.printf(`<path class="mark leader" d="M%.1f %.1fV%.1f"/>`, x, 18+rowHeight*(float64(len(ends))-1-p.y), c.y-4)
		}
	}
}

// eventLines shades the duration of each event, and marks its beginning.
func (c *canvas) eventLines(top, bottom float64) {
	for i, m := range c.outcome.Moments {
		e := c.outcome.Report.Events[i]
		if a, b, ok := c.inside(m.Begin, m.Agreed); ok {
			c.printf(`<rect class="during" x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%s: %s</title></rect>`,
				c.x(a), top, math.Max(1, c.x(b)-c.x(a)), bottom-top, html.EscapeString(e.Name), seconds(m.Agreed-m.Begin))
		}
		if m.Begin >= c.from && m.Begin <= c.to {
			c.printf(`<path class="mark" d="M%.1f %.1fV%.1f"/>`, c.x(m.Begin), top-4, bottom)
		}
	}
}

// track draws who held the address.
func (c *canvas) track(t Track) {
	height := c.tracks - 4
	c.label(t.Label, c.y+height/2+4, "")
	sliver := "" // what a span that is too narrow for it says
	for _, s := range t.Spans {
		a, b, ok := c.inside(s.From, s.To)
		if !ok {
			continue
		}
		x, width := c.x(a), c.x(b)-c.x(a)
		name := s.Holder
		if name == "" {
			name = "nobody"
		}
		c.printf(`<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2"><title>%s: %s for %s</title></rect>`,
			c.outcome.nodeClass(s.Holder), x, c.y, math.Max(0.8, width-1), height, html.EscapeString(t.Label), html.EscapeString(name), seconds(s.To-s.From))
		if strings.Contains(name, both) {
			name = "both"
		}
		room := func(text string) float64 { return 7.5*float64(len([]rune(text))) + 8 }
		if sliver != "" && width > room(sliver) {
			c.printf(`<text class="holder sliver" x="%.1f" y="%.1f">%s</text>`, x+3, c.y+height/2+4, html.EscapeString(sliver))
			x, width = x+room(sliver), width-room(sliver)
		}
		sliver = ""
		switch {
		case width > room(name):
			c.printf(`<text class="holder" x="%.1f" y="%.1f">%s</text>`, x+6, c.y+height/2+4, html.EscapeString(name))
		case s.Holder == "":
			sliver = "◂ nobody" // how long says its tooltip
		}
	}
	c.y += c.tracks
}

// nodeClass is the style of a node's bars.
func (o *Outcome) nodeClass(node string) string {
	for i, n := range o.Report.Cluster.Nodes {
		if n == node {
			return fmt.Sprintf("node n%d", i%nodeColours)
		}
	}
	if node != "" {
		return "node both"
	}
	return "node none"
}

// stream draws answered packets upwards, and lost ones hanging from above: a hole that is red.
func (c *canvas) stream(s Stream) {
	height, base := c.lane-12, c.y+c.lane-6
	n := int((c.width - right - c.left) / c.bin)
	bins := s.bins(c.from, c.to, n)
	most := 1
	for _, b := range bins {
		most = max(most, b.Sent)
	}
	var answered, lost strings.Builder
	for i, b := range bins {
		if b.Sent == 0 {
			continue
		}
		x := c.left + float64(i)*c.bin
		// A bin's edges cut a packet off now and then; only a sender that stalled shall show.
		scale := height / math.Max(float64(b.Sent), 0.7*float64(most))
		red := float64(b.Lost) * scale
		green := float64(b.Sent-b.Lost) * scale
		if green > 0 {
			fmt.Fprintf(&answered, "M%.1f %.1fh%gv%.1fh%gz", x, base, c.bin, -green, -c.bin)
		}
		if red > 0 {
			fmt.Fprintf(&lost, "M%.1f %.1fh%gv%.1fh%gz", x, base-green, c.bin, -red, -c.bin)
		}
	}
	c.printf(`<path class="base" d="M%g %.1fH%g"/>`, c.left, base+0.5, c.width-right)
	c.printf(`<path class="answered" d="%s"/><path class="lost" d="%s"/>`, answered.String(), lost.String())
	t := s.traffic(c.from, c.to)
	c.label(s.Label, base-height/2-1, "strong")
	verdict := map[bool]string{true: "bad"}[t.Lost > 0]
	c.label(fmt.Sprintf("%s of %s lost", thousands(t.Lost), thousands(t.Sent)), base-height/2+13, verdict)
	c.silences(s, base-height, height)
	c.y += c.lane
}

// silences writes into or beside each long hole how long it is; the tooltip says more, and also for short ones.
func (c *canvas) silences(s Stream, top, height float64) {
	for _, hole := range s.silences(c.from, c.to) {
		x, width := c.x(hole.From), math.Max(c.bin, c.x(hole.To)-c.x(hole.From))
		c.printf(`<rect class="touch" x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%s: silent for %s, %s lost</title></rect>`,
			x, top, width, height, html.EscapeString(s.Label), seconds(hole.To-hole.From), packets(hole.Lost))
		if width < 6 { // even one packet must be seen
			c.printf(`<path class="lost" d="M%.1f %.1fl-4 -6h8z"/>`, x+width/2, top-1)
		}
		text := seconds(hole.To - hole.From)
		if width > 7*float64(len(text)) {
			c.printf(`<text class="hole" x="%.1f" y="%.1f">%s</text>`, x+width/2, top+height/2+4, text)
		}
	}
}

// trips draws the round trip times of all streams on a logarithmic scale: the median of a bin, and its worst.
func (c *canvas) trips() {
	height, top := c.lane*1.1, c.y+6
	n := int((c.width - right - c.left) / math.Max(c.bin, 2))
	all := Stream{}
	for _, s := range c.outcome.Recording.Streams {
		all.Packets = append(all.Packets, s.between(c.from, c.to)...)
	}
	all.sort()
	bins := all.bins(c.from, c.to, n)
	low, high := math.Inf(1), math.Inf(-1)
	for _, b := range bins {
		if b.Max > 0 {
			low, high = math.Min(low, math.Log10(ms(b.Median))), math.Max(high, math.Log10(ms(b.Max)))
		}
	}
	if math.IsInf(low, 1) {
		return
	}
	low, high = math.Floor(low), math.Max(math.Ceil(high), math.Floor(low)+1)
	y := func(d time.Duration) float64 {
		return top + height*(1-(math.Log10(ms(d))-low)/(high-low))
	}
	every := math.Ceil((high - low) * 14 / height) // a tick's text is 11 high
	for e := low; e <= high; e += every {
		at := top + height*(1-(e-low)/(high-low))
		c.printf(`<path class="grid" d="M%g %.1fH%g"/>`, c.left, at, c.width-right)
		c.printf(`<text class="tick" x="%g" y="%.1f">%s</text>`, c.left-10, at+3.5, power(e))
	}
	step := (c.width - right - c.left) / float64(n)
	var area, line strings.Builder
	drawing := false
	for i, b := range bins {
		if b.Max == 0 {
			drawing = false
			continue
		}
		x := c.left + (float64(i)+0.5)*step
		fmt.Fprintf(&area, "M%.1f %.1fV%.1f", x, y(b.Median), math.Min(y(b.Max), y(b.Median)-1))
		fmt.Fprintf(&line, "%c%.1f %.1f", map[bool]rune{true: 'L', false: 'M'}[drawing], x, y(b.Median))
		drawing = true
	}
	c.printf(`<path class="worst" stroke-width="%.1f" d="%s"/><path class="median" d="%s"/>`, step, area.String(), line.String())
	c.printf(`<text class="label strong" x="%g" y="%.1f">round trip</text>`, c.left-60, top+height/2+4)
	c.y = top + height + 4
}

// axis writes the time below the lanes.
func (c *canvas) axis(y float64) {
	step := niceStep(c.to-c.from, int((c.width-c.left)/90))
	for t := (c.from + step - 1) / step * step; t <= c.to; t += step {
		c.printf(`<path class="grid" d="M%.1f %.1fv5"/><text class="tick middle" x="%.1f" y="%.1f">%s</text>`, c.x(t), y, c.x(t), y+18, axisTime(t, step))
	}
	c.printf(`<path class="base" d="M%g %.1fH%g"/>`, c.left, y, c.width-right)
}
