// SPDX-License-Identifier: Apache-2.0

package region_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/core"

	"ocf-oci/lab/region"
)

func TestRulesOfAMove(t *testing.T) {
	l := start(t, func(s *region.Spec) { s.Quirks.SecondaryPerVNIC = 2 }, region.Options{})
	c := l.admin()
	primary := netip.MustParseAddr("127.1.0.11")
	_, err := l.move(c, primary, l.vnic("vrouter2", "ens3"), nil)
	wantError(t, err, 400, "InvalidParameter")
	_, err = l.move(c, floating, l.vnic("vrouter2", "ens5"), nil) // the other subnet
	wantError(t, err, 400, "InvalidParameter")
	_, err = l.move(c, floating, common.String("ocid1.vnic.oc1.ca-toronto-1.gone"), nil)
	wantError(t, err, 400, "RelatedResourceNotAuthorizedOrNotFound")
	_, err = c.UpdatePrivateIp(l.ctx(), core.UpdatePrivateIpRequest{PrivateIpId: common.String("ocid1.privateip.oc1.ca-toronto-1.gone"),
		UpdatePrivateIpDetails: core.UpdatePrivateIpDetails{VnicId: l.vnic("vrouter2", "ens3")}})
	wantError(t, err, 404, "NotAuthorizedOrNotFound")
	for _, a := range []string{"127.1.0.101", "127.1.0.102"} {
		if err := l.Create(region.AddressSpec{IP: netip.MustParseAddr(a), Subnet: "isv", Instance: "vrouter2"}); err != nil {
			t.Fatal(err)
		}
	}
	_, err = l.move(c, floating, l.vnic("vrouter2", "ens3"), nil) // one too many
	wantError(t, err, 400, "LimitExceeded")
	if o := l.owner(floating); o.Node != "vrouter1" {
		t.Errorf("a refused move changed the owner to %s", o.Node)
	}
}

func TestQuirks(t *testing.T) {
	l := start(t, func(s *region.Spec) {
		s.Quirks = region.Quirks{ETagUnchangedByMove: true, AddressInUse: "409 Conflict", CrossSubnet: "400 NotInSubnet", TooMany: "409 QuotaExceeded", SecondaryPerVNIC: 1}
	}, region.Options{})
	c := l.admin()
	etag := l.owner(floating).ETag
	moved := must(l.move(c, floating, l.vnic("vrouter2", "ens3"), &etag))(t)
	if *moved.Etag != etag {
		t.Errorf("etag changed from %s to %s", etag, *moved.Etag)
	}
	_, err := l.move(c, floating, l.vnic("vrouter2", "ens5"), nil)
	wantError(t, err, 400, "NotInSubnet")
	create := func(ip string) error {
		_, err := c.CreatePrivateIp(l.ctx(), core.CreatePrivateIpRequest{CreatePrivateIpDetails: core.CreatePrivateIpDetails{VnicId: l.vnic("vrouter2", "ens3"), IpAddress: &ip}})
		return err
	}
	wantError(t, create(floating.String()), 409, "Conflict")
	wantError(t, create("127.1.0.77"), 409, "QuotaExceeded")
	spec := testSpec()
	spec.Quirks.TooMany = "many"
	if _, err := region.New(spec, region.Options{}); err == nil {
		t.Error("a quirk without status was taken")
	}
}

