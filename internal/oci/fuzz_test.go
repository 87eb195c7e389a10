// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/core"
)

// decode reads a body into one of the SDK's responses, as its generated methods
// do after a 2xx; its Retry makes errors of panics ("null" causes one).
func decode[T any](body []byte) (response T, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	err = common.UnmarshalResponse(&http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}, "Etag": {"e1"}}, Body: io.NopCloser(bytes.NewReader(body)),
	}, &response)
	return response, err
}

// Whatever an answer holds, it becomes what was asked for or an error: never a
// panic, and never "nobody has it" from rubbish.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"id":"` + string(testPrivateIP) + `","ipAddress":"10.0.0.100","vnicId":"v","subnetId":"s","isPrimary":false}`))
	f.Add([]byte(`[{"id":"a","ipAddress":"10.0.0.100","timeCreated":"2020-01-01T00:00:00Z","definedTags":{"a":{"b":1}}}]`))
	f.Add([]byte(`{"id":"` + string(testVNIC) + `","subnetId":"s","macAddress":"02:00:17:05:D1:DB","lifecycleState":"AVAILABLE"}`))
	f.Add([]byte(`{"id":"` + string(testSubnet) + `","cidrBlock":"10.0.0.0/24","ipv4CidrBlocks":["10.0.0.0/24","10.1.0.0/24"]}`))
	f.Add([]byte(`<html>`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if r, err := decode[core.GetPrivateIpResponse](body); err == nil {
			if a, err := privateIPOf(r.PrivateIp, r.Etag, testPrivateIP); err == nil && (a.ID != testPrivateIP || !a.IP.IsValid()) {
				t.Errorf("%q became %+v", body, a)
			}
		}
		if r, err := decode[core.ListPrivateIpsResponse](body); err == nil {
			if r.Items != nil && len(r.Items) == 0 && strings.Join(strings.Fields(string(body)), "") != "[]" {
				t.Errorf("%q means that there is no such address", body)
			}
			for _, item := range r.Items {
				if a, err := privateIPOf(item, nil, ""); err == nil && (a.ID == "" || !a.IP.IsValid()) {
					t.Errorf("%q became %+v", body, a)
				}
			}
		}
		if r, err := decode[core.GetIpv6Response](body); err == nil {
			if a, err := ipv6Of(r.Ipv6, r.Etag, testIPv6); err == nil && (a.ID != testIPv6 || !a.IP.IsValid()) {
				t.Errorf("%q became %+v", body, a)
			}
		}
		if r, err := decode[core.GetVnicResponse](body); err == nil {
			if v, err := vnicOf(r.Vnic, testVNIC); err == nil && (v.ID != testVNIC || v.Subnet == "") {
				t.Errorf("%q became %+v", body, v)
			}
		}
		if r, err := decode[core.GetSubnetResponse](body); err == nil {
			if v, err := subnetOf(r.Subnet, testSubnet); err == nil && v.ID != testSubnet {
				t.Errorf("%q became %+v", body, v)
			}
		}
		if r, err := decode[core.GetPublicIpByPrivateIpIdResponse](body); err == nil {
			if v, err := publicIPOf(r.PublicIp); err == nil && (v.ID == "" || !v.IP.IsValid()) {
				t.Errorf("%q became %+v", body, v)
			}
		}
	})
}

func FuzzProfile(f *testing.F) {
	f.Add([]byte(goodProfile))
	f.Add([]byte("[DEFAULT]\npass_phrase=a=b\n[X]\n"))
	f.Add([]byte("\xef\xbb\xbf[DEFAULT]\r\nuser"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := parseProfile("config", "DEFAULT", data)
		if err != nil {
			if ProblemOf(err) != Malformed {
				t.Errorf("problem %s: %v", ProblemOf(err), err)
			}
			return
		}
		for key, e := range p.values {
			if key != strings.TrimSpace(strings.ToLower(key)) || strings.Contains(key, "=") || e.line < 1 {
				t.Errorf("key %q, line %d", key, e.line)
			}
		}
		if id, err := p.keyID(); err == nil && strings.Count(id, "/") != 2 && p.value("security_token_file") == "" {
			t.Errorf("key id %q", id)
		}
	})
}

func FuzzToken(f *testing.F) {
	f.Add(tokenExpiring(time.Unix(2_000_000_000, 0)))
	f.Add("a.e30.b")
	f.Add("a.eyJleHAiOiIxIn0.b")
	f.Fuzz(func(t *testing.T, token string) {
		if at, err := tokenExpiry(token); err == nil && !at.After(time.Unix(0, 0)) {
			t.Errorf("expires %s", at)
		}
	})
}

func FuzzIdentity(f *testing.F) {
	f.Add(instanceCert(f, testKey()), []byte("k"), []byte("i"))
	f.Fuzz(func(t *testing.T, cert, key, intermediate []byte) {
		if who, err := parseIdentity(cert, key, intermediate); err == nil && (who.leaf == nil || who.key == nil || who.tenancy == "") {
			t.Errorf("identity %+v", who)
		}
	})
}
