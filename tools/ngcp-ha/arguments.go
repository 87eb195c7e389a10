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
// "node standby sp2 --lifetime reboot" is what it looks like.
func flagsFirst(app *cli.App, args []string) []string {
	level, flags := app.Commands, app.Flags
	i := 1
	for i < len(args) { // down to the command, past flags before it
		arg := args[i]
		if strings.HasPrefix(arg, "-") {
			i++
			if takesValue(flags, arg) {
				i++
			}
			continue
		}
		at := slices.IndexFunc(level, func(c *cli.Command) bool { return c.HasName(arg) })
		if at < 0 {
			break
		}
		if verbatim[arg] {
			return args
		}
		level, flags = level[at].Subcommands, level[at].Flags
		i++
	}
	i = min(i, len(args))
	var front, back []string
	for rest := args[i:]; len(rest) > 0; rest = rest[1:] {
		arg := rest[0]
		switch {
		case arg == "--":
			return slices.Concat(args[:i], front, back, rest)
		case len(arg) < 2 || arg[0] != '-':
			back = append(back, arg)
		default:
			front = append(front, arg)
			if takesValue(flags, arg) && len(rest) > 1 {
				rest = rest[1:]
				front = append(front, rest[0])
			}
		}
	}
	return slices.Concat(args[:i], front, back)
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
