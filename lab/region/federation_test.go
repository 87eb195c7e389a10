// SPDX-License-Identifier: Apache-2.0

package region_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/common/auth"
	"github.com/oracle/oci-go-sdk/v65/core"

	"ocf-oci/lab/region"
	"ocf-oci/lab/region/fault"
)

// instancePrincipal goes through the whole exchange with the SDK: IMDS, session key,
// POST /v1/x509.
func (l *lab) instancePrincipal(source string) (common.ConfigurationProvider, error) {
	l.t.Setenv("OCI_METADATA_BASE_URL", l.imds)
	l.t.Setenv("OCI_SDK_AUTH_CLIENT_REGION_URL", l.auth)
	return auth.InstancePrincipalConfigurationProviderWithCustomClient(func(common.HTTPRequestDispatcher) (common.HTTPRequestDispatcher, error) {
		return l.httpClient(source), nil
	})
}

func TestInstancePrincipal(t *testing.T) {
	l := start(t, nil, region.Options{})
	p := must(l.instancePrincipal("127.1.0.12"))(t)
	c := l.network(p, "127.1.0.12")
	must(l.move(c, floating, l.vnic("vrouter2", "ens3"), nil))(t)
	if o := l.owner(floating); o.Node != "vrouter2" {
		t.Fatalf("owner is %s", o.Node)
	}
	calls := l.Calls(time.Time{})
	var seen []string
	for _, call := range calls {
		seen = append(seen, call.Service+" "+call.Operation)
		if call.Node != "vrouter2" || call.Floating || call.Status != 200 {
			t.Errorf("call %+v", call)
		}
	}
	// research: 6 IMDS GETs, one POST, then the API call
	want := strings.Repeat("imds GetMetadata,", 6) + "auth X509Federation,api UpdatePrivateIp"
	if strings.Join(seen, ",") != want {
		t.Errorf("calls are %v", seen)
	}
	last := calls[len(calls)-1]
	if !strings.HasPrefix(last.Principal, "ocid1.instance.") || !last.Committed || last.IfMatch {
		t.Errorf("journal of the move: %+v", last)
	}
}

func TestTokenLife(t *testing.T) {
	// The SDK renews five minutes before the end, so a life of five minutes and a bit
	// makes a token that is used now and renewed soon.
	l := start(t, func(s *region.Spec) { s.TokenLife = 5*time.Minute + 2*time.Second }, region.Options{})
	p := must(l.instancePrincipal("127.1.0.11"))(t)
	first := must(p.KeyID())(t)
	if again := must(p.KeyID())(t); again != first {
		t.Error("the token was renewed at once")
	}
	time.Sleep(3 * time.Second)
	if later := must(p.KeyID())(t); later == first {
		t.Error("the token was not renewed")
	}
}

func TestExpiredToken(t *testing.T) {
	l := start(t, nil, region.Options{})
	c := l.network(must(l.instancePrincipal("127.1.0.11"))(t), "127.1.0.11")
	get := func(c core.VirtualNetworkClient) error {
		_, err := c.GetVnic(l.ctx(), core.GetVnicRequest{VnicId: l.vnic("vrouter1", "ens3")})
		return err
	}
	if err := get(c); err != nil {
		t.Fatal(err)
	}
	f := l.fault(fault.Fault{Target: "api", Kind: fault.ExpiredToken})
	wantError(t, get(c), 401, "NotAuthenticated")
	if got := l.Faults(); len(got) != 1 || got[0].Hits == 0 {
		t.Errorf("faults %+v", got)
	}
	// A token issued since is good: the cure is to federate again.
	if err := get(l.network(must(l.instancePrincipal("127.1.0.11"))(t), "127.1.0.11")); err != nil {
		t.Errorf("a new token: %v", err)
	}
	// An API key is no token.
	if err := get(l.admin()); err != nil {
		t.Errorf("an API key: %v", err)
	}
	l.ClearFaults(f.ID)
	if err := get(c); err != nil {
		t.Errorf("after the fault: %v", err)
	}
}

func TestForeignCertificateIsRefused(t *testing.T) {
	l, other := start(t, nil, region.Options{}), start(t, func(s *region.Spec) { s.Seed = "test" }, region.Options{})
	// vrouter1 of another region with the same names: same OCIDs, another authority.
	l.imds = other.imds
	p := must(l.instancePrincipal("127.1.0.11"))(t)
	_, err := p.KeyID()
	if err == nil || !strings.Contains(err.Error(), "401") {
		t.Fatalf("want 401, got %v", err)
	}
	calls := l.Calls(time.Time{})
	if n := len(calls); n != 1 || calls[0].Status != http.StatusUnauthorized || calls[0].Operation != "X509Federation" {
		t.Errorf("calls %+v", calls)
	}
}

// leafKeys signs for a node's identity certificate, under any keyId.
type leafKeys struct {
	key *rsa.PrivateKey
	id  string
}

func (k leafKeys) PrivateRSAKey() (*rsa.PrivateKey, error) { return k.key, nil }
func (k leafKeys) KeyID() (string, error)                  { return k.id, nil }

