// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Summary writes the events with their losses for a terminal, then the agent's and the API's numbers, then the verdict.
func Summary(o Outcome, s Style) string {
	var b strings.Builder
	rows := [][]string{{"", "event", "address on", "all agree after", "lost to the address", "lost through the routers", "longest silence"}}
	for i, e := range o.Report.Events {
		on := e.From
		if e.To != e.From {
			on += " → " + e.To
		}
		rows = append(rows, []string{
			fmt.Sprint(i + 1), e.Name, on, seconds(time.Duration(e.DurationMS) * time.Millisecond), lossOf(e.ToAddress), lossOf(e.ThroughRouter),
			seconds(time.Duration(max(e.ToAddress.GapMS, e.ThroughRouter.GapMS)) * time.Millisecond),
		})
	}
	if !table(&b, rows, s) {
		for _, r := range rows[1:] {
			fmt.Fprintf(&b, "%s  %s\n   on %s, all agree after %s\n   lost %s to the address, %s through the routers\n   longest silence %s\n", r[0], s.paint(bold, r[1]), r[2], r[3], r[4], r[5], r[6])
		}
	}
	b.WriteString("\n")
	if line := agentLine(o); line != "" {
		b.WriteString(line + "\n")
	}
	for _, line := range restarts(&o) {
		b.WriteString(line + "\n")
	}
	if line := callsLine(o.Report); line != "" {
		b.WriteString(line + "\n")
	}
	b.WriteString("\n")
	broken := Check(o)
	for _, p := range broken {
		b.WriteString(s.paint(red, "✗ "+p) + "\n")
	}
	if len(broken) == 0 {
		b.WriteString(s.paint(green, "✓ All promises held: nothing lost by the planned move, the brown-out and the node's return; served again after the crash.") + "\n")
	}
	return b.String()
}

func lossOf(t Traffic) string { return fmt.Sprintf("%s of %s", thousands(t.Lost), thousands(t.Sent)) }

// table writes rows in columns, with the words of a heading below each other; false: the terminal is too narrow.
func table(b *strings.Builder, rows [][]string, s Style) bool {
	widths := make([]int, len(rows[0]))
	for _, row := range rows[1:] {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	head := make([][]string, len(widths))
	tall := 0
	for i, cell := range rows[0] {
		for _, word := range strings.Fields(cell) {
			widths[i] = max(widths[i], utf8.RuneCountInString(word))
		}
		head[i] = wrap(cell, widths[i])
		tall = max(tall, len(head[i]))
	}
	write := func(cells []string, paint string) {
		var line strings.Builder
		for i, cell := range cells {
			line.WriteString("  " + pad(cell, widths[i]))
		}
		b.WriteString(s.paint(paint, strings.TrimRight(line.String(), " ")) + "\n")
	}
	total := 0
	for _, w := range widths {
		total += 2 + w
	}
	if total > max(60, s.Width) {
		return false
	}
	for l := range tall {
		cells := make([]string, len(widths))
		for i, lines := range head {
			if skip := tall - len(lines); l >= skip {
				cells[i] = lines[l-skip]
			}
		}
		write(cells, dim)
	}
	for _, row := range rows[1:] {
		write(row, "")
	}
	return true
}

// wrap breaks text into lines of at most width, if its words allow.
func wrap(text string, width int) []string {
	var lines []string
	for _, word := range strings.Fields(text) {
		if n := len(lines); n > 0 && utf8.RuneCountInString(lines[n-1])+1+utf8.RuneCountInString(word) <= width {
			lines[n-1] += " " + word
			continue
		}
		lines = append(lines, word)
	}
	return lines
}

func agentLine(o Outcome) string {
	var parts []string
	for _, op := range agentOps {
		if t, ok := o.Report.AgentExec[op]; ok {
			parts = append(parts, strings.TrimSpace(fmt.Sprintf("%s %d ms %s", op, t, o.settling(op, time.Duration(t)*time.Millisecond))))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "The agent's operations, medians as pacemaker timed them: " + strings.Join(parts, ", ") + "."
}

// settling explains a long stop: after a live migration the source keeps the address for a while, so that packets which
// are still on their way to it find somebody.
func (o Outcome) settling(op string, took time.Duration) string {
	if op != "stop" || o.Settle == 0 || took < o.Settle {
		return ""
	}
	return fmt.Sprintf("(%g s of it settle)", o.Settle.Seconds())
}

// restarts says which part of the outage after a crash was the agent's.
func restarts(o *Outcome) []string {
	var out []string
	for i, e := range o.Report.Events {
		if e.Kind != Crash {
			continue
		}
		if r, ok := o.restart(i); ok {
			gap := time.Duration(max(e.ToAddress.GapMS, e.ThroughRouter.GapMS)) * time.Millisecond
			token := ""
			if o.Token > 0 {
				token = fmt.Sprintf(" (its token timeout is %s)", seconds(o.Token))
			}
			out = append(out, fmt.Sprintf("Of the %s of silence after the crash the agent's start took %s; the rest is corosync finding out that the node is dead%s, and pacemaker.", seconds(gap), seconds(r.Exec), token))
		}
	}
	return out
}

func callsLine(r Report) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(r.APICalls)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, r.APICalls[name]))
	}
	if len(parts) == 0 {
		return ""
	}
	return "Requests that the region's API got: " + strings.Join(parts, ", ") + "."
}
