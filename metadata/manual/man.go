// SPDX-License-Identifier: Apache-2.0

package manual

import (
	"strconv"
	"strings"

	"ocf-oci/metadata"
)

// Man returns the manual page as troff with the man macros, for section 7.
func Man(a *metadata.Agent, o Options) []byte {
	date := ""
	if !o.Date.IsZero() {
		date = o.Date.UTC().Format("2006-01-02")
	}
	return header(Name(a), "7", date, o.Package, "OCF resource agents", page(a, o))
}

// troff is a page without a date: it changes when its text does.
func troff(name, number, source, manual string, sections []section) []byte {
	return header(name, number, "", source, manual, sections)
}

func header(name, number, date, source, manual string, sections []section) []byte {
	var out strings.Builder
	out.WriteString(".TH " + strings.Join([]string{
		argument(name), argument(number), argument(date), argument(source), argument(manual),
	}, " ") + "\n.nh\n.ad l\n")
	for _, s := range sections {
		out.WriteString(".SH " + argument(s.title) + "\n")
		if s.title == "NAME" {
			// mandb reads this line; it wants one plain dash.
			name, short, _ := strings.Cut(s.blocks[0].text, " - ")
			out.WriteString(roff(name) + " \\- " + roff(short) + "\n")
			continue
		}
		for i, b := range s.blocks {
			manBlock(&out, b, i == 0)
		}
	}
	return []byte(out.String())
}

func manBlock(out *strings.Builder, b block, first bool) {
	switch b.kind {
	case paragraph:
		if !first {
			out.WriteString(".PP\n")
		}
		out.WriteString(roff(b.text) + "\n")
	case item:
		out.WriteString(".IP \\(bu 3\n" + roff(b.text) + "\n")
	case verbatim:
		out.WriteString(".PP\n.RS 4\n.nf\n")
		for line := range strings.SplitSeq(b.text, "\n") {
			out.WriteString(roff(line) + "\n")
		}
		out.WriteString(".fi\n.RE\n")
	case term:
		out.WriteString(".TP\n\\fB" + strings.TrimPrefix(roff(b.text), "\\&") + "\\fR\n" + roff(b.note) + "\n")
		if len(b.body) > 0 {
			out.WriteString(".RS\n")
			for _, inner := range b.body {
				manBlock(out, inner, false)
			}
			out.WriteString(".RE\n")
		}
	}
}

// roff escapes text for troff (groff(7)): the backslash, a control character at
// the beginning of a line, and the characters that would otherwise come out as
// typographic ones, so that an example can be copied from the terminal.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\(rs`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, `"`, `\(dq`).Replace(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	return text
}

// argument quotes a macro's argument.
func argument(text string) string { return `"` + roff(text) + `"` }

func itoa(n int) string { return strconv.Itoa(n) }
