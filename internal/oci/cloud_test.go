// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ocf-oci/internal/imds"
)

// cloud is a small OCI for tests of the client's own behaviour: metadata,
// identity federation and a VCN API whose answers a test decides. The whole
// protocol is tested against lab/region.
type cloud struct {
	t         testing.TB
	metadata  *httptest.Server
	auth      *httptest.Server
	api       *httptest.Server
	key       *rsa.PrivateKey // of the instance certificate
	cert      []byte          // PEM
	tokenLife time.Duration

	mu      sync.Mutex
	calls   []string // "imds GET /path", "auth POST /v1/x509", "api GET /20160918/..."
	bodies  []string // of the API's requests
	headers []http.Header
	handler map[string]http.HandlerFunc // "imds", "auth", "api": replaces the normal answer if it returns having written
	refused map[string]bool             // tokens that get a 401
}

// testKey is made once: key generation is most of a test's time.
var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

const (
	testPrivateIP = AddressID("ocid1.privateip.oc1.ca-toronto-1.floating")
	testIPv6      = AddressID("ocid1.ipv6.oc1.ca-toronto-1.floating")
	testSubnet    = SubnetID("ocid1.subnet.oc1.ca-toronto-1.isv")
	testVNIC      = VNICID("ocid1.vnic.oc1.ca-toronto-1.one")
	otherVNIC     = VNICID("ocid1.vnic.oc1.ca-toronto-1.two")
)

func newCloud(t testing.TB) *cloud {
	t.Helper()
	c := &cloud{t: t, key: testKey(), tokenLife: time.Hour, handler: map[string]http.HandlerFunc{}, refused: map[string]bool{}}
	c.cert = instanceCert(t, c.key)
	c.metadata = httptest.NewServer(c.record("imds", c.serveMetadata))
	c.auth = httptest.NewUnstartedServer(c.record("auth", c.serveAuth))
	c.api = httptest.NewUnstartedServer(c.record("api", c.serveAPI))
	for _, s := range []*httptest.Server{c.auth, c.api} {
		s.TLS = &tls.Config{Certificates: []tls.Certificate{serverCert()}}
		s.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that tests break
		s.StartTLS()
	}
	t.Cleanup(func() {
		for _, s := range []*httptest.Server{c.metadata, c.auth, c.api} {
			s.CloseClientConnections()
			s.Close()
		}
	})
	return c
}

// instanceCert is what the metadata service gives an instance: self-signed
// here, because the test's identity service does not look.
func instanceCert(t testing.TB, key *rsa.PrivateKey) []byte {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		Subject: pkix.Name{OrganizationalUnit: []string{"opc-certtype:instance", "opc-tenant:ocid1.tenancy.oc1..test"}},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func (c *cloud) record(part string, normal http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		c.mu.Lock()
		c.calls = append(c.calls, part+" "+r.Method+" "+r.URL.RequestURI())
		if part == "api" {
			c.bodies = append(c.bodies, string(body))
			c.headers = append(c.headers, r.Header.Clone())
		}
		special := c.handler[part]
		c.mu.Unlock()
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		w.Header().Set("opc-request-id", "req-1")
		if special != nil {
			special(w, r)
			return
		}
		normal(w, r)
	}
}

func (c *cloud) serveMetadata(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer Oracle" {
		http.Error(w, "no", http.StatusForbidden)
		return
	}
	switch strings.TrimPrefix(r.URL.Path, "/opc/v2/") {
	case "instance/regionInfo":
		io.WriteString(w, `{"realmKey":"oc1","realmDomainComponent":"oraclecloud.com","regionKey":"YYZ","regionIdentifier":"ca-toronto-1"}`)
	case "identity/cert.pem", "identity/intermediate.pem":
		w.Write(c.cert)
	case "identity/key.pem":
		w.Write(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(c.key)}))
	default:
		http.NotFound(w, r)
	}
}

