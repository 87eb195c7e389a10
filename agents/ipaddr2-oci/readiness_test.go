// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/ocf"
	"ocf-oci/internal/oci"
)

// oneAddress is a VCN with a single private IP, which heeds if-match.
type oneAddress struct {
	is    oci.Address
	asked []string
}

func (o *oneAddress) VNIC(context.Context, oci.VNICID) (oci.VNIC, error) {
	o.asked = append(o.asked, "GetVnic")
	return oci.VNIC{Subnet: o.is.Subnet}, nil
}

func (o *oneAddress) Address(context.Context, oci.AddressID) (oci.Address, error) {
	o.asked = append(o.asked, "Get")
	return o.is, nil
}

func (o *oneAddress) Find(context.Context, oci.SubnetID, netip.Addr) (oci.Address, error) {
	o.asked = append(o.asked, "List")
	return o.is, nil
}

func (o *oneAddress) Move(_ context.Context, _ oci.Address, to oci.VNICID, ifMatch string) (oci.Address, error) {
	o.asked = append(o.asked, "Update "+ifMatch)
	if ifMatch != o.is.ETag {
		return oci.Address{}, &oci.Error{Op: "UpdatePrivateIp", Kind: oci.PreconditionFailed, Status: 412}
	}
	o.is.VNIC, o.is.ETag = to, o.is.ETag+"'"
	return o.is, nil
}

func (o *oneAddress) Create(context.Context, oci.VNICID, netip.Addr, string) (oci.Address, error) {
	panic("it exists")
}

func takeFrom(t *testing.T, seen *floating.Sighting) (*oneAddress, string) {
	t.Helper()
	ip := netip.MustParseAddr("10.0.0.100")
	api := &oneAddress{is: oci.Address{ID: "a", IP: ip, VNIC: "holder", Subnet: "s", ETag: "2"}}
	m := &mover{api: api, log: slog.New(slog.DiscardHandler), target: &floating.Target{IP: ip, VNIC: "me", Address: "a", Subnet: "s"},
		carry: func() error { return nil }, takeover: takeover{ip: ip, mine: "me", ready: seen}}
	if failed := m.run(t.Context()); failed != nil {
		return api, failed.Text
	}
	return api, ""
}

// A start after a readiness check needs one request; one after a check that is out of date, or old, looks first or again.
func TestTakingOverAfterAReadinessCheck(t *testing.T) {
	now := floating.Boottime()
	for name, c := range map[string]struct {
		seen *floating.Sighting
		want []string
	}{
		"fresh":                    {&floating.Sighting{Holder: "holder", ETag: "2", At: now}, []string{"Update 2"}},
		"moved by others since":    {&floating.Sighting{Holder: "first", ETag: "1", At: now}, []string{"Update 1", "Get", "Update 2"}},
		"changed, the same holder": {&floating.Sighting{Holder: "holder", ETag: "1", At: now}, []string{"Update 1", "Get", "Update 2"}},
		"old":                      {&floating.Sighting{Holder: "holder", ETag: "2", At: now - 121*time.Second}, []string{"Get", "Update 2"}},
		"never":                    {nil, []string{"Get", "Update 2"}},
	} {
		api, failed := takeFrom(t, c.seen)
		if failed != "" || api.is.VNIC != "me" {
			t.Errorf("%s: holder %s, %s", name, api.is.VNIC, failed)
		}
		if got := api.asked; len(got) != len(c.want) || got[0] != c.want[0] || got[len(got)-1] != c.want[len(c.want)-1] {
			t.Errorf("%s: requests %q, want %q", name, got, c.want)
		}
	}
}

// limited answers 429 from a request on.
type limited struct {
	*oneAddress
	from int
}

func (l limited) refused(op string) error {
	if len(l.asked) < l.from {
		return nil
	}
	return &oci.Error{Op: op, Kind: oci.Throttled, Status: 429}
}

func (l limited) VNIC(ctx context.Context, id oci.VNICID) (oci.VNIC, error) {
	if err := l.refused("GetVnic"); err != nil {
		return oci.VNIC{}, err
	}
	v, err := l.oneAddress.VNIC(ctx, id)
	v.SkipSourceDestCheck = true
	return v, err
}

func (l limited) Move(ctx context.Context, a oci.Address, to oci.VNICID, ifMatch string) (oci.Address, error) {
	if err := l.refused("UpdatePrivateIp"); err != nil {
		return oci.Address{}, err
	}
	return l.oneAddress.Move(ctx, a, to, ifMatch)
}

// An API that limits requests says nothing of whether this node is ready.
func TestThrottledIsNotUnready(t *testing.T) {
	for from, warnings := range map[int]int{0: 1, 2: 1, 100: 0} {
		api := limited{&oneAddress{is: oci.Address{ID: "a", IP: netip.MustParseAddr("10.0.0.100"), VNIC: "holder", Subnet: "s", ETag: "2"}}, from}
		c := &candidacy{action: &action{Call: &ocf.Call{Request: &ocf.Request{}, Log: slog.New(slog.DiscardHandler)}}}
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		c.examine(ctx, api, &floating.Target{IP: api.is.IP, VNIC: "me", Address: "a"})
		cancel()
		if len(c.report.Problems) != 0 || len(c.report.Warnings) != warnings {
			t.Errorf("limited from request %d: problems %v, warnings %v", from, c.report.Problems, c.report.Warnings)
		}
	}
}
