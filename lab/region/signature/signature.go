// SPDX-License-Identifier: Apache-2.0

// Package signature verifies request signatures as Oracle's services do:
// draft-cavage-http-signatures-08 with RSA-SHA256, a digest of the body, and a Date
// that may differ from the service's clock by five minutes.
// https://docs.oracle.com/iaas/Content/API/Concepts/signingrequests.htm
package signature

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MaxSkew is how far a request's Date may be from the service's clock.
const MaxSkew = 5 * time.Minute

// Parameters are the fields of an Authorization header of scheme Signature. Their
// order on the wire differs between clients.
type Parameters struct {
	Version, KeyID, Algorithm string
	// Headers are the signed headers in order, in lower case.
	Headers   []string
	Signature []byte
}

// Parse reads an Authorization header.
func Parse(header string) (Parameters, error) {
	if header == "" {
		return Parameters{}, errors.New("the request has no Authorization header")
	}
	scheme, rest, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Signature") {
		return Parameters{}, fmt.Errorf("authorization scheme %q is not Signature", scheme)
	}
	fields, err := split(rest)
	if err != nil {
		return Parameters{}, err
	}
	p := Parameters{Version: fields["version"], KeyID: fields["keyid"], Algorithm: fields["algorithm"]}
	p.Headers = strings.Fields(strings.ToLower(fields["headers"]))
	if p.Signature, err = base64.StdEncoding.DecodeString(fields["signature"]); err != nil {
		return Parameters{}, fmt.Errorf("signature is not base64: %w", err)
	}
	switch {
	case p.KeyID == "":
		return Parameters{}, errors.New("authorization has no keyId")
	case p.Algorithm != "rsa-sha256":
		return Parameters{}, fmt.Errorf("algorithm %q is not rsa-sha256", p.Algorithm)
	case p.Version != "1":
		return Parameters{}, fmt.Errorf("version %q is not 1", p.Version)
	case len(p.Signature) == 0:
		return Parameters{}, errors.New("authorization has no signature")
	case len(p.Headers) == 0:
		return Parameters{}, errors.New("authorization names no signed headers")
	}
	return p, nil
}

// split reads key="value" pairs parted by commas; keys are lower-cased.
func split(s string) (map[string]string, error) {
	out := map[string]string{}
	for s = strings.TrimSpace(s); s != ""; {
		key, rest, ok := strings.Cut(s, "=\"")
		if !ok {
			return nil, fmt.Errorf("authorization field %.40q is not key=\"value\"", s)
		}
		value, rest, ok := strings.Cut(rest, "\"")
		if !ok {
			return nil, fmt.Errorf("authorization field %s has no closing quote", key)
		}
		key = strings.ToLower(strings.TrimSpace(key))
		if _, twice := out[key]; twice {
			return nil, fmt.Errorf("authorization field %s is there twice", key)
		}
		out[key] = value
		s = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(rest), ","))
	}
	return out, nil
}

// Text returns the string that is signed: "name: value" lines in the order of the
// signed headers.
func (p Parameters) Text(r *http.Request) (string, error) {
	lines := make([]string, 0, len(p.Headers))
	for _, name := range p.Headers {
		var value string
		switch name {
		case "(request-target)":
			target := r.RequestURI
			if !strings.HasPrefix(target, "/") {
				target = r.URL.RequestURI()
			}
			value = strings.ToLower(r.Method) + " " + target
		case "host":
			value = r.Host
		case "content-length":
			if value = r.Header.Get(name); value == "" {
				value = strconv.FormatInt(max(r.ContentLength, 0), 10)
			}
		default:
			values := r.Header.Values(name)
			if len(values) == 0 {
				return "", fmt.Errorf("signed header %s is not in the request", name)
			}
			value = strings.Join(values, ", ")
		}
		lines = append(lines, name+": "+value)
	}
	return strings.Join(lines, "\n"), nil
}

// Verify checks a request against the caller's public key at the service's time now.
// The headers in require must be signed; for POST, PUT and PATCH so must the body's
// length, type and digest, and the digest must be that of body.
func Verify(r *http.Request, body []byte, p Parameters, key *rsa.PublicKey, now time.Time, require ...string) error {
	if err := checkSigned(p, r.Method, require); err != nil {
		return err
	}
	if err := checkDate(r, p, now); err != nil {
		return err
	}
	if hasBody(r.Method) {
		if err := checkBody(r, body); err != nil {
			return err
		}
	}
	text, err := p.Text(r)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(text))
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], p.Signature) == nil {
		return nil
	}
	// The Go SDK can sign with PSS on request and names the same algorithm.
	if rsa.VerifyPSS(key, crypto.SHA256, sum[:], p.Signature, nil) == nil {
		return nil
	}
	return errors.New("the signature does not match the request")
}

func hasBody(method string) bool {
	return method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
}

func checkSigned(p Parameters, method string, require []string) error {
	if hasBody(method) {
		require = append(slices.Clone(require), "content-length", "content-type", "x-content-sha256")
	}
	for _, name := range require {
		if name == "date" && slices.Contains(p.Headers, "x-date") {
			continue
		}
		if !slices.Contains(p.Headers, name) {
			return fmt.Errorf("header %s is not signed", name)
		}
	}
	return nil
}

func checkDate(r *http.Request, p Parameters, now time.Time) error {
	name := "Date"
	if slices.Contains(p.Headers, "x-date") {
		name = "X-Date"
	}
	date, err := http.ParseTime(r.Header.Get(name))
	if err != nil {
		return fmt.Errorf("header %s %q is not a date: %w", name, r.Header.Get(name), err)
	}
	if skew := now.Sub(date); skew.Abs() > MaxSkew {
		return fmt.Errorf("date %q is %s away from the service's clock, more than %s", r.Header.Get(name), skew.Round(time.Second).Abs(), MaxSkew)
	}
	return nil
}

func checkBody(r *http.Request, body []byte) error {
	sum := sha256.Sum256(body)
	if want := r.Header.Get("X-Content-Sha256"); want != base64.StdEncoding.EncodeToString(sum[:]) {
		return fmt.Errorf("x-content-sha256 %q is not the digest of the body", want)
	}
	if n := r.Header.Get("Content-Length"); n != "" && n != strconv.Itoa(len(body)) {
		return fmt.Errorf("content-length %s, but the body has %d bytes", n, len(body))
	}
	return nil
}
