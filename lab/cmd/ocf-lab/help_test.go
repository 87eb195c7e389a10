// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// TestHelp: every command that a user sees says what it is for and shows an example of itself.
func TestHelp(t *testing.T) {
	count := 0
	var visit func(path string, list []*cli.Command)
	visit = func(path string, list []*cli.Command) {
		for _, c := range list {
			name := strings.TrimSpace(path + " " + c.Name)
			if c.Hidden {
				continue
			}
			if c.Usage == "" {
				t.Errorf("%s has no usage line", name)
			}
			if visit(name, c.Subcommands); len(c.Subcommands) == 0 {
				count++
			}
			_, examples, ok := strings.Cut(c.Description, "EXAMPLE")
			if !ok || !strings.Contains(examples, "ocf-lab "+name) {
				t.Errorf("the help of %s has no example of it", name)
			}
		}
	}
	visit("", commands())
	if count < 24 {
		t.Errorf("%d commands, which is less than the interface has", count)
	}
}
