// SPDX-License-Identifier: Apache-2.0

package region_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/core"

	"ocf-oci/lab/region"
	"ocf-oci/lab/region/control"
	"ocf-oci/lab/region/fault"
)

// The test network lies in 127.0.0.0/8, so that a client can have a VNIC's address
// as its source without root: the region tells callers by nothing else.
var (
	floating = netip.MustParseAddr("127.1.0.100")
	second   = netip.MustParseAddr("127.2.0.100")
)

const fullPolicy = `
# what a move-only agent needs, and more
allow dynamic-group routers to use private-ips in compartment network
allow dynamic-group routers to use vnics in compartment network
allow group admins to manage virtual-network-family in compartment network
allow group admins to manage instance-family in compartment network
`

func testSpec() region.Spec {
	p := netip.MustParsePrefix
	a := netip.MustParseAddr
	return region.Spec{
		Seed: "test",
		Subnets: []region.SubnetSpec{
			{Name: "isv", CIDR: p("127.1.0.0/24"), IPv6: p("fd00:1::/64"), Routes: []region.RouteSpec{{Destination: p("127.2.0.0/24"), Via: floating}}},
			{Name: "pod", CIDR: p("127.2.0.0/24"), Routes: []region.RouteSpec{{Destination: p("127.1.0.0/24"), Via: second}}},
		},
		Instances: []region.InstanceSpec{
			{Name: "vrouter1", VNICs: []region.VNICSpec{
				{NIC: "ens3", Subnet: "isv", IP: a("127.1.0.11"), IPv6: []netip.Addr{a("fd00:1::11")}, SkipSourceDestCheck: true},
				{NIC: "ens5", Subnet: "pod", IP: a("127.2.0.11"), SkipSourceDestCheck: true},
			}},
			{Name: "vrouter2", VNICs: []region.VNICSpec{
				{NIC: "ens3", Subnet: "isv", IP: a("127.1.0.12"), IPv6: []netip.Addr{a("fd00:1::12")}},
				{NIC: "ens5", Subnet: "pod", IP: a("127.2.0.12")},
			}},
		},
		Addresses: []region.AddressSpec{
			{IP: floating, Subnet: "isv", Instance: "vrouter1"},
			{IP: second, Subnet: "pod", Instance: "vrouter1"},
			{IP: a("fd00:1::100"), Subnet: "isv", Instance: "vrouter1"},
		},
		PublicIPs:     []region.PublicIPSpec{{Name: "web", IP: a("203.0.113.5"), Private: floating}},
		Users:         []region.UserSpec{{Name: "alice", Groups: []string{"admins"}}, {Name: "bob"}},
		DynamicGroups: []region.DynamicGroupSpec{{Name: "routers", Rule: "Any {instance.compartment.id = '${compartment}'}"}},
		Policy:        fullPolicy,
		ServerNames:   []string{"127.0.0.1"},
	}
}

// lab is a running region with the URLs of its services.
type lab struct {
	*region.Region
	t               *testing.T
	api, auth, imds string
}

func start(t *testing.T, change func(*region.Spec), opt region.Options) *lab {
	t.Helper()
	spec := testSpec()
	if change != nil {
		change(&spec)
	}
	r, err := region.New(spec, opt)
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, r)
}

func serve(t *testing.T, r *region.Region) *lab {
	t.Helper()
	l := &lab{Region: r, t: t}
	for service, url := range map[region.Service]*string{region.API: &l.api, region.Auth: &l.auth, region.IMDS: &l.imds} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- r.Serve(service, listener) }()
		t.Cleanup(func() {
			r.Close()
			if err := <-done; err != nil {
				t.Errorf("serve %s: %v", service, err)
			}
		})
		*url = "https://" + listener.Addr().String()
		if service == region.IMDS {
			*url = "http://" + listener.Addr().String() + "/opc/v2"
		}
	}
	if err := r.Program(); err != nil {
		t.Fatal(err)
	}
	return l
}

