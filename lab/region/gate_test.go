// SPDX-License-Identifier: Apache-2.0

package region_test

import (
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/core"

	"ocf-oci/lab/region"
	"ocf-oci/lab/region/fault"
)

func TestRefuseWithoutGate(t *testing.T) {
	l := start(t, nil, region.Options{})
	c := l.admin()
	get := func() error {
		_, err := c.GetVnic(l.ctx(), core.GetVnicRequest{VnicId: l.vnic("vrouter1", "ens3")})
		return err
	}
	if err := get(); err != nil {
		t.Fatal(err)
	}
	// The open connection dies too, or the client would not notice.
	l.fault(fault.Fault{Target: "api", Kind: fault.Refuse, Count: 3})
	if err := get(); err == nil {
		t.Fatal("the connection was not refused")
	}
	for range 5 {
		get()
	}
	refused := 0
	for _, call := range l.Calls(time.Time{}) {
		if call.Outcome == "refused" && call.Node == "vrouter1" && call.Service == "api" {
			refused++
		}
	}
	if refused != 3 {
		t.Errorf("%d attempts were refused, want 3", refused)
	}
	if err := get(); err != nil {
		t.Errorf("after the count: %v", err)
	}
}

// shut records what a Gate was told.
type shut struct {
	sync.Mutex
	now map[region.Service][]netip.Addr
}

func (s *shut) Refuse(service region.Service, sources []netip.Addr) error {
	s.Lock()
	defer s.Unlock()
	s.now[service] = sources
	return nil
}

func (s *shut) at(service region.Service) []netip.Addr {
	s.Lock()
	defer s.Unlock()
	return s.now[service]
}

func TestGate(t *testing.T) {
	gate := &shut{now: map[region.Service][]netip.Addr{}}
	l := start(t, nil, region.Options{Gate: gate})
	addrs := func(texts ...string) (out []netip.Addr) {
		for _, s := range texts {
			out = append(out, netip.MustParseAddr(s))
		}
		return out
	}
	l.fault(fault.Fault{Target: "api", Kind: fault.Refuse, Node: "vrouter2", Count: 2})
	if got, want := gate.at(region.API), addrs("127.1.0.12", "127.2.0.12", "fd00:1::12"); !slices.Equal(got, want) {
		t.Errorf("refused are %v, want %v", got, want)
	}
	if got := gate.at(region.IMDS); len(got) != 0 {
		t.Errorf("IMDS refuses %v", got)
	}
	// A node is refused from the floating addresses that it holds, too.
	if err := l.Give(floating, "vrouter2"); err != nil {
		t.Fatal(err)
	}
	if got, want := gate.at(region.API), addrs("127.1.0.12", "127.1.0.100", "127.2.0.12", "fd00:1::12"); !slices.Equal(got, want) {
		t.Errorf("refused are %v, want %v", got, want)
	}
	l.Refused(region.API, addrs("127.1.0.12")[0], 2)
	if got := gate.at(region.API); len(got) != 0 {
		t.Errorf("after its count the API still refuses %v", got)
	}
	if c := l.last("connect"); c.Outcome != "refused" || c.Node != "vrouter2" || c.Status != 0 {
		t.Errorf("journal: %+v", c)
	}
	l.fault(fault.Fault{Target: "all", Kind: fault.Refuse, For: 300 * time.Millisecond})
	for _, s := range []region.Service{region.API, region.Auth, region.IMDS} {
		if got := gate.at(s); len(got) != 1 || got[0].IsValid() {
			t.Errorf("%s refuses %v, want everybody", s, got)
		}
	}
	time.Sleep(400 * time.Millisecond)
	if got := gate.at(region.IMDS); len(got) != 0 {
		t.Errorf("after its time IMDS still refuses %v", got)
	}
}
