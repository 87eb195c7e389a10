// SPDX-License-Identifier: Apache-2.0

package token

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

func TestTokensCannotBeForged(t *testing.T) {
	region, other := NewIssuer(), NewIssuer()
	session, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	claims := Claims{Instance: "ocid1.instance.i", Compartment: "ocid1.compartment.c", Tenancy: "ocid1.tenancy.t",
		Issued: time.Now(), Expires: time.Now().Add(time.Minute), SessionKey: &session.PublicKey}
	good, err := region.Issue(claims)
	if err != nil {
		t.Fatal(err)
	}
	got, err := region.Check(good)
	if err != nil || got.Instance != claims.Instance || !got.Issued.Equal(claims.Issued) || !got.SessionKey.Equal(&session.PublicKey) {
		t.Fatalf("checked %+v, %v", got, err)
	}
	// The same claims by another issuer, and other claims under the signature of these.
	forged, err := other.Issue(claims)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, ".")
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	payload = []byte(strings.Replace(string(payload), "ocid1.instance.i", "ocid1.instance.j", 2))
	changed := parts[0] + "." + base64.RawURLEncoding.EncodeToString(payload) + "." + parts[2]
	for name, text := range map[string]string{
		"another issuer": forged, "changed claims": changed, "no signature": parts[0] + "." + parts[1] + ".", "one part": parts[0],
		"nothing": "", "four parts": good + ".x",
	} {
		if c, err := region.Check(text); err == nil {
			t.Errorf("%s: read as %+v", name, c)
		}
	}
	// A saved issuer is the same issuer.
	saved, err := region.PEM()
	if err != nil {
		t.Fatal(err)
	}
	back, err := LoadIssuer(saved)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := back.Check(good); err != nil {
		t.Error(err)
	}
}
