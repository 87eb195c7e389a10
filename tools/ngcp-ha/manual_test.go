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
	manualtest.CheckProgram(t, app, classicNames, "../..", "ocf_ngcp_monit-services(7)", "pacemaker(7)", "crm_mon(8)")
}
