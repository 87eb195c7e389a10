// SPDX-License-Identifier: Apache-2.0

// Package picture draws the text of a terminal as SVG. The text is what tmux captured of a pane; it is kept beside the
// picture, so that a reader of a change sees what has changed.
package picture

import (
	"fmt"
	"html"
	"strings"
)

// Sizes in pixels, for a monospace font of 13 px.
const (
	charWidth  = 7.85
	lineHeight = 18
	margin     = 14
	titleBar   = 26
)

// SVG draws a pane below a title bar. Lines that begin with !! stand out, and so does a first line that begins with $,
// the command.
func SVG(title, text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n "), "\n")
	columns := len([]rune(title)) + 8
	for _, l := range lines {
		columns = max(columns, len([]rune(l)))
	}
	width, height := int(float64(columns)*charWidth)+2*margin, len(lines)*lineHeight+titleBar+2*margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" role="img" aria-label="%s">`+"\n", width, height, html.EscapeString(title))
	fmt.Fprintf(&b, `<rect width="%d" height="%d" rx="8" fill="#1d2430"/>`+"\n", width, height)
	fmt.Fprintf(&b, `<path d="M0 8a8 8 0 0 1 8-8h%da8 8 0 0 1 8 8v%dh-%dz" fill="#2e3848"/>`+"\n", width-16, titleBar-8, width)
	fmt.Fprintf(&b, `<text x="%d" y="17" fill="#b8c2d0" font-family="sans-serif" font-size="12" text-anchor="middle">%s</text>`+"\n", width/2, html.EscapeString(title))
	b.WriteString(`<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13" xml:space="preserve">` + "\n")
	for i, l := range lines {
		colour := "#dfe6ef"
		switch {
		case strings.HasPrefix(l, "!!"):
			colour = "#ff8f6b"
		case strings.HasPrefix(l, "$ "):
			colour = "#8fd18f"
		}
		if l != "" {
			fmt.Fprintf(&b, `<text x="%d" y="%d" fill="%s">%s</text>`+"\n", margin, titleBar+margin+13+i*lineHeight, colour, html.EscapeString(l))
		}
	}
	b.WriteString("</g>\n</svg>\n")
	return b.String()
}
