// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
)

// TestMain lets the test binary be ngcp-ha, by all its names.
func TestMain(m *testing.M) {
	programs := map[string]func(){"ngcp-ha": main}
	for name := range classicNames {
		programs[name] = main
	}
	testscript.Main(m, programs)
}

// The command line on a machine without a cluster; what needs one is in tests/scenarios/testdata/ngcp-ha.
func TestCommandLine(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata"})
}

// Flags may stand behind arguments, except in a foreign command line.
func TestFlagsFirst(t *testing.T) {
	app := &cli.App{Flags: []cli.Flag{settingsFlag()}, Commands: []*cli.Command{
		{Name: "node", Subcommands: []*cli.Command{{Name: "standby", Flags: []cli.Flag{commandline.JSONFlag(), &cli.StringFlag{Name: "lifetime"}}}}},
		{Name: "parallel", Flags: []cli.Flag{commandline.JSONFlag()}},
	}}
	for _, c := range []struct{ in, want []string }{
		{[]string{"x", "node", "standby", "sp2", "--lifetime", "reboot", "--json", "z"}, []string{"x", "node", "standby", "--lifetime", "reboot", "--json", "sp2", "z"}},
		{[]string{"x", "--settings", "f", "node", "standby", "sp2", "--lifetime=forever"}, []string{"x", "--settings", "f", "node", "standby", "--lifetime=forever", "sp2"}},
		{[]string{"x", "node", "standby", "--", "--json"}, []string{"x", "node", "standby", "--", "--json"}},
		{[]string{"x", "node", "standby", "sp2", "--lifetime"}, []string{"x", "node", "standby", "--lifetime", "sp2"}},
		{[]string{"x", "parallel", "all", "ls", "--json"}, []string{"x", "parallel", "all", "ls", "--json"}},
		{[]string{"x", "node", "standby", "sp2", "--settings", "f", "--json"}, []string{"x", "--settings", "f", "node", "standby", "--json", "sp2"}},
		{[]string{"x", "node", "standby", "--settings=f"}, []string{"x", "--settings=f", "node", "standby"}},
		{[]string{"x", "parallel", "--json", "--settings", "f", "all", "ls", "--settings", "g"}, []string{"x", "--settings", "f", "parallel", "--json", "all", "ls", "--settings", "g"}},
		{[]string{"x", "nonsense", "node"}, []string{"x", "nonsense", "node"}},
		{[]string{"x"}, []string{"x"}},
		{[]string{"x", "--settings"}, []string{"x", "--settings"}},
	} {
		if diff := cmp.Diff(c.want, flagsFirst(app, c.in)); diff != "" {
			t.Errorf("%q: %s", c.in, diff)
		}
	}
}
