// SPDX-License-Identifier: Apache-2.0

package manual

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// Program returns the manual page of a command line program, for section 8, as troff. see are the pages that it refers to.
func Program(app *cli.App, source string, see ...string) []byte {
	all := []section{
		{"NAME", []block{{text: app.Name + " - " + app.Usage}}},
		{"SYNOPSIS", []block{{text: app.Name + " COMMAND [OPTION...] [ARGUMENT...]"}}},
	}
	text, examples := apart(app.Description)
	if body := described(text); len(body) > 0 {
		all = append(all, section{"DESCRIPTION", body})
	}
	all = append(all, section{"COMMANDS", commands(nil, app.Commands, nil)})
	if flags := flagBlocks(app.Flags); len(flags) > 0 {
		all = append(all, section{"OPTIONS BEFORE THE COMMAND", flags})
	}
	if len(examples) > 0 {
		all = append(all, section{"EXAMPLES", examples})
	}
	all = append(all, section{"SEE ALSO", []block{{text: strings.Join(see, ", ")}}})
	return troff(app.Name, "8", source, "System administration", all)
}

// Alias returns the manual page of a name by which one command of a program is called, for section 8, as troff.
func Alias(name string, app *cli.App, c *cli.Command, source string, see ...string) []byte {
	text, examples := apart(strings.TrimSpace(c.Description))
	all := []section{
		{"NAME", []block{{text: name + " - " + alone(c.Usage)}}},
		{"SYNOPSIS", []block{{text: strings.TrimSpace(name + " [OPTION...] " + c.ArgsUsage)}}},
		{"DESCRIPTION", append(described(text), block{text: "The same as \"" + app.Name + " " + path(app.Commands, c) + "\"."})},
	}
	if flags := flagBlocks(c.Flags); len(flags) > 0 {
		all = append(all, section{"OPTIONS", flags})
	}
	if subs := commands(nil, c.Subcommands, nil); len(subs) > 0 {
		all = append(all, section{"COMMANDS", subs})
	}
	if len(examples) > 0 {
		all = append(all, section{"EXAMPLES", examples})
	}
	all = append(all, section{"SEE ALSO", []block{{text: strings.Join(append([]string{app.Name + "(8)"}, see...), ", ")}}})
	return troff(name, "8", source, "System administration", all)
}

// path names the command c below level, such as "failcounts clear".
func path(level []*cli.Command, c *cli.Command) string {
	for _, x := range level {
		if x == c {
			return x.Name
		}
		if below := path(x.Subcommands, c); below != "" {
			return x.Name + " " + below
		}
	}
	return ""
}

// commands are terms, one for each command that has an action of its own or nothing below it.
func commands(out []block, level []*cli.Command, above []string) []block {
	for _, c := range level {
		if c.Hidden || c.Name == "help" {
			continue
		}
		names := append(slices.Clone(above), c.Name)
		if c.Action != nil || len(c.Subcommands) == 0 {
			head := strings.TrimSpace(strings.Join(names, " ") + " " + c.ArgsUsage)
			text, examples := apart(c.Description)
			body := append(described(text), flagBlocks(c.Flags)...)
			if len(examples) > 0 {
				body = append(append(body, block{text: "Examples:"}), examples...)
			}
			out = append(out, block{kind: term, text: head, note: c.Usage, body: body})
		}
		out = commands(out, c.Subcommands, names)
	}
	return out
}

// apart splits the examples off a description.
func apart(description string) (text string, examples []block) {
	lines := strings.Split(description, "\n")
	for i, line := range lines {
		if strings.EqualFold(strings.TrimRight(strings.TrimSpace(line), ":"), "examples") || strings.EqualFold(strings.TrimSpace(line), "example:") {
			return strings.Join(lines[:i], "\n"), described(strings.Join(lines[i+1:], "\n"))
		}
	}
	return description, nil
}

// described reads a description as the help prints it: what is indented is kept as it is.
func described(text string) []block {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return blocks(strings.TrimPrefix(strings.ReplaceAll("\n"+text, "\n   ", "\n  "), "\n"))
}

// flagBlocks are terms, one for each flag that the help shows.
func flagBlocks(flags []cli.Flag) []block {
	var out []block
	for _, f := range flags {
		if v, ok := f.(cli.VisibleFlag); ok && !v.IsVisible() || slices.Contains(f.Names(), "help") || slices.Contains(f.Names(), "version") {
			continue
		}
		doc, ok := f.(cli.DocGenerationFlag)
		if !ok {
			continue
		}
		value, usage := placeholder(doc.GetUsage())
		var names []string
		for _, n := range f.Names() {
			dashes := "--"
			if len(n) == 1 {
				dashes = "-"
			}
			names = append(names, dashes+n)
		}
		head := strings.Join(names, ", ")
		if doc.TakesValue() {
			if value == "" {
				value = "VALUE"
			}
			head += " " + value
		}
		if d := doc.GetDefaultText(); doc.TakesValue() && d != "" && d != `""` {
			usage += " (default " + strings.Trim(d, `"`) + ")"
		}
		out = append(out, block{kind: term, text: head, note: usage})
	}
	return out
}

// placeholder takes the name of the value, which stands in backquotes, out of a flag's description.
func placeholder(usage string) (value, text string) {
	_, rest, found := strings.Cut(usage, "`")
	if !found {
		return "", usage
	}
	value, _, found = strings.Cut(rest, "`")
	if !found {
		return "", usage
	}
	return value, strings.ReplaceAll(usage, "`", "")
}

// Format returns the manual page of a file format, for section 5, as troff. text is as in package comments of Go: what is
// indented is kept as it is.
func Format(name, short, text, source string, see ...string) []byte {
	return troff(name, "5", source, "File formats", []section{
		{"NAME", []block{{text: name + " - " + short}}},
		{"DESCRIPTION", blocks(text)},
		{"SEE ALSO", []block{{text: strings.Join(see, ", ")}}},
	})
}

// alone takes the mention of another name out of a command's short description.
func alone(usage string) string {
	text, _, _ := strings.Cut(usage, " (classic name")
	return text
}
