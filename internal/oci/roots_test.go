// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"crypto/x509"
	"os"
	"testing"
)

func TestTheBundleAloneHoldsTheTrustedCertificates(t *testing.T) {
	if _, err := os.Stat(bundles[0]); err != nil {
		t.Skipf("no bundle on this system: %v", err)
	}
	bundleOnly()
	pool, err := x509.SystemCertPool()
	if err != nil {
		t.Fatal(err)
	}
	if pool.Equal(x509.NewCertPool()) {
		t.Error("no certificate is trusted any more")
	}
}