// httpClient trusts the region and sends from a source address.
func (l *lab) httpClient(source string) *http.Client {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(l.CACertificate())
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}, Timeout: 5 * time.Second}
	transport := &http.Transport{DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	l.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 5 * time.Second}
}

// testKey is the API key of every user; making one takes a tenth of a second.
var testKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// keyProvider is the configuration of an API key of a user.
func (l *lab) keyProvider(user string) common.ConfigurationProvider {
	l.t.Helper()
	key, err := testKey()
	if err != nil {
		l.t.Fatal(err)
	}
	k, err := l.AddAPIKey(user, key)
	if err != nil {
		l.t.Fatal(err)
	}
	return common.NewRawConfigurationProvider(k.Tenancy, k.User, k.Region, k.Fingerprint, string(k.PrivateKeyPEM), nil)
}

// network is a VCN client of the real SDK, signing for a provider, from a source.
func (l *lab) network(p common.ConfigurationProvider, source string) core.VirtualNetworkClient {
	l.t.Helper()
	c, err := core.NewVirtualNetworkClientWithConfigurationProvider(p)
	if err != nil {
		l.t.Fatal(err)
	}
	c.Host, c.HTTPClient = l.api, l.httpClient(source)
	return c
}

func (l *lab) compute(p common.ConfigurationProvider, source string) core.ComputeClient {
	l.t.Helper()
	c, err := core.NewComputeClientWithConfigurationProvider(p)
	if err != nil {
		l.t.Fatal(err)
	}
	c.Host, c.HTTPClient = l.api, l.httpClient(source)
	return c
}

// admin is alice's client, from vrouter1.
func (l *lab) admin() core.VirtualNetworkClient {
	return l.network(l.keyProvider("alice"), "127.1.0.11")
}

func (l *lab) owner(ip netip.Addr) control.Owner {
	l.t.Helper()
	o, err := l.Owner(ip)
	if err != nil {
		l.t.Fatal(err)
	}
	return o
}

// vnic returns the OCID of a node's VNIC.
func (l *lab) vnic(node, nic string) *string {
	l.t.Helper()
	for _, n := range l.Nodes() {
		for _, v := range n.VNICs {
			if n.Name == node && v.NIC == nic {
				return &v.ID
			}
		}
	}
	l.t.Fatalf("no VNIC %s of %s", nic, node)
	return nil
}

func (l *lab) subnet(name string) *string {
	l.t.Helper()
	id, err := l.SubnetID(name)
	if err != nil {
		l.t.Fatal(err)
	}
	return &id
}

func (l *lab) fault(f fault.Fault) fault.Fault {
	l.t.Helper()
	set, err := l.SetFault(f)
	if err != nil {
		l.t.Fatal(err)
	}
	return set
}

func (l *lab) move(c core.VirtualNetworkClient, ip netip.Addr, to *string, ifMatch *string) (core.UpdatePrivateIpResponse, error) {
	return c.UpdatePrivateIp(l.ctx(), core.UpdatePrivateIpRequest{
		PrivateIpId: common.String(l.owner(ip).ID), UpdatePrivateIpDetails: core.UpdatePrivateIpDetails{VnicId: to}, IfMatch: ifMatch,
	})
}

func (l *lab) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	l.t.Cleanup(cancel)
	return ctx
}

// wantError checks status and code of a service's error.
func wantError(t *testing.T, err error, status int, code string) {
	t.Helper()
	var s common.ServiceError
	if !errors.As(err, &s) {
		t.Fatalf("want %d %s, got %v", status, code, err)
	}
	if s.GetHTTPStatusCode() != status || s.GetCode() != code {
		t.Fatalf("want %d %s, got %d %s: %s", status, code, s.GetHTTPStatusCode(), s.GetCode(), s.GetMessage())
	}
	if s.GetOpcRequestID() == "" {
		t.Error("the error has no opc-request-id")
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