func TestCreateAndRetryToken(t *testing.T) {
	l := start(t, nil, region.Options{})
	c := l.admin()
	create := func(ip, token string) (core.CreatePrivateIpResponse, error) {
		r := core.CreatePrivateIpRequest{CreatePrivateIpDetails: core.CreatePrivateIpDetails{VnicId: l.vnic("vrouter1", "ens3"), IpAddress: &ip,
			Lifetime: core.CreatePrivateIpDetailsLifetimeReserved, DisplayName: common.String("vip")}}
		if token != "" {
			r.OpcRetryToken = &token
		}
		return c.CreatePrivateIp(l.ctx(), r)
	}
	made := must(create("127.1.0.120", "token-1"))(t)
	if *made.IpAddress != "127.1.0.120" || made.Lifetime != "RESERVED" || made.IpState != "ASSIGNED" || *made.DisplayName != "vip" || made.Etag == nil {
		t.Errorf("made %v", made)
	}
	// The answer was lost, say; the same request again gives the same object.
	again := must(create("127.1.0.120", "token-1"))(t)
	if *again.Id != *made.Id {
		t.Errorf("the retry made %s besides %s", *again.Id, *made.Id)
	}
	_, err := create("127.1.0.120", "token-2")
	wantError(t, err, 400, "InvalidParameter") // in use
	_, err = create("127.1.0.121", "token-1")
	wantError(t, err, 400, "InvalidParameter") // another request
	if _, err := c.DeletePrivateIp(l.ctx(), core.DeletePrivateIpRequest{PrivateIpId: made.Id}); err != nil {
		t.Fatal(err)
	}
	_, err = create("127.1.0.120", "token-1")
	wantError(t, err, 409, "InvalidatedRetryToken")
	anew := must(create("127.1.0.120", "token-3"))(t)
	if *anew.Id == *made.Id {
		t.Error("a deleted and created address has its old OCID")
	}
	for _, ip := range []string{"127.1.0.0", "127.1.0.1", "127.1.0.255", "127.2.0.50", "127.1.0.11"} {
		_, err := create(ip, "")
		wantError(t, err, 400, "InvalidParameter")
	}
	_, err = c.CreatePrivateIp(l.ctx(), core.CreatePrivateIpRequest{CreatePrivateIpDetails: core.CreatePrivateIpDetails{IpAddress: common.String("127.1.0.130")}})
	wantError(t, err, 400, "MissingParameter")
	free := must(c.CreatePrivateIp(l.ctx(), core.CreatePrivateIpRequest{CreatePrivateIpDetails: core.CreatePrivateIpDetails{SubnetId: l.subnet("isv")}}))(t)
	if free.VnicId != nil || free.IpState != "AVAILABLE" || *free.IpAddress != "127.1.0.2" {
		t.Errorf("an address of a subnet: %v", free)
	}
}

// TestRetryTokenOfRunningRequest sends one create twice at once.
func TestRetryTokenOfRunningRequest(t *testing.T) {
	l := start(t, nil, region.Options{})
	c := l.admin()
	ids := make(chan string, 8)
	for range cap(ids) {
		go func() {
			r, err := c.CreatePrivateIp(l.ctx(), core.CreatePrivateIpRequest{OpcRetryToken: common.String("same"),
				CreatePrivateIpDetails: core.CreatePrivateIpDetails{VnicId: l.vnic("vrouter1", "ens3"), IpAddress: common.String("127.1.0.140")}})
			if err != nil {
				ids <- err.Error()
				return
			}
			ids <- *r.Id
		}()
	}
	first := <-ids
	for range cap(ids) - 1 {
		if id := <-ids; id != first || !strings.HasPrefix(id, "ocid1.privateip.oc1.ca-toronto-1.") {
			t.Errorf("got %s and %s", first, id)
		}
	}
}

func TestDeleteBlackHolesTheRoute(t *testing.T) {
	plane := newPlane()
	l := start(t, nil, region.Options{Dataplane: plane})
	c := l.admin()
	table := must(c.GetSubnet(l.ctx(), core.GetSubnetRequest{SubnetId: l.subnet("isv")}))(t).RouteTableId
	rules := must(c.GetRouteTable(l.ctx(), core.GetRouteTableRequest{RtId: table}))(t)
	id := l.owner(floating).ID
	if len(rules.RouteRules) != 1 || *rules.RouteRules[0].NetworkEntityId != id || *rules.RouteRules[0].Destination != "127.2.0.0/24" {
		t.Fatalf("rules %v", rules.RouteRules)
	}
	if got := plane.rules(*l.subnet("isv")); len(got) != 1 || got[0].Via != floating {
		t.Fatalf("the data plane routes by %v", got)
	}
	if _, err := c.DeletePrivateIp(l.ctx(), core.DeletePrivateIpRequest{PrivateIpId: &id, IfMatch: common.String("old")}); err == nil {
		t.Fatal("a delete with an old etag was done")
	}
	if _, err := c.DeletePrivateIp(l.ctx(), core.DeletePrivateIpRequest{PrivateIpId: &id}); err != nil {
		t.Fatal(err)
	}
	_, err := c.DeletePrivateIp(l.ctx(), core.DeletePrivateIpRequest{PrivateIpId: &id})
	wantError(t, err, 404, "NotAuthorizedOrNotFound")
	plane.until(t, func() bool { return !plane.rules(*l.subnet("isv"))[0].Via.IsValid() && plane.owner(floating) == "" })
	// The same address again is another object, and the rule still names the old one.
	if err := l.Create(region.AddressSpec{IP: floating, Subnet: "isv", Instance: "vrouter1"}); err != nil {
		t.Fatal(err)
	}
	made := must(c.ListPrivateIps(l.ctx(), core.ListPrivateIpsRequest{SubnetId: l.subnet("isv"), IpAddress: common.String(floating.String())}))(t).Items[0]
	plane.until(t, func() bool { return plane.owner(floating) == *l.vnic("vrouter1", "ens3") })
	if got := plane.rules(*l.subnet("isv")); got[0].Via.IsValid() {
		t.Errorf("the rule works again without being changed: %v", got)
	}
	// Pointing the rule to the new object mends it; a private IP elsewhere cannot be a target.
	rule := core.RouteRule{Destination: common.String("127.2.0.0/24"), NetworkEntityId: made.Id, DestinationType: "CIDR_BLOCK"}
	updated := must(c.UpdateRouteTable(l.ctx(), core.UpdateRouteTableRequest{RtId: table, IfMatch: rules.Etag,
		UpdateRouteTableDetails: core.UpdateRouteTableDetails{RouteRules: []core.RouteRule{rule}}}))(t)
	if len(updated.RouteRules) != 1 || *updated.Etag == *rules.Etag {
		t.Errorf("updated to %v", updated)
	}
	plane.until(t, func() bool { return plane.rules(*l.subnet("isv"))[0].Via == floating })
	rule.NetworkEntityId = common.String(id)
	_, err = c.UpdateRouteTable(l.ctx(), core.UpdateRouteTableRequest{RtId: table, UpdateRouteTableDetails: core.UpdateRouteTableDetails{RouteRules: []core.RouteRule{rule}}})
	wantError(t, err, 400, "RelatedResourceNotAuthorizedOrNotFound")
}

