// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"net/netip"
	"testing"

	"ocf-oci/internal/oci"
)

func TestPublicIPAfterAMove(t *testing.T) {
	const here, elsewhere = oci.AddressID("ocid1.privateip.a"), oci.AddressID("ocid1.privateip.b")
	public := netip.MustParseAddr("203.0.113.5")
	none := &oci.Error{Op: "GetPublicIpByPrivateIpId", Kind: oci.Denied, Status: 404}
	for _, c := range []struct {
		name   string
		answer oci.PublicIP
		err    error
		before netip.Addr
		want   hanging
	}{
		{"it came along", oci.PublicIP{IP: public, State: "ASSIGNED", AssignedTo: here}, nil, netip.Addr{}, hangsHere},
		{"it is on its way", oci.PublicIP{IP: public, State: "ASSIGNING", AssignedTo: here}, nil, netip.Addr{}, hangsElsewise},
		{"it is another's", oci.PublicIP{IP: public, State: "ASSIGNED", AssignedTo: elsewhere}, nil, public, hangsElsewise},
		{"there is none", oci.PublicIP{}, none, netip.Addr{}, hangsNone},
		{"there was one", oci.PublicIP{}, none, public, hangsLost},
		{"no answer", oci.PublicIP{}, &oci.Error{Kind: oci.Transient}, public, hangsUnknown},
		{"no answer that is known", oci.PublicIP{}, errors.New("x"), netip.Addr{}, hangsUnknown},
	} {
		if got := judgePublic(c.answer, c.err, here, c.before); got != c.want {
			t.Errorf("%s: want %d, got %d", c.name, c.want, got)
		}
	}
}
