// SPDX-License-Identifier: Apache-2.0

package demo

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

//go:embed page.html.tmpl
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// page is what the template shows.
type page struct {
	Outcome    *Outcome
	Report     Report
	Date, Took string
	Verdict    string
	Broken     []string
	Promises   []promiseRow
	Tiles      []tile
	Nodes      []legend // that held the address
	Both       bool     // two held it at once
	Overview   template.HTML
	Events     []eventRow
	Restarts   []string
	Operations []operationRow
	Calls      []callRow
	Commands   []commandRow
}

type promiseRow struct {
	Text string
	Kept bool
}

type tile struct {
	Big, Small string
	Bad        bool
}

type legend struct {
	Name  string
	Class int // of --nCLASS in the style sheet
}

type eventRow struct {
	Number           int
	Name, From, To   string
	Duration         string
	Address, Through trafficRow
	Closeup          template.HTML
}

type trafficRow struct{ Sent, Lost, Gap string }

type operationRow struct {
	Name            string
	Median, Slowest string
	Runs            int
	Codes           string // that the agent returned
	Note            string
}

type callRow struct {
	Name  string
	Count int
}

type commandRow struct{ Heading, Where, Line, Note, Took, Err string }

// WriteHTML writes report.html: one file that needs nothing else, no script either.
func WriteHTML(w io.Writer, o Outcome) error {
	p := page{
		Outcome: &o, Report: o.Report, Date: o.Began.Format("2 January 2006, 15:04"), Took: seconds(o.Took),
		Broken: Check(o), Overview: template.HTML(overview(&o)),
	}
	p.Verdict = "All promises held."
	if len(p.Broken) > 0 {
		p.Verdict = fmt.Sprintf("%d of the demo's promises did not hold.", len(p.Broken))
		if len(p.Broken) == 1 {
			p.Verdict = "One of the demo's promises did not hold."
		}
	}
	p.Promises = promiseRows(o)
	held := holders(o.Recording.Tracks)
	for i, n := range o.Report.Cluster.Nodes {
		if held[n] {
			p.Nodes = append(p.Nodes, legend{n, i % nodeColours})
		}
	}
	p.Both = held[both]
	for i, e := range o.Report.Events {
		p.Tiles = append(p.Tiles, eventTile(e))
		p.Events = append(p.Events, eventRow{
			Number: i + 1, Name: e.Name, From: e.From, To: e.To, Duration: seconds(time.Duration(e.DurationMS) * time.Millisecond),
			Address: rowOf(e.ToAddress), Through: rowOf(e.ThroughRouter), Closeup: template.HTML(closeup(&o, i)),
		})
	}
	p.Restarts = restarts(&o)
	p.Operations = operations(o)
	for _, name := range slices.Sorted(maps.Keys(o.Report.APICalls)) {
		p.Calls = append(p.Calls, callRow{name, o.Report.APICalls[name]})
	}
	chapter := ""
	for _, c := range o.Commands {
		row := commandRow{"", prompt(c.Where), c.Line, c.Note, seconds(c.Took), c.Err}
		if c.Chapter != chapter {
			row.Heading, chapter = c.Chapter, c.Chapter
		}
		p.Commands = append(p.Commands, row)
	}
	if err := pageTemplate.Execute(w, p); err != nil {
		return fmt.Errorf("write report.html: %w", err)
	}
	return nil
}

// promiseRows are the promises in the order of the events, and whether they were kept.
func promiseRows(o Outcome) []promiseRow {
	broken := map[Kind]bool{}
	for _, f := range findings(o) {
		broken[f.kind] = true
	}
	var rows []promiseRow
	for _, kind := range []Kind{Planned, Brownout, Crash, Return} {
		happened := slices.ContainsFunc(o.Report.Events, func(e Event) bool { return e.Kind == kind })
		rows = append(rows, promiseRow{promises[kind], happened && !broken[kind]})
	}
	return rows
}

// holders are the nodes that held the address at some time in somebody's eyes; the key both: two did at once.
func holders(tracks []Track) map[string]bool {
	held := map[string]bool{}
	for _, t := range tracks {
		for _, s := range t.Spans {
			for _, name := range strings.Split(s.Holder, both) {
				held[name] = true
			}
			held[both] = held[both] || strings.Contains(s.Holder, both)
		}
	}
	return held
}

// prompt is what stands before a command.
func prompt(where string) string {
	if where == "" {
		return "# "
	}
	return where + "# "
}

func rowOf(t Traffic) trafficRow {
	return trafficRow{thousands(t.Sent), thousands(t.Lost), seconds(time.Duration(t.GapMS) * time.Millisecond)}
}

// eventTile is the event in one number.
func eventTile(e Event) tile {
	lost := e.ToAddress.Lost + e.ThroughRouter.Lost
	t := tile{Big: thousands(lost) + " lost", Small: e.Name, Bad: len(checkEvent(e)) > 0}
	if e.Kind == Crash {
		gap := time.Duration(max(e.ToAddress.GapMS, e.ThroughRouter.GapMS)) * time.Millisecond
		t.Big, t.Small = seconds(gap), e.Name+": longest silence"
	}
	return t
}

// operations are the readings by operation, in the order of the agent's life.
func operations(o Outcome) []operationRow {
	var rows []operationRow
	for _, op := range []string{"probe", "start", "monitor", "migrate_to", "migrate_from", "stop", "reload-agent"} {
		var times []time.Duration
		codes := map[int]bool{}
		for _, r := range o.Readings {
			if r.Op != op {
				continue
			}
			codes[r.Code] = true
			if r.Expected && r.Code != codeDegraded { // for a changed code pacemaker writes no time
				times = append(times, r.Exec)
			}
		}
		if len(times) > 0 {
			var list []string
			for _, code := range slices.Sorted(maps.Keys(codes)) {
				list = append(list, fmt.Sprint(code))
			}
			rows = append(rows, operationRow{op, seconds(median(times)), seconds(slices.Max(times)), len(times), strings.Join(list, ", "), o.settling(op, median(times))})
		}
	}
	return rows
}
