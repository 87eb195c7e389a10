// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"
)

func render(t *testing.T, o Outcome) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteHTML(&b, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var svgRE = regexp.MustCompile(`(?s)<svg .*?</svg>`)

// element is an element of a plot: its attributes, and its text or the text of its children.
type element struct {
	name string
	attr map[string]string
	text string
}

// elements reads a plot; it must be well-formed XML, so that it can also be taken out of the page.
func elements(t *testing.T, svg string) []*element {
	t.Helper()
	var all []*element
	var open []*element
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("the plot is no XML: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local, attr: map[string]string{}}
			for _, a := range token.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			all, open = append(all, e), append(open, e)
		case xml.CharData:
			for _, e := range open {
				e.text += string(token)
			}
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
}

func TestPageNeedsNothingElse(t *testing.T) {
	html := render(t, sample())
	for _, bad := range []string{"<script", "<link", "<img", "@import", "url(", "javascript:", " src=", " href="} {
		if strings.Contains(html, bad) {
			t.Errorf("the page has %q in it", bad)
		}
	}
	if refs := regexp.MustCompile(`https?://[^"' <]+`).FindAllString(html, -1); len(refs) != strings.Count(html, `xmlns="http://www.w3.org/2000/svg"`) {
		t.Errorf("the page points elsewhere: %q", refs)
	}
	for _, must := range []string{"color-scheme: light dark", "prefers-color-scheme: dark", `name="viewport"`, "2.1.5", "3.1.7", "0.11.5", "stonith-enabled=false", "All promises held."} {
		if !strings.Contains(html, must) {
			t.Errorf("the page lacks %q", must)
		}
	}
}

func TestOverviewShowsEventsAndHolders(t *testing.T) {
	o := sample()
	plots := svgRE.FindAllString(render(t, o), -1)
	if len(plots) != 1+len(o.Report.Events) {
		t.Fatalf("%d plots, want the overview and one per event", len(plots))
	}
	names, marks, spans := 0, 0, 0
	lost := ""
	for _, e := range elements(t, plots[0]) {
		switch class := e.attr["class"]; {
		case class == "event" || class == "event before":
			if want := o.Report.Events[names].Name; !strings.Contains(e.text, want) {
				t.Errorf("event %d is named %q, want %q", names+1, e.text, want)
			}
			names++
		case class == "mark":
			marks++
		case strings.HasPrefix(class, "node "):
			spans++
		case class == "lost":
			lost += e.attr["d"]
		}
	}
	if names != 4 || marks != 4 {
		t.Errorf("%d events are named and %d marked, want 4 and 4", names, marks)
	}
	if want := len(o.Recording.Tracks[0].Spans) + len(o.Recording.Tracks[1].Spans) + len(o.Recording.Tracks[2].Spans); spans != want {
		t.Errorf("%d spans of holders, want %d", spans, want)
	}
	if lost == "" {
		t.Error("the crash's loss is not in the plot")
	}
}

// One packet of sixty thousand must be seen, at its place.
func TestOneLostPacketIsSeen(t *testing.T) {
	o := sample()
	for i := range o.Recording.Streams {
		for j := range o.Recording.Streams[i].Packets {
			o.Recording.Streams[i].Packets[j].Lost = false
		}
	}
	shapes := func() (n int, tip string) {
		for _, e := range elements(t, overview(&o)) {
			if e.attr["class"] == "lost" && e.attr["d"] != "" {
				n++
			}
			if e.attr["class"] == "touch" {
				tip += e.text
			}
		}
		return n, tip
	}
	if n, tip := shapes(); n != 0 || tip != "" {
		t.Fatalf("%d red shapes without a loss (%q)", n, tip)
	}
	lose(&o, "through_router", 30*time.Second, 30*time.Second+5*time.Millisecond)
	if n, tip := shapes(); n != 2 || !strings.Contains(tip, "isv → pod: silent for 5 ms, 1 packet lost") {
		t.Errorf("%d red shapes (want the bin and a pointer at it), tip %q", n, tip)
	}
}

func TestPageEscapesNames(t *testing.T) {
	o := sample()
	o.Report.Events[0].Name = `<b>&"x"`
	o.Recording.Streams[0].Label = `<i>`
	o.Recording.Tracks[0].Spans[0].Holder = "<u>"
	o.Commands[0].Line = "a && b <c>"
	html := render(t, o)
	for _, bad := range []string{"<b>&", "<i>", "<u>", "<c>"} {
		if strings.Contains(html, bad) {
			t.Errorf("%q is not escaped", bad)
		}
	}
	for _, svg := range svgRE.FindAllString(html, -1) {
		elements(t, svg)
	}
}

func TestPageOfABrokenPromise(t *testing.T) {
	o := sample()
	lose(&o, toAddress, 11*time.Second, 11*time.Second+5*time.Millisecond)
	html := render(t, o)
	if !strings.Contains(html, "One of the demo&#39;s promises did not hold.") || !strings.Contains(html, "lost 1 packet to the address") {
		t.Error("the page does not say which promise broke")
	}
	if strings.Contains(html, "All promises held") {
		t.Error("the page says that all promises held")
	}
}

// A demo that was cut short has a page too.
func TestPageOfHalfADemo(t *testing.T) {
	o := sample()
	o.Report.Events, o.Moments, o.Recording.Tracks = o.Report.Events[:1], o.Moments[:1], nil
	o.Report.Events[0].To = ""
	o.Moments[0].Unsettled = "it is still on vrouter1"
	html := render(t, o)
	if !strings.Contains(html, "it is still on vrouter1") || !strings.Contains(html, "1 events of 4") {
		t.Error("the page does not say how far the demo came")
	}
	o = Outcome{Report: Report{Schema: schemaVersion}}
	if !strings.Contains(render(t, o), "0 events of 4") {
		t.Error("the page of a demo without anything is empty")
	}
}
