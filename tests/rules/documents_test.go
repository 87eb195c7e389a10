// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// Every link within the repository leads somewhere, to a heading too.
func TestLinksLead(t *testing.T) {
	links := 0
	for _, page := range files() {
		if path.Ext(page) != ".md" {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(withoutCode(read(t, page)), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			links++
			target, anchor, _ := strings.Cut(m[1], "#")
			to := page
			if target != "" {
				to = path.Join(path.Dir(page), target)
			}
			if _, err := os.Stat(filepath.Join(root, to)); err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
				continue
			}
			if anchor != "" && path.Ext(to) == ".md" && !anchors(read(t, to))[anchor] {
				t.Errorf("%s links to %s, but %s has no such heading", page, m[1], to)
			}
		}
	}
	if links < 60 {
		t.Errorf("only %d links", links)
	}
}

// withoutCode leaves out what stands in fences.
func withoutCode(text string) string {
	parts := strings.Split(text, "```")
	var out []string
	for i := 0; i < len(parts); i += 2 {
		out = append(out, parts[i])
	}
	return strings.Join(out, "")
}

// anchors are the names of headings, as forges make them, and explicit ones.
func anchors(text string) map[string]bool {
	out := map[string]bool{}
	for _, m := range regexp.MustCompile(`<a id="([^"]+)">`).FindAllStringSubmatch(text, -1) {
		out[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`(?m)^#+ +(.+)$`).FindAllStringSubmatch(text, -1) {
		out[strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, m[1])] = true
	}
	return out
}

// A page that nothing leads to is not read.
func TestEveryPageIsLinked(t *testing.T) {
	linked := map[string]bool{"README.md": true}
	for _, page := range files() {
		if path.Ext(page) == ".md" {
			for _, m := range link.FindAllStringSubmatch(read(t, page), -1) {
				target, _, _ := strings.Cut(m[1], "#")
				linked[path.Join(path.Dir(page), target)] = true
			}
		}
	}
	for _, page := range files() {
		if path.Ext(page) == ".md" && !linked[page] && !linked[path.Dir(page)] {
			t.Errorf("nothing links to %s", page)
		}
	}
}

// Each row of the comparison says where it is shown.
func TestComparisonRowsLinkToTests(t *testing.T) {
	rows := 0
	for _, line := range strings.Split(read(t, "docs/comparison.md"), "\n") {
		cells := strings.Split(line, " | ")
		if len(cells) != 7 || strings.HasPrefix(line, "| | ") {
			continue
		}
		rows++
		shown := false
		for _, m := range link.FindAllStringSubmatch(line, -1) {
			shown = shown || strings.HasSuffix(m[1], "_test.go") || strings.HasSuffix(m[1], ".txtar")
		}
		if !shown {
			t.Errorf("docs/comparison.md: this row links to no test: %s", line)
		}
	}
	if rows < 15 {
		t.Errorf("docs/comparison.md has %d rows", rows)
	}
}

// A command that a page names exists.
func TestCommandsOfThePagesExist(t *testing.T) {
	commands := map[string][]string{}
	for _, tool := range []string{"oci-vip", "ngcp-ha"} {
		m := regexp.MustCompile(`(?m)^  '' *\) word='([^']*)'`).FindStringSubmatch(read(t, "packaging/completion/"+tool+".bash"))
		if m == nil {
			t.Fatalf("packaging/completion/%s.bash names no commands", tool)
		}
		commands[tool] = strings.Fields(m[1])
	}
	named := 0
	call := regexp.MustCompile("(?m)(?:`|^ *)(oci-vip|ngcp-ha) ([a-z][a-z-]*)")
	for _, page := range files() {
		if path.Ext(page) != ".md" || page == "CHANGELOG.md" || path.Dir(page) == "docs/adr" {
			continue
		}
		for _, m := range call.FindAllStringSubmatch(read(t, page), -1) {
			named++
			if !slices.Contains(commands[m[1]], m[2]) {
				t.Errorf("%s names %s %s, which does not exist", page, m[1], m[2])
			}
		}
	}
	if named < 20 {
		t.Errorf("only %d commands were found in the pages", named)
	}
}
