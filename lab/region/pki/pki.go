// SPDX-License-Identifier: Apache-2.0

// Package pki is the region's certificate authority: a root, an intermediate that
// issues the instances' identity certificates, and server certificates for the
// service host names.
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"strings"
	"time"
)

// Authority is a root and an intermediate with their keys.
type Authority struct {
	root, intermediate       *x509.Certificate
	rootKey, intermediateKey *ecdsa.PrivateKey
}

// Saved is an Authority as PEM, private keys included.
type Saved struct {
	Root, RootKey, Intermediate, IntermediateKey string
}

// New makes an authority whose certificates are valid for ten years.
func New(name string) (*Authority, error) {
	a := &Authority{}
	var err error
	if a.root, a.rootKey, err = issueCA(name+" root", nil, nil); err != nil {
		return nil, err
	}
	a.intermediate, a.intermediateKey, err = issueCA(name+" instance identity", a.root, a.rootKey)
	return a, err
}

func issueCA(name string, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("key of %s: %w", name, err)
	}
	t := template(pkix.Name{CommonName: name, Organization: []string{"ocf-oci lab"}}, 10*365*24*time.Hour)
	t.IsCA, t.BasicConstraintsValid = true, true
	t.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature
	if parent == nil {
		parent, parentKey = t, key
	}
	cert, err := sign(t, parent, &key.PublicKey, parentKey)
	return cert, key, err
}

// template starts its validity two days ago, so that a node whose clock is wrong by
// hours still speaks TLS, as with the long-lived certificates of the real service.
func template(subject pkix.Name, life time.Duration) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic("no randomness: " + err.Error())
	}
	now := time.Now()
	return &x509.Certificate{SerialNumber: serial, Subject: subject, NotBefore: now.Add(-48 * time.Hour), NotAfter: now.Add(life)}
}

func sign(t, parent *x509.Certificate, pub crypto.PublicKey, parentKey *ecdsa.PrivateKey) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, t, parent, pub, parentKey)
	if err != nil {
		return nil, fmt.Errorf("certificate of %s: %w", t.Subject, err)
	}
	return x509.ParseCertificate(der)
}

// RootPEM returns the root, for trust stores.
func (a *Authority) RootPEM() []byte { return certPEM(a.root) }

// IntermediatePEM returns the issuer of the instance certificates.
func (a *Authority) IntermediatePEM() []byte { return certPEM(a.intermediate) }

func certPEM(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

// Server returns a TLS certificate for host names and addresses.
func (a *Authority) Server(names ...string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("server key: %w", err)
	}
	t := template(pkix.Name{CommonName: names[0], Organization: []string{"ocf-oci lab"}}, 825*24*time.Hour)
	t.KeyUsage = x509.KeyUsageDigitalSignature
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, n)
		}
	}
	cert, err := sign(t, a.root, &key.PublicKey, a.rootKey)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{cert.Raw, a.root.Raw}, PrivateKey: key}, nil
}

// Identity is what an instance certificate says about its instance.
type Identity struct{ Instance, Compartment, Tenancy string }

// Leaf is an instance's identity certificate with its RSA key, PEM-encoded.
type Leaf struct {
	Certificate, Key []byte
	NotAfter         time.Time
}

// Issue makes an identity certificate. The subject carries the OCIDs as attributes
// with the prefixes that the SDKs look for (opc-tenant: and so on).
func (a *Authority) Issue(id Identity, life time.Duration) (Leaf, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return Leaf{}, fmt.Errorf("key of instance %s: %w", id.Instance, err)
	}
	t := template(pkix.Name{CommonName: id.Instance, OrganizationalUnit: []string{
		"opc-certtype:instance", "opc-instance:" + id.Instance,
		"opc-compartment:" + id.Compartment, "opc-tenant:" + id.Tenancy,
	}}, life)
	t.KeyUsage = x509.KeyUsageDigitalSignature
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	cert, err := sign(t, a.intermediate, &key.PublicKey, a.intermediateKey)
	if err != nil {
		return Leaf{}, err
	}
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	return Leaf{Certificate: certPEM(cert), Key: keyPEM, NotAfter: cert.NotAfter}, nil
}

// Checked is an identity certificate that was issued by this authority.
type Checked struct {
	Identity
	Key *rsa.PublicKey
	// SHA256 and SHA1 are its fingerprints, in lower-case colon form.
	SHA256, SHA1 string
}

// Check verifies that an identity certificate was issued by this authority and is valid
// at now.
func (a *Authority) Check(der []byte, now time.Time) (Checked, error) {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return Checked{}, fmt.Errorf("instance certificate: %w", err)
	}
	roots, middle := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(a.root)
	middle.AddCert(a.intermediate)
	opt := x509.VerifyOptions{Roots: roots, Intermediates: middle, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	if _, err := cert.Verify(opt); err != nil {
		return Checked{}, fmt.Errorf("instance certificate: %w", err)
	}
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok {
		return Checked{}, fmt.Errorf("instance certificate has a %T, not an RSA key", cert.PublicKey)
	}
	sum256, sum1 := sha256.Sum256(cert.Raw), sha1.Sum(cert.Raw)
	c := Checked{Key: key, SHA256: colons(sum256[:]), SHA1: colons(sum1[:])}
	for _, unit := range cert.Subject.OrganizationalUnit {
		kind, value, _ := strings.Cut(unit, ":")
		switch kind {
		case "opc-instance":
			c.Instance = value
		case "opc-compartment":
			c.Compartment = value
		case "opc-tenant":
			c.Tenancy = value
		}
	}
	return c, nil
}

func colons(sum []byte) string { return strings.ReplaceAll(fmt.Sprintf("% x", sum), " ", ":") }
