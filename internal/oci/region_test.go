// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ocf-oci/internal/imds"
	"ocf-oci/lab/region"
	"ocf-oci/lab/region/control"
	"ocf-oci/lab/region/fault"
)

// The whole protocol, against the simulated region: signatures, federation,
// IAM, ETags, faults. Its network lies in 127.0.0.0/8, because it tells callers
// apart by their source address.

const regionPolicy = `allow dynamic-group routers to use private-ips in compartment network
allow dynamic-group routers to use vnics in compartment network
allow dynamic-group routers to manage virtual-network-family in compartment network`

func regionSpec() region.Spec {
	p, a := netip.MustParsePrefix, netip.MustParseAddr
	vnics := func(last string) []region.VNICSpec {
		return []region.VNICSpec{{NIC: "ens3", Subnet: "isv", IP: a("127.1.0." + last), IPv6: []netip.Addr{a("fd00:1::" + last)}, SkipSourceDestCheck: true}}
	}
	return region.Spec{
		Seed:      "oci-client",
		Subnets:   []region.SubnetSpec{{Name: "isv", CIDR: p("127.1.0.0/24"), IPv6: p("fd00:1::/64")}},
		Instances: []region.InstanceSpec{{Name: "vrouter1", VNICs: vnics("11")}, {Name: "vrouter2", VNICs: vnics("12")}},
		Addresses: []region.AddressSpec{
			{IP: a("127.1.0.100"), Subnet: "isv", Instance: "vrouter1"}, {IP: a("fd00:1::100"), Subnet: "isv", Instance: "vrouter1"},
			{IP: a("127.1.0.10"), Subnet: "isv", Instance: "vrouter1"},
		},
		PublicIPs:     []region.PublicIPSpec{{Name: "web", IP: a("203.0.113.5"), Private: a("127.1.0.100")}},
		Users:         []region.UserSpec{{Name: "alice", Groups: []string{"admins"}}},
		DynamicGroups: []region.DynamicGroupSpec{{Name: "routers", Rule: "Any {instance.compartment.id = '${compartment}'}"}},
		Policy:        regionPolicy + "\nallow group admins to manage virtual-network-family in compartment network",
		ServerNames:   []string{"127.0.0.1"},
	}
}

// template is the region that every test restores, so that all have the
// authority that this process trusts.
var template []byte

func makeTemplate() (ca []byte) {
	r, err := region.New(regionSpec(), region.Options{})
	if err != nil {
		panic(err)
	}
	defer r.Close()
	if template, err = r.Save(); err != nil {
		panic(err)
	}
	return r.CACertificate()
}

type sim struct {
	*region.Region
	t               testing.TB
	api, auth, imds string
}

func newSim(t testing.TB) *sim {
	t.Helper()
	r, err := region.Restore(template, region.Options{})
	must(t, err)
	s := &sim{Region: r, t: t}
	for service, url := range map[region.Service]*string{region.API: &s.api, region.Auth: &s.auth, region.IMDS: &s.imds} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		done := make(chan error, 1)
		go func() { done <- r.Serve(service, l) }()
		t.Cleanup(func() { r.Close(); <-done })
		*url = "https://" + l.Addr().String()
		if service == region.IMDS {
			*url = "http://" + l.Addr().String() + "/opc/v2"
		}
	}
	must(t, r.Program())
	for _, node := range r.Nodes() { // made once, which takes a while
		_, _, _, err := r.InstanceIdentity(node.Name)
		must(t, err)
	}
	return s
}

// node is the client of a router; 1 is vrouter1.
func (s *sim) node(n, dir string) *Client {
	s.t.Helper()
	source := netip.MustParseAddr("127.1.0.1" + n)
	client, err := New(context.Background(), Options{
		Endpoint: s.api, AuthEndpoint: s.auth, StateDir: dir, Source: source,
		IMDS: imds.New(imds.Options{BaseURL: s.imds, Source: source, Timeout: 2 * time.Second}),
	})
	must(s.t, err)
	return client
}

func (s *sim) vnic(name string) VNICID {
	for _, n := range s.Nodes() {
		if n.Name == name {
			return VNICID(n.VNICs[0].ID)
		}
	}
	s.t.Fatalf("no node %s", name)
	return ""
}

