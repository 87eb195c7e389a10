// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/common/auth"
	"golang.org/x/sync/errgroup"

	"ocf-oci/internal/imds"
)

// exchangeOp names the federation call in errors.
const exchangeOp = "instance principal"

// identity is what the metadata service says this instance is.
type identity struct {
	leaf          *x509.Certificate
	key           *rsa.PrivateKey
	intermediates []string // base64 of DER, as the exchange wants them
	tenancy       string
}

// exchange gets a session token: the instance proves with the certificate that
// the metadata service gives only to it that a new key is its own. (The SDK
// does the same in common/auth, but without a context, through a metadata
// client without a timeout, and with the kernel's choice of source address.)
func (f *federation) exchange(ctx context.Context) (*session, error) {
	var (
		who  identity
		home imds.RegionInfo
	)
	keys := generateKey()
	group, fetch := errgroup.WithContext(ctx)
	group.Go(func() (err error) { who, err = f.identity(fetch); return err })
	endpoint := strings.TrimRight(f.endpoint, "/")
	if endpoint == "" {
		group.Go(func() (err error) { home, err = f.home.info(fetch); return err })
	}
	if err := group.Wait(); err != nil {
		return nil, classify(exchangeOp, err, outcome{})
	}
	if endpoint == "" {
		endpoint = "https://auth." + home.Region + "." + home.RealmDomain
	}
	var key *rsa.PrivateKey
	select {
	case key = <-keys:
	case <-ctx.Done():
		return nil, classify(exchangeOp, ctx.Err(), outcome{})
	}
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	x := &exchange{ctx: ctx} // its own: the guard of the call that waits for it is not for it
	token, err := f.ask(x.with(ctx), endpoint, who, key)
	out := x.end()
	if err != nil {
		return nil, classify(exchangeOp, err, out)
	}
	s, err := newSession(token, key, time.Now())
	if err != nil {
		return nil, classify(exchangeOp, err, out)
	}
	f.log.Debug("new session token", "expires", s.expires)
	return s, nil
}

// generateKey makes the session's key while the metadata service is asked. It
// takes 20 to 200 ms of processor time and cannot be interrupted, so nobody
// waits for it longer than his context allows.
func generateKey() <-chan *rsa.PrivateKey {
	keys := make(chan *rsa.PrivateKey, 1)
	go func() {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err) // the system's random numbers cannot fail (crypto/rand)
		}
		keys <- key
	}()
	return keys
}

// ask sends the one request of the exchange. Its signature names no host: so
// does the SDK, and the service wants it that way.
func (f *federation) ask(ctx context.Context, endpoint string, who identity, key *rsa.PrivateKey) (string, error) {
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return "", err
	}
	leaf := credential{key: who.key, keyID: who.tenancy + "/fed-x509-sha256/" + fingerprint(who.leaf)}
	client := common.BaseClient{
		HTTPClient: f.dispatcher, Host: endpoint, BasePath: "v1/x509", UserAgent: userAgent,
		Signer: common.RequestSigner(leaf, []string{"date", "(request-target)"}, []string{"content-length", "content-type", "x-content-sha256"}),
	}
	request, err := common.MakeDefaultHTTPRequestWithTaggedStruct(http.MethodPost, "", struct {
		auth.X509FederationDetails `contributesTo:"body"`
	}{auth.X509FederationDetails{
		Certificate:              base64.StdEncoding.EncodeToString(who.leaf.Raw),
		PublicKey:                base64.StdEncoding.EncodeToString(public),
		IntermediateCertificates: who.intermediates,
		FingerprintAlgorithm:     "SHA256",
	}})
	if err != nil {
		return "", err
	}
	resp, err := client.Call(ctx, &request)
	defer common.CloseBodyIfValid(resp)
	if err != nil {
		return "", err
	}
	// Not by the SDK's UnmarshalResponse: it panics on a body of "null".
	var answer auth.Token
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return "", fmt.Errorf("the identity service's answer: %w", err)
	}
	return answer.Token, nil
}

// identity reads certificate, key and intermediate certificates. The service
// rotates them several times a day; a pair read across a rotation does not
// match and is read again.
func (f *federation) identity(ctx context.Context) (identity, error) {
	for {
		var cert, key, intermediate []byte
		group, fetch := errgroup.WithContext(ctx)
		group.Go(func() (err error) { cert, err = f.imds.Get(fetch, "identity/cert.pem"); return err })
		group.Go(func() (err error) { key, err = f.imds.Get(fetch, "identity/key.pem"); return err })
		group.Go(func() (err error) { intermediate, err = f.imds.Get(fetch, "identity/intermediate.pem"); return err })
		if err := group.Wait(); err != nil {
			return identity{}, metadataError(err)
		}
		who, err := parseIdentity(cert, key, intermediate)
		if err == nil {
			return who, nil
		}
		f.log.Debug("instance certificate cannot be used, reading it again", "error", err)
		select {
		case <-ctx.Done():
			return identity{}, &Error{Op: exchangeOp, Kind: Transient, Message: "the metadata service's certificate cannot be used", Err: err}
		case <-time.After(firstRetry):
		}
	}
}

func parseIdentity(cert, key, intermediate []byte) (identity, error) {
	block, _ := pem.Decode(cert)
	if block == nil {
		return identity{}, errors.New("no PEM block in identity/cert.pem")
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return identity{}, fmt.Errorf("identity/cert.pem: %w", err)
	}
	private, err := common.PrivateKeyFromBytes(key, nil)
	if err != nil {
		return identity{}, fmt.Errorf("identity/key.pem: %w", err)
	}
	if !private.PublicKey.Equal(leaf.PublicKey) {
		return identity{}, errors.New("identity/key.pem is not the key of identity/cert.pem")
	}
	who := identity{leaf: leaf, key: private}
	for block, rest := pem.Decode(intermediate); block != nil; block, rest = pem.Decode(rest) {
		who.intermediates = append(who.intermediates, base64.StdEncoding.EncodeToString(block.Bytes))
	}
	for _, attribute := range leaf.Subject.Names {
		if value, ok := attribute.Value.(string); ok && strings.HasPrefix(value, "opc-tenant:") {
			who.tenancy = strings.TrimPrefix(value, "opc-tenant:")
		}
	}
	if who.tenancy == "" {
		return identity{}, errors.New("identity/cert.pem names no tenancy (opc-tenant:)")
	}
	return who, nil
}

// fingerprint is the SHA-256 of a certificate in hex, with colons.
func fingerprint(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.Raw)
	return strings.ReplaceAll(fmt.Sprintf("% x", sum[:]), " ", ":")
}

// metadataError gives a failed metadata request its kind.
func metadataError(err error) error {
	kind := Transient
	var failed *imds.Error
	if errors.As(err, &failed) && failed.Status >= 400 && failed.Status < 500 && failed.Status != http.StatusNotFound && failed.Status != http.StatusTooManyRequests {
		kind = Denied
	}
	return &Error{Op: exchangeOp, Kind: kind, Err: err}
}

// federation gives instance-principal credentials: from memory, from the
// cache, or by an exchange, of which the processes of a machine share one.
type federation struct {
	imds       *imds.Client
	cache      *cache
	home       *home
	dispatcher *dispatcher
	endpoint   string        // "" for the region's
	timeout    time.Duration // for the exchange's request
	log        *slog.Logger

	turn    chan struct{} // one goroutine at a time; guards what follows
	current *session
	dropped string // token that the service refused
}