func TestDetachKeepsTheObject(t *testing.T) {
	plane := newPlane()
	l := start(t, nil, region.Options{Dataplane: plane})
	c := l.admin()
	before := l.owner(floating)
	_, err := c.PrivateIpVnicDetach(l.ctx(), core.PrivateIpVnicDetachRequest{PrivateIpId: &before.ID, IfMatch: common.String("old")})
	wantError(t, err, 412, "NoEtagMatch")
	got := must(c.PrivateIpVnicDetach(l.ctx(), core.PrivateIpVnicDetachRequest{PrivateIpId: &before.ID, IfMatch: &before.ETag}))(t)
	if got.VnicId != nil || got.IpState != "AVAILABLE" || *got.Id != before.ID {
		t.Errorf("detached: %v", got)
	}
	plane.until(t, func() bool { return plane.owner(floating) == "" && !plane.rules(*l.subnet("isv"))[0].Via.IsValid() })
	_, err = c.PrivateIpVnicDetach(l.ctx(), core.PrivateIpVnicDetachRequest{PrivateIpId: &before.ID})
	wantError(t, err, 409, "IncorrectState")
	must(l.move(c, floating, l.vnic("vrouter2", "ens3"), nil))(t)
	plane.until(t, func() bool { return plane.rules(*l.subnet("isv"))[0].Via == floating })
	if o := l.owner(floating); o.ID != before.ID || o.PublicIP != "203.0.113.5" {
		t.Errorf("owner %+v", o)
	}
}

func TestPublicIPFollowsItsObject(t *testing.T) {
	l := start(t, nil, region.Options{})
	c := l.admin()
	id := l.owner(floating).ID
	of := func() (core.GetPublicIpByPrivateIpIdResponse, error) {
		return c.GetPublicIpByPrivateIpId(l.ctx(), core.GetPublicIpByPrivateIpIdRequest{GetPublicIpByPrivateIpIdDetails: core.GetPublicIpByPrivateIpIdDetails{PrivateIpId: &id}})
	}
	got := must(of())(t)
	if *got.IpAddress != "203.0.113.5" || got.LifecycleState != "ASSIGNED" || *got.AssignedEntityId != id {
		t.Errorf("got %v", got)
	}
	must(l.move(c, floating, l.vnic("vrouter2", "ens3"), nil))(t)
	must(of())(t)
	if err := l.Delete(floating); err != nil {
		t.Fatal(err)
	}
	_, err := of()
	wantError(t, err, 404, "NotAuthorizedOrNotFound")
	free := must(c.GetPublicIp(l.ctx(), core.GetPublicIpRequest{PublicIpId: got.Id}))(t)
	if free.LifecycleState != "AVAILABLE" || free.PrivateIpId != nil {
		t.Errorf("after the delete: %v", free)
	}
}
