// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"flag"
	"os"
	"testing"
)

// TestMain keeps rapid from leaving files in testdata; the seed it prints is enough.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("rapid.nofailfile", "true"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
