// SPDX-License-Identifier: Apache-2.0

package main

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// expand turns the name by which the program was called into a command.
func expand(args []string) []string {
	if len(args) == 0 {
		return []string{"ngcp-ha"}
	}
	if command, ok := classicNames[filepath.Base(args[0])]; ok {
		return slices.Concat([]string{"ngcp-ha"}, command, args[1:])
	}
	return append([]string{"ngcp-ha"}, args[1:]...)
}

// flagsFirst moves the flags of a command before its arguments, where urfave/cli wants them, so that
// "node standby sp2 --lifetime reboot" is what it looks like. Flags of the program itself go before the command, since
// a classic name leaves no other place for them.
func flagsFirst(app *cli.App, args []string) []string {
	level, flags := app.Commands, app.Flags
	var global, path, front, back []string
	for rest := args[1:]; len(rest) > 0; rest = rest[1:] {
		arg := rest[0]
		if arg == "--" {
			back = append(back, rest...)
			break
		}
		if len(arg) > 1 && arg[0] == '-' {
			list, known := &front, flags
			if !knows(flags, arg) && knows(app.Flags, arg) {
				list, known = &global, app.Flags
			}
			*list = append(*list, arg)
			if takesValue(known, arg) && len(rest) > 1 {
				rest = rest[1:]
				*list = append(*list, rest[0])
			}
			continue
		}
		at := slices.IndexFunc(level, func(c *cli.Command) bool { return c.HasName(arg) })
		if at < 0 || len(back) > 0 {
			back = append(back, arg)
			continue
		}
		path = append(append(path, front...), arg) // flags so far are those of the level above
		front = nil
		level, flags = level[at].Subcommands, level[at].Flags
		if verbatim[arg] {
			own, foreign := untilArgument(flags, app.Flags, rest[1:])
			return slices.Concat(args[:1], global, own.global, path, own.front, foreign)
		}
	}
	return slices.Concat(args[:1], global, path, front, back)
}

// leading are the flags before the first argument.
type leading struct{ global, front []string }

// untilArgument splits the words of a command with a foreign command line before its first argument.
func untilArgument(flags, global []cli.Flag, words []string) (own leading, foreign []string) {
	for len(words) > 0 && len(words[0]) > 1 && words[0][0] == '-' && words[0] != "--" {
		list, known := &own.front, flags
		if !knows(flags, words[0]) && knows(global, words[0]) {
			list, known = &own.global, global
		}
		n := 1
		if takesValue(known, words[0]) && len(words) > 1 {
			n = 2
		}
		*list = append(*list, words[:n]...)
		words = words[n:]
	}
	return own, words
}

// knows reports whether a word is one of the flags.
func knows(flags []cli.Flag, arg string) bool {
	name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	return slices.ContainsFunc(flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
}

// takesValue reports whether the next word is the value of this one.
func takesValue(flags []cli.Flag, arg string) bool {
	name := strings.TrimLeft(arg, "-")
	if strings.Contains(name, "=") {
		return false
	}
	for _, f := range flags {
		if slices.Contains(f.Names(), name) {
			_, isBool := f.(*cli.BoolFlag)
			return !isBool
		}
	}
	return false
}
