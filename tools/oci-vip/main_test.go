// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test binary be the command oci-vip.
func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"oci-vip": main}) }

// The command line on a machine without a cluster; what needs one is in tests/scenarios/testdata/oci-vip.
func TestCommandLine(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata"})
}
