// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"io"
	"strings"
)

// WriteSVG writes the overview of the report as a picture of its own, with the page's style, for use in documents.
func WriteSVG(w io.Writer, o Outcome) error {
	_, style, _ := strings.Cut(pageText, "<style>")
	style, _, _ = strings.Cut(style, "</style>")
	var rules strings.Builder
	for _, line := range strings.SplitAfter(style, "\n") {
		// Rules of the page itself do nothing in a picture.
		if strings.HasPrefix(line, "svg ") || strings.HasPrefix(line, ":root") || strings.HasPrefix(line, "@media (prefers") || strings.HasPrefix(line, " ") || strings.HasPrefix(line, "}") {
			rules.WriteString(strings.ReplaceAll(line, "svg ", ""))
		}
	}
	picture := overview(&o)
	end := strings.Index(picture, ">") + 1
	_, err := io.WriteString(w, picture[:end]+"\n<style>"+rules.String()+"</style>\n"+
		`<rect width="100%" height="100%" style="fill: var(--card)"/>`+picture[end:])
	return err
}
