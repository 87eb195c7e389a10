// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"
)

// pcsdCertificate gives the node's pcsd its own certificate. pcsd would make one itself at its first start, with a new
// RSA key of 3072 bits: half a second of processor time per node, sometimes two.
func (t tree) pcsdCertificate(ctx context.Context, node string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make pcsd's key: %w", err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: node}, DNSNames: []string{node},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(10, 0, 0),
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return fmt.Errorf("make pcsd's certificate: %w", err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("make pcsd's key: %w", err)
	}
	for name, block := range map[string]*pem.Block{
		"/var/lib/pcsd/pcsd.crt": {Type: "CERTIFICATE", Bytes: cert},
		"/var/lib/pcsd/pcsd.key": {Type: "PRIVATE KEY", Bytes: secret},
	} {
		if err := t.write(ctx, name, 0o600, bytes.NewReader(pem.EncodeToMemory(block))); err != nil {
			return err
		}
	}
	return nil
}
