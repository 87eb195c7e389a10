// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"bytes"
	"context"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// explained is the sample with what its reader might ask about.
func explained() Outcome {
	o := sample()
	o.Token, o.Settle = 3650*time.Millisecond, 3*time.Second
	o.Report.AgentExec["stop"] = 3041
	o.Commands = []Command{
		{Chapter: "The cluster", Where: "vrouter1", Line: "pcs property set stonith-enabled=false", Note: noteOn("stonith-enabled=false")},
		{Chapter: "1  planned move to vrouter2", Where: "vrouter1", Line: "pcs resource move Cluster_VIP vrouter2"},
		{Chapter: "1  planned move to vrouter2", Where: "vrouter1", Line: "pcs resource clear Cluster_VIP"},
	}
	began := o.Recording.Begin
	o.Readings = []Reading{
		{Node: "vrouter1", Op: "stop", Exec: 3041 * time.Millisecond, Expected: true},
		{Node: "vrouter2", Op: "monitor", Exec: time.Millisecond, Expected: true, At: began},
		{Node: "vrouter2", Op: "monitor", Code: codeDegraded, Expected: true, At: began},
		{Node: "vrouter3", Op: "start", Exec: 41 * time.Millisecond, Expected: true, At: began.Add(58 * time.Second)},
	}
	return o
}

func TestPageExplains(t *testing.T) {
	page := render(t, explained())
	for _, want := range []string{
		"3.04 s<br><span class=\"soft\">(3 s of it settle)</span>", `<td class="num">0, 190</td>`, "its token timeout is 3.65 s",
		"stonith-enabled=false  <span class=\"soft\">(lab only; configure fencing)</span>",
		`<li><b class="ok">✓</b> A planned move loses no packet`, `<li><b class="ok">✓</b> After a crash`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if n := strings.Count(page, "<b>1  planned move to vrouter2</b>"); n != 1 {
		t.Errorf("the commands of an event have %d headings", n)
	}
	text := Summary(explained(), Style{Width: 120})
	for _, want := range []string{"stop 3041 ms (3 s of it settle)", "its token timeout is 3.65 s"} {
		if !strings.Contains(text, want) {
			t.Errorf("the summary lacks %q:\n%s", want, text)
		}
	}
	quick := explained()
	quick.Report.AgentExec["stop"] = 41
	if strings.Contains(Summary(quick, Style{Width: 120}), "settle") {
		t.Error("a stop that was shorter than the settling settled")
	}
}

func TestBrokenPromiseIsMarked(t *testing.T) {
	o := sample()
	lose(&o, toAddress, 11*time.Second, 11*time.Second+5*time.Millisecond)
	o.Report.Events, o.Moments = o.Report.Events[:3], o.Moments[:3]
	var kept []bool
	for _, p := range promiseRows(o) {
		kept = append(kept, p.Kept)
	}
	if want := []bool{false, true, true, false}; len(kept) != 4 || kept[0] != want[0] || kept[1] != want[1] || kept[2] != want[2] || kept[3] != want[3] {
		t.Errorf("kept %v, want %v: the move lost a packet, the return never came", kept, want)
	}
}

var legendRE = regexp.MustCompile(`(?s)<div class="legend">(.*?)</div>`)

func TestLegendOfHoldersOnly(t *testing.T) {
	o := sample()
	legend := legendRE.FindStringSubmatch(render(t, o))[1]
	if !strings.Contains(legend, "vrouter3") || strings.Contains(legend, "both,") {
		t.Errorf("legend %s", legend)
	}
	o.Report.Cluster.Nodes = append(o.Report.Cluster.Nodes, "vrouter4")
	o.Recording.Tracks[2].Spans[0].Holder = "vrouter1" + both + "vrouter2"
	legend = legendRE.FindStringSubmatch(render(t, o))[1]
	if strings.Contains(legend, "vrouter4") || !strings.Contains(legend, "both,") {
		t.Errorf("legend %s", legend)
	}
}

// A time without a holder that is too short for a word has it beside it.
func TestSliverIsNamed(t *testing.T) {
	o := sample()
	at := o.Recording.Tracks[2].Spans[2].From
	o.Recording.Tracks[2].Spans[1].To = at - 400*time.Millisecond
	o.Recording.Tracks[2].Spans = append(o.Recording.Tracks[2].Spans[:2:2], Span{at - 400*time.Millisecond, at, ""}, o.Recording.Tracks[2].Spans[2])
	var texts []string
	for _, e := range elements(t, overview(&o)) {
		if strings.HasPrefix(e.attr["class"], "holder") {
			texts = append(texts, e.text)
		}
	}
	if got := strings.Join(texts, "|"); !strings.Contains(got, "◂ nobody|vrouter3") {
		t.Errorf("labels %s", got)
	}
}

// An event at the right edge is named at the left of its mark, not somewhere else.
func TestLastEventIsNamedAtItsMark(t *testing.T) {
	o := sample()
	o.Moments[3].Begin, o.Moments[3].Agreed = 97*time.Second, 99*time.Second
	var mark string
	for _, e := range elements(t, overview(&o)) {
		if e.attr["class"] == "mark" {
			mark = e.attr["d"]
		}
	}
	for _, e := range elements(t, overview(&o)) {
		if e.attr["class"] == "event before" {
			if !strings.HasPrefix(mark, "M"+e.attr["x"]+" ") {
				t.Errorf("named at %s, marked at %s", e.attr["x"], mark)
			}
			return
		}
	}
	t.Error("no event is named at the left of its mark")
}

// A command is shown, with its note, before whoever waits for it goes on.
func TestCommandIsAnnounced(t *testing.T) {
	var out bytes.Buffer
	d := &demo{console: newConsole(&out, Style{Width: 100}, false)}
	shown := d.nextCommand()
	select {
	case <-shown:
		t.Fatal("announced before there was a command")
	default:
	}
	if err := d.show(exec.CommandContext(context.Background(), "true"), "vrouter1", "pcs property set no-quorum-policy=ignore"); err != nil {
		t.Fatal(err)
	}
	<-shown
	d.console.close()
	if !strings.Contains(out.String(), "vrouter1# pcs property set no-quorum-policy=ignore  (lab only; configure fencing)\n") {
		t.Errorf("shown: %s", out.String())
	}
}

func TestFacts(t *testing.T) {
	if d, err := readToken("runtime.config.totem.token (u32) = 3650\n"); err != nil || d != 3650*time.Millisecond {
		t.Errorf("token %v, %v", d, err)
	}
	if _, err := readToken("Can't get key"); err == nil {
		t.Error("a token timeout was read from an error")
	}
	const metadata = `<?xml version="1.0"?><resource-agent><parameters><parameter name="ip"><content type="string"/></parameter><parameter name="settle"><content type="time" default="3s"/></parameter></parameters></resource-agent>`
	if d, err := readSettle([]byte(metadata)); err != nil || d != 3*time.Second {
		t.Errorf("settle %v, %v", d, err)
	}
	if _, err := readSettle([]byte(strings.Replace(metadata, `"3s"`, `"soon"`, 1))); err == nil {
		t.Error("a settle was read that is no time")
	}
}
