// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os/exec"
	"path/filepath"
	"testing"

	"ocf-oci/metadata/metadatatest"
)

func TestMetaDataIsValidForItsReaders(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "IPaddr2")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	metadatatest.Validate(t, binary, "oci", "IPaddr2")
}
