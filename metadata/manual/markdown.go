// SPDX-License-Identifier: Apache-2.0

package manual

import (
	"regexp"
	"strings"

	"ocf-oci/metadata"
)

// Markdown returns the manual page as Markdown (CommonMark).
func Markdown(a *metadata.Agent, o Options) []byte {
	var out strings.Builder
	out.WriteString("# " + Name(a) + "(7)\n")
	for _, s := range page(a, o) {
		out.WriteString("\n## " + s.title + "\n\n")
		for i, b := range s.blocks {
			// Items of one list stay together, everything else is apart.
			if i > 0 && !(tight(b) && tight(s.blocks[i-1])) {
				out.WriteString("\n")
			}
			markdownBlock(&out, b, "")
		}
	}
	return []byte(out.String())
}

func tight(b block) bool { return b.kind == item }

func markdownBlock(out *strings.Builder, b block, indent string) {
	switch b.kind {
	case paragraph:
		out.WriteString(indent + escape(b.text) + "\n")
	case item:
		out.WriteString(indent + "* " + escape(b.text) + "\n")
	case verbatim:
		fence := "```"
		for strings.Contains(b.text, fence) {
			fence += "`"
		}
		out.WriteString(indent + fence + "\n")
		for line := range strings.SplitSeq(b.text, "\n") {
			out.WriteString(strings.TrimRight(indent+line, " ") + "\n")
		}
		out.WriteString(indent + fence + "\n")
	case term:
		out.WriteString(indent + "* **`" + b.text + "`** " + escape(b.note) + "\n")
		for i, inner := range b.body {
			if i == 0 || !(tight(inner) && tight(b.body[i-1])) {
				out.WriteString("\n")
			}
			markdownBlock(out, inner, indent+"  ")
		}
	}
}

var (
	special = regexp.MustCompile("[\\\\`*\\[\\]<>#|]")
	// "_" within a word means nothing.
	underscore = regexp.MustCompile(`(^|[^A-Za-z0-9])(_+)|(_+)($|[^A-Za-z0-9])`)
	ordered    = regexp.MustCompile(`^(\d+)([.)])`)
	bullet     = regexp.MustCompile(`^[-+=]`)
)

// escape keeps text from meaning anything in Markdown.
func escape(text string) string {
	text = strings.ReplaceAll(text, "&", "&amp;")
	text = special.ReplaceAllString(text, `\$0`)
	text = underscore.ReplaceAllStringFunc(text, func(s string) string { return strings.ReplaceAll(s, "_", `\_`) })
	text = ordered.ReplaceAllString(text, `$1\$2`)
	return bullet.ReplaceAllString(text, `\$0`)
}
