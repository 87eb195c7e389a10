// SPDX-License-Identifier: Apache-2.0

package region_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/core"

	"ocf-oci/lab/region"
)

func TestIPv6(t *testing.T) {
	l := start(t, nil, region.Options{})
	c := l.admin()
	ip := netip.MustParseAddr("fd00:1::100")
	id := l.owner(ip).ID
	if !strings.HasPrefix(id, "ocid1.ipv6.") {
		t.Errorf("id %s", id)
	}
	found := must(c.ListIpv6s(l.ctx(), core.ListIpv6sRequest{SubnetId: l.subnet("isv"), IpAddress: common.String("fd00:1:0::100")}))(t)
	if len(found.Items) != 1 || *found.Items[0].Id != id || found.Items[0].LifecycleState != "AVAILABLE" {
		t.Fatalf("found %v", found.Items)
	}
	got := must(c.GetIpv6(l.ctx(), core.GetIpv6Request{Ipv6Id: &id}))(t)
	move := func(etag *string) (core.UpdateIpv6Response, error) {
		return c.UpdateIpv6(l.ctx(), core.UpdateIpv6Request{Ipv6Id: &id, IfMatch: etag, UpdateIpv6Details: core.UpdateIpv6Details{VnicId: l.vnic("vrouter2", "ens3")}})
	}
	if moved := must(move(got.Etag))(t); *moved.VnicId != *l.vnic("vrouter2", "ens3") || l.owner(ip).Node != "vrouter2" {
		t.Errorf("moved to %v", moved)
	}
	_, err := move(got.Etag)
	wantError(t, err, 412, "NoEtagMatch")
	must(c.Ipv6VnicDetach(l.ctx(), core.Ipv6VnicDetachRequest{Ipv6Id: &id}))(t)
	if l.owner(ip).Node != "" {
		t.Error("not detached")
	}
	if _, err := c.DeleteIpv6(l.ctx(), core.DeleteIpv6Request{Ipv6Id: &id}); err != nil {
		t.Fatal(err)
	}
	made := must(c.CreateIpv6(l.ctx(), core.CreateIpv6Request{CreateIpv6Details: core.CreateIpv6Details{VnicId: l.vnic("vrouter1", "ens3"), IpAddress: common.String("fd00:1::100")}}))(t)
	if *made.Id == id || l.owner(ip).Node != "vrouter1" {
		t.Errorf("made %v", made)
	}
	// The two families do not mix.
	_, err = c.GetPrivateIp(l.ctx(), core.GetPrivateIpRequest{PrivateIpId: made.Id})
	wantError(t, err, 404, "NotAuthorizedOrNotFound")
	_, err = c.ListPrivateIps(l.ctx(), core.ListPrivateIpsRequest{SubnetId: l.subnet("isv"), IpAddress: common.String("fd00:1::100")})
	wantError(t, err, 400, "InvalidParameter")
	v := must(c.GetVnic(l.ctx(), core.GetVnicRequest{VnicId: l.vnic("vrouter1", "ens3")}))(t)
	if !slices.Contains(v.Ipv6Addresses, "fd00:1::100") || *v.PrivateIp != "127.1.0.11" || !strings.EqualFold(*v.MacAddress, l.Nodes()[0].VNICs[0].MAC) {
		t.Errorf("vnic %v", v)
	}
}

func TestPagination(t *testing.T) {
	l := start(t, nil, region.Options{})
	c := l.admin()
	for i := range 7 {
		if err := l.Create(region.AddressSpec{IP: netip.AddrFrom4([4]byte{127, 1, 0, byte(20 + i)}), Subnet: "isv"}); err != nil {
			t.Fatal(err)
		}
	}
	var sizes []int
	seen := map[string]bool{}
	r := core.ListPrivateIpsRequest{SubnetId: l.subnet("isv"), Limit: common.Int(4)}
	for {
		got := must(c.ListPrivateIps(l.ctx(), r))(t)
		sizes = append(sizes, len(got.Items))
		for _, i := range got.Items {
			if seen[*i.IpAddress] {
				t.Errorf("%s is there twice", *i.IpAddress)
			}
			seen[*i.IpAddress] = true
		}
		if r.Page = got.OpcNextPage; r.Page == nil {
			break
		}
	}
	if !slices.Equal(sizes, []int{4, 4, 2}) || len(seen) != 10 { // 7, two primary ones, the floating one
		t.Errorf("pages of %v with %d addresses", sizes, len(seen))
	}
	for _, r := range []core.ListPrivateIpsRequest{
		{SubnetId: l.subnet("isv"), Limit: common.Int(0)}, {SubnetId: l.subnet("isv"), Limit: common.Int(1001)},
		{SubnetId: l.subnet("isv"), Page: common.String("%%%")}, {VnicId: l.vnic("vrouter1", "ens3"), IpAddress: common.String("10.0.0")},
	} {
		_, err := c.ListPrivateIps(l.ctx(), r)
		wantError(t, err, 400, "InvalidParameter")
	}
	_, err := c.ListPrivateIps(l.ctx(), core.ListPrivateIpsRequest{IpAddress: common.String(floating.String())})
	wantError(t, err, 400, "MissingParameter")
	_, err = c.ListPrivateIps(l.ctx(), core.ListPrivateIpsRequest{SubnetId: common.String("ocid1.subnet.oc1.ca-toronto-1.gone")})
	wantError(t, err, 404, "NotAuthorizedOrNotFound")
	held := must(c.ListPrivateIps(l.ctx(), core.ListPrivateIpsRequest{VnicId: l.vnic("vrouter1", "ens3")}))(t)
	if len(held.Items) != 2 {
		t.Errorf("vrouter1's VNIC holds %v", held.Items)
	}
	free := must(c.ListPrivateIps(l.ctx(), core.ListPrivateIpsRequest{SubnetId: l.subnet("isv"), IpState: common.String("AVAILABLE")}))(t)
	if len(free.Items) != 7 {
		t.Errorf("available are %d", len(free.Items))
	}
}

