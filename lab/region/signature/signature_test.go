// SPDX-License-Identifier: Apache-2.0

package signature

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestDocumentedExample holds the string to sign after the GET example of signingrequests.htm.
func TestDocumentedExample(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/20160918/instances?availabilityDomain=Pjwf%3A%20PHX-AD-1&compartmentId=ocid1.compartment.oc1..x&displayName=TeamXInstances&volumeId=ocid1.volume.oc1.phx.y", nil)
	r.Host = "iaas.us-phoenix-1.oraclecloud.com"
	r.Header.Set("Date", "Thu, 05 Jan 2014 21:31:40 GMT")
	p, err := Parse(`Signature version="1",keyId="ocid1.tenancy.oc1..t/ocid1.user.oc1..u/73:61:a2:21",algorithm="rsa-sha256",headers="date (request-target) host",signature="R1NUKg=="`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Text(r)
	want := "date: Thu, 05 Jan 2014 21:31:40 GMT\n" +
		"(request-target): get /20160918/instances?availabilityDomain=Pjwf%3A%20PHX-AD-1&compartmentId=ocid1.compartment.oc1..x&displayName=TeamXInstances&volumeId=ocid1.volume.oc1.phx.y\n" +
		"host: iaas.us-phoenix-1.oraclecloud.com"
	if err != nil || got != want {
		t.Errorf("got %q, %v\nwant %q", got, err, want)
	}
}

func TestXDateAndPSS(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	r := httptest.NewRequest(http.MethodGet, "/x", nil)
	r.Header.Set("X-Date", now.UTC().Format(http.TimeFormat))
	p := Parameters{Version: "1", KeyID: "k", Algorithm: "rsa-sha256", Headers: []string{"x-date", "(request-target)", "host"}}
	text, err := p.Text(r)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(text))
	if p.Signature, err = rsa.SignPSS(rand.Reader, key, crypto.SHA256, sum[:], nil); err != nil {
		t.Fatal(err)
	}
	if err := Verify(r, nil, p, &key.PublicKey, now, "date", "(request-target)", "host"); err != nil {
		t.Error(err)
	}
	if err := Verify(r, nil, p, &key.PublicKey, now.Add(6*time.Minute), "date"); err == nil {
		t.Error("an old x-date was taken")
	}
	p.Signature[3] ^= 1
	if err := Verify(r, nil, p, &key.PublicKey, now, "date"); err == nil {
		t.Error("a changed signature was taken")
	}
}

func TestHeadersThatAreNotSignatures(t *testing.T) {
	good := `Signature version="1",keyId="k",algorithm="rsa-sha256",headers="date",signature="` + base64.StdEncoding.EncodeToString([]byte("s")) + `"`
	if _, err := Parse(good); err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{"Signature ", "Bearer "}, {`keyId="k",`, ""}, {`keyId="k"`, `keyId=""`}, {"rsa-sha256", "hmac-sha256"}, {`version="1",`, ""},
		{`headers="date"`, `headers=""`}, {`signature="`, `signature="%`}, {`signature=`, `x=`}, {`keyId="k"`, `keyId="k`},
		{`keyId="k"`, `keyId=k`}, {`keyId="k"`, `keyId="k",keyId="j"`},
	} {
		text := strings.Replace(good, change[0], change[1], 1)
		if p, err := Parse(text); err == nil {
			t.Errorf("%s was read as %+v", text, p)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`Signature version="1",keyId="k",algorithm="rsa-sha256",headers="date (request-target)",signature="cw=="`)
	f.Add(`Signature  keyId = "k" , x`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text)
		if err == nil && (p.KeyID == "" || len(p.Signature) == 0 || len(p.Headers) == 0 || slices.Contains(p.Headers, "")) {
			t.Errorf("%q was read as %+v", text, p)
		}
	})
}
