// SPDX-License-Identifier: Apache-2.0

package region_test

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"ocf-oci/lab/region"
)

// plane is a data plane that remembers what it was told.
type plane struct {
	mu     sync.Mutex
	owners map[netip.Addr][]string
	routes map[string][]region.RouteRule
	checks map[string]bool
	err    error
}

func newPlane() *plane {
	return &plane{owners: map[netip.Addr][]string{}, routes: map[string][]region.RouteRule{}, checks: map[string]bool{}}
}

func (p *plane) SetOwner(ip netip.Addr, vnic string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.owners[ip] = append(p.owners[ip], vnic)
	return p.err
}

func (p *plane) SetRouteRules(subnet string, rules []region.RouteRule) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.routes[subnet] = rules
	return p.err
}

func (p *plane) SetSourceDestCheck(vnic string, check bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.checks[vnic] = check
	return p.err
}

func (p *plane) story(ip netip.Addr) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.owners[ip])
}

func (p *plane) owner(ip netip.Addr) string {
	s := p.story(ip)
	if len(s) == 0 {
		return "never told"
	}
	return s[len(s)-1]
}

func (p *plane) rules(subnet string) []region.RouteRule {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.routes[subnet])
}

func (p *plane) check(vnic string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.checks[vnic]
}

// until waits for what has to become true soon.
func (p *plane) until(t *testing.T, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not become true in 5 s")
		}
	}
}

// machines are switched by the region's InstanceAction.
type machines struct {
	mu   sync.Mutex
	did  []string
	hold chan struct{}
}

func (m *machines) InstanceAction(_ context.Context, instance, action string) error {
	<-m.hold
	m.mu.Lock()
	defer m.mu.Unlock()
	m.did = append(m.did, action+" "+instance)
	return nil
}

func (m *machines) list() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.did)
}