// federate sends the request for a token that the Python SDK sends: another order of the
// fields, no fingerprintAlgorithm, the certificate named by its SHA-1.
func (l *lab) federate(node string, change func(*http.Request, *leafKeys, map[string]any), after func(*http.Request)) (int, string) {
	l.t.Helper()
	certPEM, keyPEM, _, err := l.InstanceIdentity(node)
	if err != nil {
		l.t.Fatal(err)
	}
	cert, _ := pem.Decode(certPEM)
	key, err := common.PrivateKeyFromBytes(keyPEM, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	session, err := testKey()
	if err != nil {
		l.t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&session.PublicKey)
	if err != nil {
		l.t.Fatal(err)
	}
	body := map[string]any{"certificate": cert.Bytes, "publicKey": public}
	sum := sha1.Sum(cert.Bytes)
	signer := &leafKeys{key, l.TenancyID() + "/fed-x509/" + strings.ToUpper(strings.ReplaceAll(fmt.Sprintf("% x", sum), " ", ":"))}
	req, err := http.NewRequest(http.MethodPost, l.auth+"/v1/x509", nil)
	if err != nil {
		l.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	if change != nil {
		change(req, signer, body)
	}
	text, err := json.Marshal(body)
	if err != nil {
		l.t.Fatal(err)
	}
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	headers, bodyHeaders := []string{"date", "(request-target)"}, []string{"content-length", "content-type", "x-content-sha256"}
	if err := common.RequestSigner(signer, headers, bodyHeaders).Sign(req); err != nil {
		l.t.Fatal(err)
	}
	if after != nil {
		after(req)
	}
	return l.send(req)
}

func TestFederationIsVerified(t *testing.T) {
	l := start(t, nil, region.Options{})
	if status, text := l.federate("vrouter1", nil, nil); status != http.StatusOK || !strings.Contains(text, `{"token":"`) {
		t.Errorf("the Python SDK's request: %d %s", status, text)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		change func(*http.Request, *leafKeys, map[string]any)
		after  func(*http.Request)
		says   string
	}{
		{"signed with another key", func(_ *http.Request, k *leafKeys, _ map[string]any) { k.key = other }, nil, "does not match"},
		{"another fingerprint", func(_ *http.Request, k *leafKeys, _ map[string]any) { k.id = k.id[:len(k.id)-2] + "00" }, nil, "keyId"},
		{"another tenancy", func(_ *http.Request, k *leafKeys, _ map[string]any) { k.id = "x" + k.id }, nil, "keyId"},
		{"no certificate", func(_ *http.Request, _ *leafKeys, b map[string]any) { b["certificate"] = "" }, nil, "certificate"},
		{"no session key", func(_ *http.Request, _ *leafKeys, b map[string]any) { b["publicKey"] = "AAAA" }, nil, "publicKey"},
		{"a weak session key", func(_ *http.Request, _ *leafKeys, b map[string]any) {
			b["publicKey"], _ = x509.MarshalPKIXPublicKey(&small.PublicKey)
		}, nil, "2048"},
		{"an old date", func(r *http.Request, _ *leafKeys, _ map[string]any) {
			r.Header.Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
		}, nil, "away from the service's clock"},
		{"another session key in a signed request", nil, func(r *http.Request) {
			text, _ := io.ReadAll(r.Body)
			text = bytes.Replace(text, []byte(`"publicKey":"MIIB`), []byte(`"publicKey":"MIIC`), 1)
			r.Body = io.NopCloser(bytes.NewReader(text))
		}, "digest"},
	}
	for _, test := range tests {
		status, text := l.federate("vrouter1", test.change, test.after)
		if status != http.StatusUnauthorized || !strings.Contains(text, test.says) || strings.Contains(text, "token\":") {
			t.Errorf("%s: %d %s, want 401 with %q", test.name, status, text, test.says)
		}
	}
}

func TestResourcePrincipal(t *testing.T) {
	l := start(t, nil, region.Options{})
	text, key, err := l.NewSessionToken("vrouter1", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("OCI_RESOURCE_PRINCIPAL_VERSION", "2.2")
	t.Setenv("OCI_RESOURCE_PRINCIPAL_RPST", text)
	t.Setenv("OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM", string(key))
	t.Setenv("OCI_RESOURCE_PRINCIPAL_REGION", "ca-toronto-1")
	p := must(auth.ResourcePrincipalConfigurationProvider())(t)
	c := l.network(p, "127.1.0.11")
	must(c.GetVnic(l.ctx(), core.GetVnicRequest{VnicId: l.vnic("vrouter1", "ens3")}))(t)
	if tenancy := must(p.TenancyOCID())(t); tenancy != l.TenancyID() {
		t.Errorf("tenancy %s", tenancy)
	}
	// Its time is up: the service says so, whatever the client thinks.
	if text, key, err = l.NewSessionToken("vrouter1", time.Second); err != nil {
		t.Fatal(err)
	}
	rsaKey := must(common.PrivateKeyFromBytes(key, nil))(t)
	expired := leafKeys{rsaKey, "ST$" + text}
	time.Sleep(1200 * time.Millisecond)
	req, err := http.NewRequest(http.MethodGet, l.api+"/20160918/vnics/"+*l.vnic("vrouter1", "ens3"), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	if err := common.DefaultRequestSigner(expired).Sign(req); err != nil {
		t.Fatal(err)
	}
	if status, text := l.send(req); status != http.StatusUnauthorized || !strings.Contains(text, "expired") {
		t.Errorf("an expired token: %d %s", status, text)
	}
}