// tokenExpiring makes an unsigned JWT: the client reads only its exp.
func tokenExpiring(at time.Time) string {
	part := func(v any) string { b, _ := json.Marshal(v); return base64.RawURLEncoding.EncodeToString(b) }
	return part(map[string]any{"alg": "none"}) + "." + part(map[string]any{"exp": at.Unix(), "n": rand.Text()}) + ".c2ln"
}

func (c *cloud) serveAuth(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]string{"token": tokenExpiring(time.Now().Add(c.tokenLife))})
}

func (c *cloud) serveAPI(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	for token := range c.refused {
		if strings.Contains(r.Header.Get("Authorization"), token) {
			c.mu.Unlock()
			apiError(w, 401, "NotAuthenticated", "The required information to complete authentication was not provided.")
			return
		}
	}
	c.mu.Unlock()
	answerAddress(w, testVNIC)
}

func answerAddress(w http.ResponseWriter, vnic VNICID) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("etag", "e1")
	fmt.Fprintf(w, `{"id":%q,"ipAddress":"10.0.0.100","vnicId":%q,"subnetId":%q,"isPrimary":false}`, testPrivateIP, vnic, testSubnet)
}

func apiError(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"code": code, "message": message})
}

// set replaces a part's answers; nil gives the normal ones again.
func (c *cloud) set(part string, h http.HandlerFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.handler[part] = h
}

// seen gives the calls since the last seen.
func (c *cloud) seen() (imds, auth, api int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, call := range c.calls {
		switch {
		case strings.HasPrefix(call, "imds"):
			imds++
		case strings.HasPrefix(call, "auth"):
			auth++
		default:
			api++
		}
	}
	c.calls = nil
	return imds, auth, api
}

func (c *cloud) options(stateDir string) Options {
	return Options{
		Endpoint: c.api.URL, AuthEndpoint: c.auth.URL, StateDir: stateDir,
		IMDS: imds.New(imds.Options{BaseURL: c.metadata.URL + "/opc/v2", Timeout: 200 * time.Millisecond}),
	}
}

func (c *cloud) client(opt Options) *Client {
	c.t.Helper()
	client, err := New(context.Background(), opt)
	if err != nil {
		c.t.Fatal(err)
	}
	return client
}

// stateDir is a fresh folder that the cache accepts.
func stateDir(t testing.TB) string {
	dir := filepath.Join(t.TempDir(), "ocf-oci")
	return dir
}

// promptly runs a call that can only end with its context, and checks that it
// does so within 100 ms. A busy machine gets three tries.
func promptly(t testing.TB, limit time.Duration, do func(context.Context) error) (err error) {
	t.Helper()
	var late time.Duration
	for range 3 {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		err = do(ctx)
		end, _ := ctx.Deadline()
		late = time.Since(end)
		cancel()
		if late <= 100*time.Millisecond {
			return err
		}
	}
	t.Errorf("returned %s after the end of the context", late)
	return err
}

func within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// The servers' certificate hangs on an authority that the process trusts the
// way it trusts any: through SSL_CERT_FILE.
var (
	authority     *x509.Certificate
	authorityKey  *ecdsa.PrivateKey
	serverCertPEM tls.Certificate
)

func serverCert() tls.Certificate { return serverCertPEM }

func TestMain(m *testing.M) {
	if slices.Contains(os.Args, helperArg) {
		helperProcess()
		os.Exit(0)
	}
	dir, err := os.MkdirTemp("", "oci-test-ca")
	if err != nil {
		panic(err)
	}
	makeAuthority(filepath.Join(dir, "ca.pem"))
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func makeAuthority(file string) {
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	var err error
	authorityKey, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, ca, ca, authorityKey.Public(), authorityKey)
	must(err)
	authority, err = x509.ParseCertificate(der)
	must(err)
	roots := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), makeTemplate()...)
	must(os.WriteFile(file, roots, 0o600))
	must(os.Setenv("SSL_CERT_FILE", file))
	must(os.Setenv("SSL_CERT_DIR", filepath.Dir(file)))
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(192, 0, 2, 10)}}
	der, err = x509.CreateCertificate(rand.Reader, leaf, authority, authorityKey.Public(), authorityKey)
	must(err)
	serverCertPEM = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: authorityKey}
}
