// SPDX-License-Identifier: Apache-2.0

package imds

import (
	"net"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var sameAddresses = cmp.Comparer(func(a, b netip.Addr) bool { return a == b })
var samePrefixes = cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })

func mac(s string) net.HardwareAddr {
	m, err := net.ParseMAC(s)
	if err != nil {
		panic(err)
	}
	return m
}

// The shapes that real instances give (virtual machine, bare metal, dual stack,
// IPv6 only), and what must not cost us the rest of the answer.
func TestDecodeVNICs(t *testing.T) {
	vm := VNIC{ID: "ocid1.vnic.oc1.phx.a", MAC: mac("02:00:17:05:d1:db"), PrivateIP: netip.MustParseAddr("10.0.0.11"),
		SubnetCIDR: netip.MustParsePrefix("10.0.0.0/24"), VirtualRouter: netip.MustParseAddr("10.0.0.1"), VLANTag: 1036}
	bare := vm
	bare.MAC, bare.VLANTag, bare.NICIndex = mac("90:e2:ba:d4:f1:68"), 0, 1
	dual := vm
	dual.IPv6 = []netip.Addr{netip.MustParseAddr("2603:c020:400d:5d7e::1")}
	dual.IPv6CIDRs = []netip.Prefix{netip.MustParsePrefix("2603:c020:400d:5d00::/56")}
	dual.IPv6Router = netip.MustParseAddr("fe80::200:17ff:fe5d:7e")
	only6 := VNIC{ID: "b", MAC: mac("02:00:17:18:f6:ff"), IPv6: dual.IPv6, IPv6CIDRs: dual.IPv6CIDRs, VLANTag: 2659}
	for name, test := range map[string]struct {
		in   string
		want []VNIC
	}{
		"virtual machine, upper-case MAC": {oneVNIC, []VNIC{vm}},
		"bare metal":                      {`[{"vnicId":"ocid1.vnic.oc1.phx.a","privateIp":"10.0.0.11","macAddr":"90:e2:ba:d4:f1:68","virtualRouterIp":"10.0.0.1","subnetCidrBlock":"10.0.0.0/24","vlanTag":0,"nicIndex":1}]`, []VNIC{bare}},
		"dual stack": {`[{"vnicId":"ocid1.vnic.oc1.phx.a","privateIp":"10.0.0.11","macAddr":"02:00:17:05:D1:DB","virtualRouterIp":"10.0.0.1","subnetCidrBlock":"10.0.0.0/24","vlanTag":1036,
			"ipv6Addresses":["2603:c020:400d:5d7e::1"],"ipv6SubnetCidrBlock":"2603:c020:400d:5d00::/56","ipv6VirtualRouterIp":"fe80::200:17ff:fe5d:7e"}]`, []VNIC{dual}},
		"IPv6 only, literal <null>": {`[{"vnicId":"b","macAddr":"02:00:17:18:F6:FF","subnetCidrBlock":"<null>","privateIp":null,"virtualRouterIp":"<null>","vlanTag":2659,
			"ipv6Addresses":["2603:c020:400d:5d7e::1"],"ipv6SubnetCidrBlock":["2603:c020:400d:5d00::/56"]}]`, []VNIC{only6}},
		"unknown keys, other types": {`[{"vnicId":"ocid1.vnic.oc1.phx.a","privateIp":"10.0.0.11","macAddr":"02:00:17:05:D1:DB","virtualRouterIp":"10.0.0.1","subnetCidrBlock":"10.0.0.9/24","vlanTag":"1036",
			"nicIndex":null,"routes":{"a":[1]},"ipv6Addresses":{}}]`, []VNIC{vm}},
		"an entry without an OCID": {`[{"macAddr":"02:00:17:05:D1:DB"},` + oneVNIC[1:], []VNIC{vm}},
		"MAC that is none":         {`[{"vnicId":"b","macAddr":"??"}]`, []VNIC{{ID: "b"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := decodeVNICs([]byte(test.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, sameAddresses, samePrefixes); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, bad := range []string{"", "null", "{}", "[]", `[{"vnicId":"<null>"}]`, `[1]`, "<html>"} {
		if got, err := decodeVNICs([]byte(bad)); err == nil {
			t.Errorf("%q decoded to %v", bad, got)
		}
	}
}

func FuzzVNICs(f *testing.F) {
	f.Add([]byte(oneVNIC))
	f.Add([]byte(`[{"vnicId":"a","ipv6Addresses":["::1"],"subnetCidrBlock":"<null>","vlanTag":-1}]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		vnics, err := decodeVNICs(b)
		if err == nil && len(vnics) == 0 {
			t.Error("no error and no VNIC")
		}
		for _, v := range vnics {
			if v.ID == "" {
				t.Error("VNIC without an OCID")
			}
			if v.SubnetCIDR.IsValid() && v.SubnetCIDR != v.SubnetCIDR.Masked() {
				t.Errorf("subnet %s has host bits", v.SubnetCIDR)
			}
		}
	})
}

func FuzzInstance(f *testing.F) {
	f.Add([]byte(`{"id":"i","region":"phx","canonicalRegionName":"us-phoenix-1","metadata":{"a":"b"}}`))
	f.Add([]byte(`{"realmKey":"oc1","realmDomainComponent":"oraclecloud.com","regionKey":"YYZ","regionIdentifier":"ca-toronto-1"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if i, err := decodeInstance(b); err == nil && i.ID == "" && i.Region == "" {
			t.Error("an instance without id and region")
		}
		if r, err := decodeRegionInfo(b); err == nil && (r.Region == "" || r.RealmDomain == "") {
			t.Errorf("region information %+v is not complete", r)
		}
	})
}
