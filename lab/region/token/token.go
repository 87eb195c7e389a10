// SPDX-License-Identifier: Apache-2.0

// Package token makes and checks the session tokens of the region's identity service:
// JSON web tokens (RFC 7519, RS256) that carry the caller's session key, so that a
// service can verify a request without asking anybody.
package token

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"time"
)

// Claims are what a token says.
type Claims struct {
	Instance, Compartment, Tenancy string
	Issued, Expires                time.Time
	// SessionKey verifies the requests that are signed with this token.
	SessionKey *rsa.PublicKey
}

type wire struct {
	Subject     string `json:"sub"`
	Issuer      string `json:"iss"`
	Instance    string `json:"opc-instance"`
	Compartment string `json:"opc-compartment"`
	Tenancy     string `json:"opc-tenant"`
	// A resource principal reads these two.
	ResourceTenancy     string `json:"res_tenant"`
	ResourceCompartment string `json:"res_compartment"`
	Principal           string `json:"ptype"`
	TokenType           string `json:"ttype"`
	JWK                 string `json:"jwk"`
	IssuedAt            int64  `json:"iat"`
	ExpiresAt           int64  `json:"exp"`
	// IssuedNanos is IssuedAt exactly; RFC 7519 4.3 allows private claims.
	IssuedNanos int64 `json:"iat_ns"`
}

type jwk struct {
	Type     string `json:"kty"`
	Modulus  string `json:"n"`
	Exponent string `json:"e"`
}

var encoding = base64.RawURLEncoding

// Issuer signs tokens.
type Issuer struct {
	key func() (*rsa.PrivateKey, error)
}

// NewIssuer makes an issuer with a fresh key, which is made at its first use.
func NewIssuer() *Issuer {
	return &Issuer{sync.OnceValues(func() (*rsa.PrivateKey, error) {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, fmt.Errorf("key of the token issuer: %w", err)
		}
		return key, nil
	})}
}

// PEM returns the private key.
func (i *Issuer) PEM() (string, error) {
	key, err := i.key()
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})), nil
}

// LoadIssuer is the reverse of PEM.
func LoadIssuer(text string) (*Issuer, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("the token issuer's key is not PEM")
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("the token issuer's key: %w", err)
	}
	return &Issuer{func() (*rsa.PrivateKey, error) { return key, nil }}, nil
}

// Issue returns a signed token.
func (i *Issuer) Issue(c Claims) (string, error) {
	key, err := json.Marshal(jwk{
		Type: "RSA", Modulus: encoding.EncodeToString(c.SessionKey.N.Bytes()),
		Exponent: encoding.EncodeToString(big.NewInt(int64(c.SessionKey.E)).Bytes()),
	})
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(wire{
		Subject: c.Instance, Issuer: "authService.oracle.com", Instance: c.Instance, Compartment: c.Compartment,
		Tenancy: c.Tenancy, ResourceTenancy: c.Tenancy, ResourceCompartment: c.Compartment, Principal: "instance", TokenType: "x509", JWK: string(key),
		IssuedAt: c.Issued.Unix(), ExpiresAt: c.Expires.Unix(), IssuedNanos: c.Issued.UnixNano(),
	})
	if err != nil {
		return "", err
	}
	text := encoding.EncodeToString([]byte(`{"alg":"RS256","kid":"asw","typ":"JWT"}`)) + "." + encoding.EncodeToString(payload)
	sum := sha256.Sum256([]byte(text))
	private, err := i.key()
	if err != nil {
		return "", err
	}
	sig, err := rsa.SignPKCS1v15(nil, private, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("sign the token: %w", err)
	}
	return text + "." + encoding.EncodeToString(sig), nil
}

// Check verifies a token's signature and returns what it says. It does not look at
// the time: the caller knows the clock.
func (i *Issuer) Check(text string) (Claims, error) {
	head, sig, ok := cutLast(text)
	if !ok || strings.Count(head, ".") != 1 {
		return Claims{}, errors.New("the token is not a JWT")
	}
	raw, err := encoding.DecodeString(sig)
	if err != nil {
		return Claims{}, fmt.Errorf("the token's signature: %w", err)
	}
	private, err := i.key()
	if err != nil {
		return Claims{}, err
	}
	sum := sha256.Sum256([]byte(head))
	if err := rsa.VerifyPKCS1v15(&private.PublicKey, crypto.SHA256, sum[:], raw); err != nil {
		return Claims{}, errors.New("the token was not signed by this region")
	}
	_, payload, _ := strings.Cut(head, ".")
	body, err := encoding.DecodeString(payload)
	if err != nil {
		return Claims{}, fmt.Errorf("the token's payload: %w", err)
	}
	var w wire
	if err := json.Unmarshal(body, &w); err != nil {
		return Claims{}, fmt.Errorf("the token's payload: %w", err)
	}
	key, err := sessionKey(w.JWK)
	return Claims{
		Instance: w.Instance, Compartment: w.Compartment, Tenancy: w.Tenancy, SessionKey: key,
		Issued: time.Unix(0, w.IssuedNanos), Expires: time.Unix(w.ExpiresAt, 0),
	}, err
}

func cutLast(text string) (head, tail string, ok bool) {
	i := strings.LastIndexByte(text, '.')
	if i < 0 {
		return "", "", false
	}
	return text[:i], text[i+1:], true
}

func sessionKey(text string) (*rsa.PublicKey, error) {
	var k jwk
	if err := json.Unmarshal([]byte(text), &k); err != nil {
		return nil, fmt.Errorf("the token's session key: %w", err)
	}
	n, err1 := encoding.DecodeString(k.Modulus)
	e, err2 := encoding.DecodeString(k.Exponent)
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("the token's session key: %w", err)
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}, nil
}
