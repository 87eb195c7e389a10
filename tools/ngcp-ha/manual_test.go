// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"ocf-oci/metadata/manual/manualtest"
)

func TestManual(t *testing.T) {
	app := application(nil, strings.NewReader(""), io.Discard, io.Discard)
	names := maps.Clone(classicNames)
	maps.DeleteFunc(names, func(_ string, path []string) bool {
		return !slices.ContainsFunc(app.Commands, func(c *cli.Command) bool { return c.HasName(path[0]) })
	})
	manualtest.CheckProgram(t, app, names, "../..", "ocf_ngcp_monit-services(7)", "pacemaker(7)", "crm_mon(8)")
}
