// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// row finds the line with a label.
func row(t *testing.T, text, label string) string {
	t.Helper()
	for _, l := range strings.Split(text, "\n") {
		if strings.HasPrefix(l, label) {
			return string([]rune(l)[gutter+1:])
		}
	}
	t.Fatalf("no line begins with %q:\n%s", label, text)
	return ""
}

func TestTimelineShowsTheOutage(t *testing.T) {
	o := sample()
	bar := []rune(row(t, Timeline(o, Style{Width: gutter + 2 + 100}), "isv → 10.0.0.100")) // a column is a second
	if len(bar) != 100 {
		t.Fatalf("%d columns, want 100", len(bar))
	}
	for i, c := range bar {
		want := '█'
		switch {
		case i >= 55 && i < 59:
			want = '×'
		case i == 59: // answered from 59.3 s on
			want = '▅'
		}
		if c != want {
			t.Errorf("second %d is %c, want %c", i, c, want)
		}
	}
}

// A column of 200 packets with one of them lost must not look whole.
func TestTimelineShowsOneLostPacket(t *testing.T) {
	o := sample()
	lose(&o, toAddress, 30*time.Second, 30*time.Second+5*time.Millisecond)
	bar := []rune(row(t, Timeline(o, Style{Width: gutter + 2 + 100}), "isv → 10.0.0.100"))
	if bar[30] == '█' || bar[29] != '█' || bar[31] != '█' {
		t.Errorf("seconds 29 to 31 are %c%c%c", bar[29], bar[30], bar[31])
	}
}

func TestTimelineShowsHoldersAndEvents(t *testing.T) {
	o := sample()
	text := Timeline(o, Style{Width: 126})
	network := row(t, text, "network delivers to")
	var at []int
	for _, name := range []string{"vrouter1", "vrouter2", "nobody"[:2], "vrouter3"} {
		if name == "no" {
			name = "╌"
		}
		at = append(at, strings.Index(network, name))
	}
	for i := 1; i < len(at); i++ {
		if at[i] <= at[i-1] {
			t.Errorf("holders are not in order: %v in %q", at, network)
		}
	}
	for i, e := range o.Report.Events {
		column := -1
		for _, l := range strings.Split(text, "\n") {
			if strings.Contains(l, e.Name) {
				column = utf8.RuneCountInString(l[:strings.IndexRune(l, '▼')]) - gutter - 1
			}
		}
		if want := int(o.Moments[i].Begin / time.Second); column != want {
			t.Errorf("%s is marked at column %d, want %d", e.Name, column, want)
		}
	}
}

var escapeRE = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestTextFitsTheTerminal(t *testing.T) {
	o := sample()
	for _, width := range []int{60, 80, 100, 143, 200} {
		plain, colour := Timeline(o, Style{Width: width}), Timeline(o, Style{Width: width, Colour: true})
		if strings.Contains(plain, "\x1b") || strings.Contains(Summary(o, Style{Width: width}), "\x1b") {
			t.Errorf("width %d: colours without being asked for", width)
		}
		if !strings.Contains(colour, "\x1b[31m") {
			t.Errorf("width %d: the loss is not red", width)
		}
		if escapeRE.ReplaceAllString(colour, "") != plain {
			t.Errorf("width %d: colours change the text", width)
		}
		for _, l := range strings.Split(plain, "\n") {
			if n := utf8.RuneCountInString(l); n > width {
				t.Errorf("width %d: a line has %d columns: %s", width, n, l)
			}
		}
	}
}

func TestSummarySaysWhatMatters(t *testing.T) {
	o := sample()
	text := Summary(o, Style{Width: 120})
	for _, want := range []string{
		"planned move to vrouter2", "vrouter1 → vrouter2", "0 of 3\u202f000", "860 of 4\u202f000", "1\u202f720 of 8\u202f000", "4.30 s",
		"migrate_from 55 ms", "UpdatePrivateIp 6", "All promises held",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the summary lacks %q:\n%s", want, text)
		}
	}
	lose(&o, toAddress, 11*time.Second, 11*time.Second+5*time.Millisecond)
	text = Summary(o, Style{Width: 120})
	if strings.Contains(text, "All promises held") || !strings.Contains(text, "✗ planned move to vrouter2: lost 1 packet to the address") {
		t.Errorf("the summary does not name the broken promise:\n%s", text)
	}
}

func TestTimelineOfNothing(t *testing.T) {
	if text := Timeline(Outcome{}, Style{}); strings.Contains(text, "×") {
		t.Errorf("loss where nothing was sent:\n%s", text)
	}
}
