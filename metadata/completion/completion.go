// SPDX-License-Identifier: Apache-2.0

// Package completion writes what shells need to complete a program's command line, from the same definitions that its
// help is made of. The scripts are static: nothing is run while somebody types.
package completion

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// word is something that can be typed, and what it is.
type word struct{ text, says string }

// place is a point in the command line, behind a program and some commands.
type place struct {
	path  string // the commands, separated by a blank
	next  []word // commands that may follow
	flags []word
}

// places walks through all commands.
func places(app *cli.App) []place {
	return below(nil, "", app.Commands, app.Flags)
}

func below(out []place, path string, level []*cli.Command, flags []cli.Flag) []place {
	p := place{path: path, flags: words(flags)}
	for _, c := range level {
		if !c.Hidden && c.Name != "help" {
			p.next = append(p.next, word{c.Name, c.Usage})
		}
	}
	out = append(out, p)
	for _, c := range level {
		if !c.Hidden && c.Name != "help" {
			out = below(out, strings.TrimSpace(path+" "+c.Name), c.Subcommands, c.Flags)
		}
	}
	return out
}

func words(flags []cli.Flag) []word {
	var out []word
	for _, f := range flags {
		if v, ok := f.(cli.VisibleFlag); ok && !v.IsVisible() {
			continue
		}
		says := ""
		if d, ok := f.(cli.DocGenerationFlag); ok {
			says = strings.ReplaceAll(d.GetUsage(), "`", "")
		}
		for _, n := range f.Names() {
			if len(n) > 1 && n != "help" && n != "version" {
				out = append(out, word{"--" + n, says})
			}
		}
	}
	return append(out, word{"--help", "show help"})
}

// names are the texts of words, in one line.
func names(all []word) string {
	var out []string
	for _, w := range all {
		out = append(out, w.text)
	}
	return strings.Join(out, " ")
}

// sortedKeys are the classic names in a fixed order.
func sortedKeys(aliases map[string][]string) []string {
	var out []string
	for name := range aliases {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
