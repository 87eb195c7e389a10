// SPDX-License-Identifier: Apache-2.0

package pki

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// Save returns the authority as PEM.
func (a *Authority) Save() (Saved, error) {
	rootKey, err1 := keyPEM(a.rootKey)
	middleKey, err2 := keyPEM(a.intermediateKey)
	return Saved{
		Root: string(certPEM(a.root)), RootKey: rootKey,
		Intermediate: string(certPEM(a.intermediate)), IntermediateKey: middleKey,
	}, errors.Join(err1, err2)
}

func keyPEM(k *ecdsa.PrivateKey) (string, error) {
	der, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		return "", fmt.Errorf("save the authority's key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})), nil
}

// Load is the reverse of Save.
func Load(s Saved) (*Authority, error) {
	a := &Authority{}
	var err error
	if a.root, a.rootKey, err = loadPair(s.Root, s.RootKey); err != nil {
		return nil, fmt.Errorf("load the root: %w", err)
	}
	if a.intermediate, a.intermediateKey, err = loadPair(s.Intermediate, s.IntermediateKey); err != nil {
		return nil, fmt.Errorf("load the intermediate: %w", err)
	}
	return a, nil
}

func loadPair(cert, key string) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	c, _ := pem.Decode([]byte(cert))
	k, _ := pem.Decode([]byte(key))
	if c == nil || k == nil {
		return nil, nil, errors.New("certificate or key is not PEM")
	}
	parsed, err := x509.ParseCertificate(c.Bytes)
	if err != nil {
		return nil, nil, err
	}
	private, err := x509.ParseECPrivateKey(k.Bytes)
	return parsed, private, err
}
