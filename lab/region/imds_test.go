// SPDX-License-Identifier: Apache-2.0

package region_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ocf-oci/lab/region"
	"ocf-oci/lab/region/fault"
)

// metadata asks IMDS as curl would.
func (l *lab) metadata(source, path string, header http.Header) (int, string, error) {
	l.t.Helper()
	return l.metadataIn(5*time.Second, source, path, header)
}

// unanswered asks and wants no answer in a time in which there would be one.
func (l *lab) unanswered(source, path string) {
	l.t.Helper()
	if status, body, err := l.metadataIn(700*time.Millisecond, source, path, bearer); !errors.Is(err, context.DeadlineExceeded) {
		l.t.Errorf("%s got an answer to %s: %d %s %v", source, path, status, body, err)
	}
}

func (l *lab) metadataIn(limit time.Duration, source, path string, header http.Header) (int, string, error) {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(l.imds, "/opc/v2")+path, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	req.Header = header
	resp, err := l.httpClient(source).Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body), err
}

var bearer = http.Header{"Authorization": {"Bearer Oracle"}}

func TestMetadata(t *testing.T) {
	l := start(t, nil, region.Options{})
	get := func(path string) string {
		t.Helper()
		status, body, err := l.metadata("127.1.0.12", path, bearer)
		if err != nil || status != http.StatusOK {
			t.Fatalf("%s: %d %s %v", path, status, body, err)
		}
		return body
	}
	var vnics []map[string]any
	if err := json.Unmarshal([]byte(get("/opc/v2/vnics/")), &vnics); err != nil {
		t.Fatal(err)
	}
	if len(vnics) != 2 || vnics[0]["vnicId"] != *l.vnic("vrouter2", "ens3") || vnics[0]["privateIp"] != "127.1.0.12" || vnics[0]["subnetCidrBlock"] != "127.1.0.0/24" {
		t.Errorf("vnics %v", vnics)
	}
	if mac, _ := vnics[0]["macAddr"].(string); mac != strings.ToUpper(mac) || !strings.EqualFold(mac, l.Nodes()[1].VNICs[0].MAC) {
		t.Errorf("macAddr %q", mac)
	}
	for path, want := range map[string]string{
		"/opc/v2/instance/region": "ca-toronto-1", "/opc/v2/instance/hostname": "vrouter2", "/opc/v2/instance/id": l.Nodes()[1].ID,
		"/opc/v2/instance/regionInfo/realmDomainComponent": "oraclecloud.com", "/opc/v2/vnics/1/privateIp": "127.2.0.12",
		"/opc/v2/instance/compartmentId": l.CompartmentID(), "/opc/v2/instance/state": "Running",
	} {
		if got := get(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if doc := get("/opc/v2/instance/"); !strings.Contains(doc, `"canonicalRegionName": "ca-toronto-1"`) {
		t.Errorf("instance %s", doc)
	}
	if pem := get("/opc/v2/identity/cert.pem"); !strings.HasPrefix(pem, "-----BEGIN CERTIFICATE-----") {
		t.Errorf("certificate %q", pem)
	}
	// The other VNIC of the node is the same node.
	if _, body, _ := l.metadata("127.2.0.11", "/opc/v2/instance/hostname", bearer); body != "vrouter1" {
		t.Errorf("127.2.0.11 is %q", body)
	}
}

func TestMetadataIsGuarded(t *testing.T) {
	l := start(t, nil, region.Options{})
	tests := []struct {
		name, path string
		header     http.Header
		status     int
	}{
		{"no header", "/opc/v2/vnics/", nil, 403},
		{"another bearer", "/opc/v2/vnics/", http.Header{"Authorization": {"Bearer oracle"}}, 403},
		{"through a proxy", "/opc/v2/vnics/", http.Header{"Authorization": {"Bearer Oracle"}, "X-Forwarded-For": {"10.0.0.1"}}, 403},
		{"version 1", "/opc/v1/vnics/", nil, 404},
		{"nothing there", "/opc/v2/instance/nothing", bearer, 404},
		{"no such VNIC", "/opc/v2/vnics/7/vnicId", bearer, 404},
		{"no such identity", "/opc/v2/identity/root.pem", bearer, 404},
	}
	for _, test := range tests {
		if status, body, err := l.metadata("127.1.0.11", test.path, test.header); status != test.status || err != nil {
			t.Errorf("%s: %d %s %v, want %d", test.name, status, body, err, test.status)
		}
	}
	l = start(t, func(s *region.Spec) { s.Quirks.IMDSv1 = true }, region.Options{})
	if status, body, _ := l.metadata("127.1.0.11", "/opc/v1/instance/hostname", nil); status != 200 || body != "vrouter1" {
		t.Errorf("version 1: %d %s", status, body)
	}
}

func TestMetadataAnswersPrimaryAddressesOnly(t *testing.T) {
	l := start(t, nil, region.Options{})
	l.unanswered(floating.String(), "/opc/v2/vnics/")
	l.unanswered("127.0.0.1", "/opc/v2/vnics/") // no VNIC's
	var c = l.last("GetMetadata")
	for _, call := range l.Calls(time.Time{}) {
		if call.Source == floating {
			c = call
		}
	}
	if !c.Floating || c.Outcome != "hung" || c.Status != 0 || c.Node != "vrouter1" || c.Target != "/opc/v2/vnics/" {
		t.Errorf("journal %+v", c)
	}
	_, body, err := l.metadata("127.1.0.11", "/opc/v2/vnics/", bearer)
	if err != nil || strings.Contains(body, floating.String()) || strings.Contains(body, second.String()) {
		t.Errorf("secondary private IPs are listed: %s %v", body, err)
	}
}

func TestMetadataQuirks(t *testing.T) {
	a := netip.MustParseAddr
	l := start(t, func(s *region.Spec) {
		s.Quirks.ReverseVNICs = true
		s.Instances = append(s.Instances, region.InstanceSpec{Name: "metal", BareMetal: true, VNICs: []region.VNICSpec{
			{NIC: "ens3", Subnet: "pod", IP: a("127.2.0.13"), MAC: "02:00:17:AA:BB:CC"},
			{NIC: "ens5", Subnet: "isv", IPv6: []netip.Addr{a("fd00:1::13")}},
		}})
	}, region.Options{})
	_, body, err := l.metadata("127.2.0.13", "/opc/v2/vnics/", bearer)
	if err != nil {
		t.Fatal(err)
	}
	var vnics []map[string]any
	if err := json.Unmarshal([]byte(body), &vnics); err != nil {
		t.Fatal(err)
	}
	v6 := vnics[0]
	if _, has := v6["privateIp"]; has || v6["subnetCidrBlock"] != "<null>" || v6["ipv6SubnetCidrBlock"] != "fd00:1::/64" {
		t.Errorf("an IPv6-only VNIC: %v", v6)
	}
	if vnics[1]["macAddr"] != "02:00:17:aa:bb:cc" {
		t.Errorf("a bare-metal MAC: %v", vnics[1])
	}
}

func TestMetadataFaults(t *testing.T) {
	l := start(t, nil, region.Options{})
	l.fault(fault.Fault{Target: "imds", Kind: fault.Status, Value: "404", Count: 1})
	if status, _, _ := l.metadata("127.1.0.11", "/opc/v2/vnics/", bearer); status != 404 {
		t.Errorf("status %d", status)
	}
	l.fault(fault.Fault{Target: "imds", Kind: fault.Hang, Node: "vrouter1"})
	l.unanswered("127.1.0.11", "/opc/v2/vnics/")
	if status, _, err := l.metadata("127.1.0.12", "/opc/v2/vnics/", bearer); status != 200 {
		t.Errorf("the other node: %d %v", status, err)
	}
	l.ClearFaults(0)
	l.fault(fault.Fault{Target: "imds", Kind: fault.Truncate})
	if _, body, err := l.metadata("127.1.0.11", "/opc/v2/vnics/", bearer); !errors.Is(err, io.ErrUnexpectedEOF) || json.Valid([]byte(body)) {
		t.Errorf("truncate: %q %v", body, err)
	}
}
