// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"ocf-oci/metadata/manual/manualtest"
)

func TestManual(t *testing.T) { manualtest.Check(t, model(), "../../docs/man") }
