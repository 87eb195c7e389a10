// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"crypto/rsa"
	"net/http"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
)

// credential is a key and the name the service knows it by. The two belong
// together; the SDK asks its providers for them one after the other, and a
// renewal in between makes a signature that nobody can verify.
type credential struct {
	key   *rsa.PrivateKey
	keyID string
}

// PrivateRSAKey and KeyID make a credential the SDK's KeyProvider.
func (c credential) PrivateRSAKey() (*rsa.PrivateKey, error) { return c.key, nil }

// KeyID is "tenancy/user/fingerprint", or "ST$" and a session token.
func (c credential) KeyID() (string, error) { return c.keyID, nil }

// credentialSource gives what requests are signed with.
type credentialSource interface {
	// credential returns a usable credential, within ctx.
	credential(ctx context.Context) (credential, error)
	// drop forgets the credential with this key id, which the service refused,
	// and reports whether another one can be had.
	drop(ctx context.Context, keyID string) bool
	// region names the region the credential belongs to; "" if it says none.
	region() string
}

// signer signs the SDK's requests.
type signer struct{ source credentialSource }

// Sign implements common.HTTPRequestSigner.
func (s signer) Sign(r *http.Request) error {
	x := exchangeOf(r)
	cred, err := s.source.credential(x.ctx)
	if err != nil {
		return err
	}
	x.signedWith(cred.keyID)
	// The SDK dated the request before the credential was there, which may
	// have taken a while.
	r.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	return common.DefaultRequestSigner(cred).Sign(r)
}

// fixed is a credential that cannot be renewed: a user's API key.
type fixed struct {
	cred credential
	name string // region
}

func (f fixed) credential(context.Context) (credential, error) { return f.cred, nil }
func (f fixed) drop(context.Context, string) bool              { return false }
func (f fixed) region() string                                 { return f.name }
