// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// session is a token of the identity service with the key it was issued for.
type session struct {
	cred     credential
	token    string
	obtained time.Time
	expires  time.Time
}

const (
	tokenMargin = 5 * time.Minute // the SDK's own margin
	clockSlack  = 30 * time.Second
)

// usable holds while the token can still sign a request that takes a while to
// arrive. A token with a short life is used for three quarters of it.
func (s *session) usable(now time.Time) bool {
	life := s.expires.Sub(s.obtained)
	return s.expires.Sub(now) > min(tokenMargin, life/4)
}

// fresh holds in the first half of the token's life.
func (s *session) fresh(now time.Time) bool {
	return now.Before(s.obtained.Add(s.expires.Sub(s.obtained) / 2))
}

// newSession checks what the identity service answered.
func newSession(token string, key *rsa.PrivateKey, now time.Time) (*session, error) {
	expires, err := tokenExpiry(token)
	if err != nil {
		return nil, err
	}
	return &session{cred: credential{key: key, keyID: "ST$" + token}, token: token, obtained: now, expires: expires}, nil
}

// tokenExpiry reads the exp claim of a JSON web token (RFC 7519 4.1.4). The
// signature is the service's business.
func tokenExpiry(token string) (time.Time, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return time.Time{}, fmt.Errorf("the security token has %d parts, not 3", len(parts))
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return time.Time{}, fmt.Errorf("the security token's payload: %w", err)
	}
	var claims struct {
		Exp json.Number `json:"exp"`
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return time.Time{}, fmt.Errorf("the security token's payload: %w", err)
	}
	seconds, err := claims.Exp.Float64()
	if err != nil || seconds <= 0 || seconds > 1<<40 {
		return time.Time{}, fmt.Errorf("the security token's exp claim %q is no time", claims.Exp)
	}
	return time.Unix(int64(seconds), 0), nil
}

// savedSession is a session on disk. The times of both clocks tell whether the
// wall clock, which the expiry is compared with, was set since.
type savedSession struct {
	Token    string    `json:"token"`
	Key      string    `json:"key"` // PEM, PKCS #1
	Obtained time.Time `json:"obtained"`
	Uptime   int64     `json:"uptime_ns"` // CLOCK_BOOTTIME when obtained
	Boot     string    `json:"boot_id"`
}

func (s *session) save() *savedSession {
	return &savedSession{
		Token:    s.token,
		Key:      string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(s.cred.key)})),
		Obtained: s.obtained,
		Uptime:   int64(uptime() - time.Since(s.obtained)),
		Boot:     bootID(),
	}
}

// restore makes a session of a saved one, or says why it cannot be trusted.
func (s *savedSession) restore(now time.Time) (*session, error) {
	if s.Boot != bootID() {
		return nil, errors.New("from another boot")
	}
	if drift := now.Sub(s.Obtained) - (uptime() - time.Duration(s.Uptime)); drift.Abs() > clockSlack {
		return nil, fmt.Errorf("the clock was set by %s since", drift.Round(time.Second))
	}
	block, _ := pem.Decode([]byte(s.Key))
	if block == nil {
		return nil, errors.New("no PEM block in the key")
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	return newSession(s.Token, key, s.Obtained)
}

// uptime is CLOCK_BOOTTIME: it goes on while the machine sleeps and is never
// set.
func uptime() time.Duration {
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts) != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}

func bootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}