func (s *sim) owner(ip string) control.Owner {
	s.t.Helper()
	o, err := s.Owner(netip.MustParseAddr(ip))
	must(s.t, err)
	return o
}

func (s *sim) fault(target string, kind fault.Kind, value string, count int) {
	s.t.Helper()
	_, err := s.SetFault(fault.Fault{Target: target, Kind: kind, Value: value, Count: count})
	must(s.t, err)
}

// calls counts the requests since a moment, by service.
func (s *sim) calls(since time.Time) map[string]int {
	n := map[string]int{}
	for _, c := range s.Calls(since) {
		n[c.Service]++
		if c.Floating {
			s.t.Errorf("%s came from a floating address", c.Operation)
		}
	}
	return n
}

// Everything the agents do, as an instance principal, both families.
func TestRegionOperations(t *testing.T) {
	s := newSim(t)
	dir := stateDir(t)
	client, ctx := s.node("2", dir), within(t, 30*time.Second)
	began := time.Now()
	vnic, err := client.VNIC(ctx, s.vnic("vrouter2"))
	must(t, err)
	if vnic.PrivateIP != netip.MustParseAddr("127.1.0.12") || !vnic.SkipSourceDestCheck || vnic.State != "AVAILABLE" || len(vnic.MAC) != 6 || !vnic.Primary || vnic.Compartment == "" {
		t.Errorf("VNIC %+v", vnic)
	}
	if n := s.calls(began); n["imds"] != 3 || n["auth"] != 1 || n["api"] != 1 {
		t.Errorf("cold start: requests %v, want imds 3, auth 1, api 1", n)
	}
	subnet, err := client.Subnet(ctx, vnic.Subnet)
	must(t, err)
	if subnet.CIDRs[0] != netip.MustParsePrefix("127.1.0.0/24") || subnet.IPv6CIDRs[0] != netip.MustParsePrefix("fd00:1::/64") || subnet.VirtualRouter != netip.MustParseAddr("127.1.0.1") || subnet.RouteTable == "" {
		t.Errorf("subnet %+v", subnet)
	}
	for _, ip := range []string{"127.1.0.100", "fd00:1::100"} {
		addr := netip.MustParseAddr(ip)
		a, err := client.Find(ctx, vnic.Subnet, addr)
		must(t, err)
		if a.IP != addr || a.VNIC != s.vnic("vrouter1") || a.Primary || a.ID.IsIPv6() != addr.Is6() {
			t.Errorf("found %+v", a)
		}
		full, err := client.Address(ctx, a.ID)
		must(t, err)
		if full.ETag == "" || full.ETag != s.owner(ip).ETag {
			t.Errorf("ETag %q", full.ETag)
		}
		// Another writer comes between: compare and swap refuses.
		must(t, s.Give(addr, "vrouter2"))
		must(t, s.Give(addr, "vrouter1"))
		if _, err := client.Move(ctx, full, vnic.ID, full.ETag); KindOf(err) != PreconditionFailed {
			t.Errorf("stale ETag: %v", err)
		}
		if full, err = client.Address(ctx, a.ID); err != nil {
			t.Fatal(err)
		}
		moved, err := client.Move(ctx, full, vnic.ID, full.ETag)
		must(t, err)
		if moved.VNIC != vnic.ID || moved.ETag == full.ETag || s.owner(ip).Node != "vrouter2" {
			t.Errorf("moved to %+v, region says %+v", moved, s.owner(ip))
		}
		must(t, client.Detach(ctx, a.ID, moved.ETag))
		if free, err := client.Address(ctx, a.ID); err != nil || free.VNIC != "" || s.owner(ip).Node != "" {
			t.Errorf("detached: %+v, %v", free, err)
		}
		if back, err := client.Move(ctx, a, vnic.ID, ""); err != nil || back.VNIC != vnic.ID {
			t.Errorf("taken again: %+v, %v", back, err)
		}
	}
	if public, err := client.PublicIP(ctx, AddressID(s.owner("127.1.0.100").ID)); err != nil || public.IP != netip.MustParseAddr("203.0.113.5") || public.AssignedTo != AddressID(s.owner("127.1.0.100").ID) {
		t.Errorf("public IP %+v, %v", public, err)
	}
	if _, err := client.PublicIP(ctx, AddressID(s.owner("127.1.0.10").ID)); KindOf(err) != Denied && KindOf(err) != NotFound {
		t.Errorf("address without a public IP: %v", err)
	}
	if _, err := client.Find(ctx, vnic.Subnet, netip.MustParseAddr("127.1.0.1")); KindOf(err) != NotFound {
		t.Errorf("127.1.0.10 and .100 exist, .1 was found: %v", err)
	}
	for _, ip := range []string{"127.1.0.77", "fd00:1::77"} {
		first, err := client.Create(ctx, vnic.ID, netip.MustParseAddr(ip), "token-"+ip)
		must(t, err)
		again, err := client.Create(ctx, vnic.ID, netip.MustParseAddr(ip), "token-"+ip)
		if err != nil || again.ID != first.ID {
			t.Errorf("the same token made %+v after %+v: %v", again, first, err)
		}
		if _, err := client.Create(ctx, vnic.ID, netip.MustParseAddr(ip), "another"); KindOf(err) != Conflict && KindOf(err) != Invalid {
			t.Errorf("address in use: %v", err)
		}
	}
	began = time.Now()
	if _, err := s.node("2", dir).Address(ctx, AddressID(s.owner("127.1.0.100").ID)); err != nil {
		t.Error(err)
	}
	if n := s.calls(began); n["imds"] != 0 || n["auth"] != 0 || n["api"] != 1 {
		t.Errorf("warm start: requests %v, want api 1 only", n)
	}
}

