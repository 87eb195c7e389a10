// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"os"
	"sync"
)

// bundles are the files in which distributions keep all trusted certificates (crypto/x509, root_linux.go).
var bundles = []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"}

// bundleOnly keeps crypto/x509 from reading, after the bundle of trusted certificates, each certificate again from its
// own file: that takes longer than all the rest of a warm start. An administrator's SSL_CERT_FILE or SSL_CERT_DIR stays.
var bundleOnly = sync.OnceFunc(func() {
	if os.Getenv("SSL_CERT_FILE") != "" || os.Getenv("SSL_CERT_DIR") != "" {
		return
	}
	for _, file := range bundles {
		if info, err := os.Stat(file); err == nil && info.Size() > 0 {
			_ = os.Setenv("SSL_CERT_DIR", os.DevNull) // no folder: nothing is read from there
			return
		}
	}
})
