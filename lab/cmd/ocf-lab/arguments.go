// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/lab/region/control"
)

// arguments returns a command's arguments and obeys the flags that come after them (fault set all hang --count 3):
// package flag stops at the first argument.
func arguments(c *cli.Context) ([]string, error) {
	var args []string
	rest := c.Args().Slice()
	for len(rest) > 0 {
		word := rest[0]
		rest = rest[1:]
		name, value, has := strings.Cut(strings.TrimLeft(word, "-"), "=")
		if !strings.HasPrefix(word, "--") || name == "" {
			args = append(args, word)
			continue
		}
		if _, isBool := flagOf(c, name).(*cli.BoolFlag); isBool && !has {
			has, value = true, "true"
		}
		if !has {
			if len(rest) == 0 {
				return nil, commandline.Usagef("%s: flag %s needs a value", c.Command.Name, word)
			}
			value, rest = rest[0], rest[1:]
		}
		if err := c.Set(name, value); err != nil {
			return nil, commandline.Usagef("%s: flag %s: %v; see --help", c.Command.Name, word, valueError(flagOf(c, name), value, err))
		}
	}
	return args, nil
}

func flagOf(c *cli.Context, name string) cli.Flag {
	for _, f := range c.Command.Flags {
		for _, n := range f.Names() {
			if n == name {
				return f
			}
		}
	}
	return nil
}

// wrongValueRE is how package flag says that a value is unusable.
var wrongValueRE = regexp.MustCompile(`^invalid value "(.*)" for flag -(\S+): parse error$`)

// flagError puts the error of a command's flag in better words, where it has some.
func flagError(c *cli.Command, err error) error {
	m := wrongValueRE.FindStringSubmatch(err.Error())
	if m == nil {
		return err
	}
	for _, f := range c.Flags {
		if slices.Contains(f.Names(), m[2]) {
			return fmt.Errorf("flag --%s: %w", m[2], valueError(f, m[1], err))
		}
	}
	return err
}

// valueError says what is wrong with the value of a flag.
func valueError(f cli.Flag, value string, err error) error {
	switch f.(type) {
	case *cli.DurationFlag:
		if _, derr := control.ParseDuration(value); derr != nil {
			return derr
		}
	case *cli.IntFlag:
		return fmt.Errorf("%q is no number", value)
	}
	return err
}

// noArgs refuses arguments where there are none.
func noArgs(c *cli.Context) error {
	args, err := arguments(c)
	if err != nil {
		return err
	}
	if len(args) > 0 {
		return commandline.Usagef("%s: unexpected %q; see ocf-lab %[1]s --help", c.Command.Name, args[0])
	}
	return nil
}
