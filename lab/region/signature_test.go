// SPDX-License-Identifier: Apache-2.0

package region_test

import (
	"bytes"
	"crypto/tls"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/core"

	"ocf-oci/lab/region"
	"ocf-oci/lab/region/fault"
)

// signed makes a PUT that moves the address, signed as the SDK signs.
func (l *lab) signed(p common.ConfigurationProvider, body string, date time.Time) *http.Request {
	l.t.Helper()
	req, err := http.NewRequest(http.MethodPut, l.api+"/20160918/privateIps/"+l.owner(floating).ID, strings.NewReader(body))
	if err != nil {
		l.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Date", date.UTC().Format(http.TimeFormat))
	if err := common.DefaultRequestSigner(p).Sign(req); err != nil {
		l.t.Fatal(err)
	}
	return req
}

func (l *lab) send(req *http.Request) (int, string) {
	l.t.Helper()
	resp, err := l.httpClient("127.1.0.11").Do(req)
	if err != nil {
		l.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestRequestsAreVerified(t *testing.T) {
	l := start(t, nil, region.Options{})
	p, now := l.keyProvider("alice"), time.Now()
	body := func(node string) string { return `{"vnicId":"` + *l.vnic(node, "ens3") + `"}` }
	setBody := func(req *http.Request, text string) {
		req.Body, req.ContentLength = io.NopCloser(bytes.NewBufferString(text)), int64(len(text))
	}
	tests := []struct {
		name   string
		tamper func(*http.Request) *http.Request
		says   string // in the error's message
	}{
		{"no authorization", func(r *http.Request) *http.Request { r.Header.Del("Authorization"); return r }, "no Authorization"},
		{"basic authorization", func(r *http.Request) *http.Request { r.SetBasicAuth("alice", "secret"); return r }, "not Signature"},
		{"signature of another request", func(r *http.Request) *http.Request {
			other := l.signed(p, body("vrouter2"), now.Add(-time.Minute))
			r.Header.Set("Authorization", other.Header.Get("Authorization"))
			return r
		}, "does not match"},
		{"body of another request", func(r *http.Request) *http.Request { setBody(r, body("vrouter1")); return r }, "digest"},
		{"body and digest of another request", func(r *http.Request) *http.Request {
			other := l.signed(p, body("vrouter1"), now)
			r.Header.Set("X-Content-Sha256", other.Header.Get("X-Content-Sha256"))
			setBody(r, body("vrouter1"))
			return r
		}, "does not match"},
		{"another path", func(r *http.Request) *http.Request {
			r.URL.Path = "/20160918/privateIps/" + l.owner(second).ID
			return r
		}, "does not match"},
		{"another method", func(r *http.Request) *http.Request { r.Method = http.MethodDelete; return r }, "does not match"},
		{"an added query", func(r *http.Request) *http.Request { r.URL.RawQuery = "x=1"; return r }, "does not match"},
		{"another host", func(r *http.Request) *http.Request { r.Host = "iaas.elsewhere.example"; return r }, "does not match"},
		{"digest not signed", func(r *http.Request) *http.Request {
			a := r.Header.Get("Authorization")
			r.Header.Set("Authorization", strings.Replace(a, " x-content-sha256", "", 1))
			return r
		}, "x-content-sha256 is not signed"},
		{"unknown user", func(r *http.Request) *http.Request {
			a := r.Header.Get("Authorization")
			r.Header.Set("Authorization", strings.Replace(a, "ocid1.user.oc1..a", "ocid1.user.oc1..b", 1))
			return r
		}, "does not exist"},
		{"another tenancy", func(r *http.Request) *http.Request {
			a := r.Header.Get("Authorization")
			r.Header.Set("Authorization", strings.Replace(a, "ocid1.tenancy.oc1..a", "ocid1.tenancy.oc1..b", 1))
			return r
		}, "of this tenancy"},
		{"forged token", func(r *http.Request) *http.Request {
			a := r.Header.Get("Authorization")
			i, j := strings.Index(a, `keyId="`)+7, strings.Index(a, `",algorithm`)
			r.Header.Set("Authorization", a[:i]+"ST$eyJh.eyJh.AAAA"+a[j:])
			return r
		}, "token"},
		{"date six minutes old", func(*http.Request) *http.Request { return l.signed(p, body("vrouter2"), now.Add(-6*time.Minute)) }, "away from the service's clock"},
		{"date six minutes ahead", func(*http.Request) *http.Request { return l.signed(p, body("vrouter2"), now.Add(6*time.Minute)) }, "away from the service's clock"},
		{"no date", func(r *http.Request) *http.Request { r.Header.Del("Date"); return r }, "not a date"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status, text := l.send(test.tamper(l.signed(p, body("vrouter2"), now)))
			if status != http.StatusUnauthorized || !strings.Contains(text, `"NotAuthenticated"`) || !strings.Contains(text, test.says) {
				t.Errorf("got %d %s, want 401 NotAuthenticated with %q", status, text, test.says)
			}
			if o := l.owner(floating); o.Node != "vrouter1" {
				t.Fatalf("a request that is not authentic moved the address to %s", o.Node)
			}
		})
	}
	for _, late := range []time.Duration{0, -4*time.Minute - 50*time.Second, 4*time.Minute + 50*time.Second} {
		if status, text := l.send(l.signed(p, body("vrouter2"), now.Add(late))); status != http.StatusOK {
			t.Errorf("an authentic request %s off: %d %s", late, status, text)
		}
	}
}

func TestFieldOrderAndProtocols(t *testing.T) {
	l := start(t, nil, region.Options{})
	p := l.keyProvider("alice")
	for _, proto := range []string{"HTTP/1.1", "HTTP/2.0"} {
		client := l.httpClient("127.1.0.11")
		if proto == "HTTP/1.1" {
			client.Transport.(*http.Transport).TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
			client.Transport.(*http.Transport).ForceAttemptHTTP2 = false
		}
		req := l.signed(p, `{"displayName":"`+proto+`"}`, time.Now())
		// The Python SDK's order and spacing.
		fields := map[string]string{}
		for field := range strings.SplitSeq(strings.TrimPrefix(req.Header.Get("Authorization"), "Signature "), `",`) {
			k, v, _ := strings.Cut(field, `="`)
			fields[k] = strings.TrimSuffix(v, `"`)
		}
		var out []string
		for _, k := range []string{"algorithm", "headers", "keyId", "signature", "version"} {
			out = append(out, k+`="`+fields[k]+`"`)
		}
		req.Header.Set("Authorization", "Signature "+strings.Join(out, ", "))
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK || resp.Proto != proto {
			t.Errorf("%s: got %s over %s", proto, resp.Status, resp.Proto)
		}
	}
}

func TestClockSkewFault(t *testing.T) {
	l := start(t, nil, region.Options{})
	c := l.admin()
	get := func() error {
		_, err := c.GetVnic(l.ctx(), core.GetVnicRequest{VnicId: l.vnic("vrouter1", "ens3")})
		return err
	}
	for value, ok := range map[string]bool{"4m": true, "-4m": true, "1h": false, "-6m": false} {
		l.fault(fault.Fault{Target: fault.All, Kind: fault.ClockSkew, Value: value})
		if err := get(); ok != (err == nil) {
			t.Errorf("skew %s: %v", value, err)
		} else if !ok {
			wantError(t, err, 401, "NotAuthenticated")
		}
	}
	// Only one node's requests.
	l.ClearFaults(0)
	l.fault(fault.Fault{Target: fault.All, Kind: fault.ClockSkew, Value: "1h", Node: "vrouter2"})
	if err := get(); err != nil {
		t.Errorf("vrouter1: %v", err)
	}
	c = l.network(l.keyProvider("alice"), "127.1.0.12")
	wantError(t, get(), 401, "NotAuthenticated")
}
