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
	Tiles      []tile
	Nodes      []legend
	Overview   template.HTML
	Events     []eventRow
	Restarts   []string
	Operations []operationRow
	Calls      []callRow
	Commands   []commandRow
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
}

type callRow struct {
	Name  string
	Count int
}

type commandRow struct{ Where, Line, Took, Err string }

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
	for i, n := range o.Report.Cluster.Nodes {
		p.Nodes = append(p.Nodes, legend{n, i % nodeColours})
	}
	for i, e := range o.Report.Events {
		p.Tiles = append(p.Tiles, eventTile(e))
		p.Events = append(p.Events, eventRow{
			Number: i + 1, Name: e.Name, From: e.From, To: e.To, Duration: seconds(time.Duration(e.DurationMS) * time.Millisecond),
			Address: rowOf(e.ToAddress), Through: rowOf(e.ThroughRouter), Closeup: template.HTML(closeup(&o, i)),
		})
	}
	p.Restarts = restarts(&o)
	p.Operations = operations(o.Readings)
	for _, name := range slices.Sorted(maps.Keys(o.Report.APICalls)) {
		p.Calls = append(p.Calls, callRow{name, o.Report.APICalls[name]})
	}
	for _, c := range o.Commands {
		p.Commands = append(p.Commands, commandRow{prompt(c.Where), c.Line, seconds(c.Took), c.Err})
	}
	if err := pageTemplate.Execute(w, p); err != nil {
		return fmt.Errorf("write report.html: %w", err)
	}
	return nil
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
func operations(readings []Reading) []operationRow {
	var rows []operationRow
	for _, op := range []string{"probe", "start", "monitor", "migrate_to", "migrate_from", "stop", "reload-agent"} {
		var times []time.Duration
		codes := map[int]bool{}
		for _, r := range readings {
			if r.Op != op {
				continue
			}
			codes[r.Code] = true
			if r.Expected && r.Code != codeDegraded { // for a changed code pacemaker writes no time
				times = append(times, r.Exec)
			}
		}
		if len(times) > 0 {
			text := fmt.Sprint(slices.Sorted(maps.Keys(codes)))
			rows = append(rows, operationRow{op, seconds(median(times)), seconds(slices.Max(times)), len(times), strings.Trim(text, "[]")})
		}
	}
	return rows
}
