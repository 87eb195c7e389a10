// SPDX-License-Identifier: Apache-2.0

package region_test

import (
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
