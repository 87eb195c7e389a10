// SPDX-License-Identifier: Apache-2.0

package region_test

import (
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/core"

	"ocf-oci/lab/region"
)

func TestMoveIsOneCompareAndSwap(t *testing.T) {
	l := start(t, nil, region.Options{})
	c := l.admin()
	got := must(c.GetPrivateIp(l.ctx(), core.GetPrivateIpRequest{PrivateIpId: common.String(l.owner(floating).ID)}))(t)
	if *got.IpAddress != floating.String() || *got.IsPrimary || *got.VnicId != *l.vnic("vrouter1", "ens3") || got.Etag == nil {
		t.Fatalf("GetPrivateIp: %v", got)
	}
	moved := must(l.move(c, floating, l.vnic("vrouter2", "ens3"), got.Etag))(t)
	if *moved.VnicId != *l.vnic("vrouter2", "ens3") || *moved.Etag == *got.Etag {
		t.Fatalf("moved to %s with etag %s (was %s)", *moved.VnicId, *moved.Etag, *got.Etag)
	}
	if o := l.owner(floating); o.Node != "vrouter2" || o.NIC != "ens3" {
		t.Fatalf("owner is %+v", o)
	}
	// The old ETag has lost: this is what stops a paused node from stealing the address back.
	_, err := l.move(c, floating, l.vnic("vrouter1", "ens3"), got.Etag)
	wantError(t, err, 412, "NoEtagMatch")
	if o := l.owner(floating); o.Node != "vrouter2" {
		t.Fatalf("a lost write moved the address to %s", o.Node)
	}
	// Without if-match the last writer wins; moving to where it is changes nothing.
	again := must(l.move(c, floating, l.vnic("vrouter2", "ens3"), nil))(t)
	if *again.Etag != *moved.Etag {
		t.Errorf("a move that changes nothing changed the etag")
	}
	must(l.move(c, floating, l.vnic("vrouter1", "ens3"), nil))(t)
	if o := l.owner(floating); o.Node != "vrouter1" {
		t.Fatalf("owner is %s", o.Node)
	}
}
