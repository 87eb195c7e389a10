// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"strings"
	"testing"

	"ocf-oci/metadata/manual/manualtest"
)

func TestManual(t *testing.T) {
	app := application(nil, strings.NewReader(""), io.Discard, io.Discard)
	manualtest.CheckProgram(t, app, nil, "../..", "ocf_oci_IPaddr2(7)", "floating.yaml(5)", "pcs(8)")
}
