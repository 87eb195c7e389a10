// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"

	"github.com/urfave/cli/v2"
)

// noDefaults takes out defaults that say no more than that a flag was not given.
var noDefaults = strings.NewReplacer(" (default: false)", "", " (default: 0)", "", " (default: 0s)", "")

// quietDefaults makes help of flags from the library's own.
func quietDefaults(library cli.FlagStringFunc) cli.FlagStringFunc {
	return func(f cli.Flag) string { return noDefaults.Replace(library(f)) }
}

func init() { cli.FlagStringer = quietDefaults(cli.FlagStringer) }