// A policy that lacks "use vnics" reads but does not move.
func TestRegionPolicy(t *testing.T) {
	s := newSim(t)
	must(t, s.SetPolicy("allow dynamic-group routers to use private-ips in compartment network"))
	client, ctx := s.node("2", stateDir(t)), within(t, 10*time.Second)
	a, err := client.Address(ctx, AddressID(s.owner("127.1.0.100").ID))
	must(t, err)
	if _, err := client.Move(ctx, a, s.vnic("vrouter2"), ""); KindOf(err) != Denied {
		t.Errorf("%v (%s)", err, KindOf(err))
	}
}

// A user's key, as "oci setup config" writes it down.
func TestRegionAPIKey(t *testing.T) {
	s := newSim(t)
	key, err := s.AddAPIKey("alice", testKey())
	must(t, err)
	folder := t.TempDir()
	must(t, os.WriteFile(filepath.Join(folder, "alice.pem"), key.PrivateKeyPEM, 0o600))
	config := strings.Join([]string{"[HA]", "user=" + key.User, "fingerprint=" + key.Fingerprint, "tenancy=" + key.Tenancy, "region=" + key.Region, "key_file=alice.pem"}, "\n")
	must(t, os.WriteFile(filepath.Join(folder, "config"), []byte(config), 0o600))
	client, err := New(context.Background(), Options{Auth: APIKey, ConfigFile: filepath.Join(folder, "config"), Profile: "HA", Endpoint: s.api})
	must(t, err)
	a, err := client.Move(within(t, 10*time.Second), Address{ID: AddressID(s.owner("127.1.0.100").ID)}, s.vnic("vrouter2"), "")
	if err != nil || a.VNIC != s.vnic("vrouter2") {
		t.Errorf("%+v, %v", a, err)
	}
	s.RevokeAPIKey("alice", key.Fingerprint)
	began := time.Now()
	if _, err := client.Address(within(t, 10*time.Second), a.ID); KindOf(err) != Unauthenticated || time.Since(began) > 2500*time.Millisecond {
		t.Errorf("revoked key: %v after %s", err, time.Since(began))
	}
	if n := s.calls(began); n["api"] != 1 {
		t.Errorf("a key that cannot be renewed was tried %d times", n["api"])
	}
}

// Many moves at once, over a limit of requests: Retry brings all through.
func TestRegionLimit(t *testing.T) {
	t.Parallel()
	s := newSim(t)
	client := s.node("2", stateDir(t))
	id := AddressID(s.owner("127.1.0.100").ID)
	_, err := client.Address(within(t, 10*time.Second), id)
	must(t, err)
	must(t, s.Change(func(c *region.Settings) { c.Limit = 10 }))
	var wg sync.WaitGroup
	for range 24 {
		wg.Go(func() {
			err := Retry(within(t, 20*time.Second), nil, func(ctx context.Context) error {
				_, err := client.Address(ctx, id)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