func TestVnicAndInstance(t *testing.T) {
	plane, machines := newPlane(), &machines{}
	l := start(t, nil, region.Options{Dataplane: plane, Power: machines})
	c, p := l.admin(), l.keyProvider("alice")
	id := l.vnic("vrouter2", "ens3")
	v := must(c.GetVnic(l.ctx(), core.GetVnicRequest{VnicId: id}))(t)
	if *v.SkipSourceDestCheck || v.LifecycleState != "AVAILABLE" || !*v.IsPrimary || *v.SubnetId != *l.subnet("isv") || !plane.check(*id) {
		t.Fatalf("vnic %v, checked %v", v, plane.check(*id))
	}
	set := core.UpdateVnicRequest{VnicId: id, IfMatch: v.Etag, UpdateVnicDetails: core.UpdateVnicDetails{SkipSourceDestCheck: common.Bool(true)}}
	if got := must(c.UpdateVnic(l.ctx(), set))(t); !*got.SkipSourceDestCheck {
		t.Errorf("updated %v", got)
	}
	plane.until(t, func() bool { return !plane.check(*id) })
	_, err := c.UpdateVnic(l.ctx(), set)
	wantError(t, err, 412, "NoEtagMatch")

	k := l.compute(p, "127.1.0.11")
	compartment := l.CompartmentID()
	inst := l.Nodes()[1].ID
	att := must(k.ListVnicAttachments(l.ctx(), core.ListVnicAttachmentsRequest{CompartmentId: &compartment, InstanceId: &inst}))(t)
	if len(att.Items) != 2 || *att.Items[0].InstanceId != inst || att.Items[0].LifecycleState != "ATTACHED" {
		t.Errorf("attachments %v", att.Items)
	}
	state := func() core.InstanceLifecycleStateEnum {
		return must(k.GetInstance(l.ctx(), core.GetInstanceRequest{InstanceId: &inst}))(t).LifecycleState
	}
	if state() != "RUNNING" {
		t.Fatalf("state %s", state())
	}
	machines.hold = make(chan struct{})
	act := func(a core.InstanceActionActionEnum) error {
		_, err := k.InstanceAction(l.ctx(), core.InstanceActionRequest{InstanceId: &inst, Action: a})
		return err
	}
	if err := act("STOP"); err != nil || state() != "STOPPING" {
		t.Errorf("STOP: %v, state %s", err, state())
	}
	wantError(t, act("RESET"), 409, "IncorrectState")
	close(machines.hold)
	plane.until(t, func() bool { return state() == "STOPPED" })
	if got := machines.list(); !slices.Equal(got, []string{"STOP vrouter2"}) {
		t.Errorf("machines did %v", got)
	}
	if err := act("START"); err != nil {
		t.Error(err)
	}
	plane.until(t, func() bool { return state() == "RUNNING" })
}

func TestPropagation(t *testing.T) {
	plane := newPlane()
	l := start(t, func(s *region.Spec) { s.Propagation = 300 * time.Millisecond }, region.Options{Dataplane: plane})
	c := l.admin()
	begin := time.Now()
	must(l.move(c, floating, l.vnic("vrouter2", "ens3"), nil))(t)
	if o := l.owner(floating); o.Node != "vrouter2" || o.Dataplane != "vrouter1" {
		t.Errorf("right after the commit: %+v", o)
	}
	if l.Status().Pending == 0 {
		t.Error("nothing is pending")
	}
	// A shorter delay does not overtake what is under way: the data plane sees the moves in order.
	if err := l.Change(func(s *region.Settings) { s.Propagation = 0 }); err != nil {
		t.Fatal(err)
	}
	must(l.move(c, floating, l.vnic("vrouter1", "ens3"), nil))(t)
	must(l.move(c, second, l.vnic("vrouter2", "ens5"), nil))(t)
	plane.until(t, func() bool { return plane.owner(second) == *l.vnic("vrouter2", "ens5") })
	if d := time.Since(begin); d > 250*time.Millisecond {
		t.Logf("this machine is slow: %s", d)
	} else if plane.owner(floating) != *l.vnic("vrouter1", "ens3") || len(plane.story(floating)) != 1 {
		t.Errorf("the first move arrived after %s: %v", d, plane.story(floating))
	}
	plane.until(t, func() bool { return len(plane.story(floating)) == 3 })
	if d := time.Since(begin); d < 300*time.Millisecond {
		t.Errorf("the data plane knew after %s", d)
	}
	one, two := *l.vnic("vrouter1", "ens3"), *l.vnic("vrouter2", "ens3")
	if got := plane.story(floating); !slices.Equal(got, []string{one, two, one}) {
		t.Errorf("the data plane was told %v", got)
	}
	if o := l.owner(floating); o.Dataplane != "vrouter1" {
		t.Errorf("owner %+v", o)
	}
}
