// SPDX-License-Identifier: Apache-2.0

package lab

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"ocf-oci/lab/cluster"
	"ocf-oci/lab/fabric"
	"ocf-oci/lab/region"
)

// policy is what the nodes of a new lab may do: what Oracle's documents ask for to move, make and route to
// private IPs, and no more.
const policy = `Allow dynamic-group cluster-nodes to use private-ips in compartment network
Allow dynamic-group cluster-nodes to use vnics in compartment network
Allow dynamic-group cluster-nodes to manage private-ips in compartment network
Allow dynamic-group cluster-nodes to manage ipv6s in compartment network
Allow dynamic-group cluster-nodes to use subnets in compartment network
Allow dynamic-group cluster-nodes to read virtual-network-family in compartment network
Allow dynamic-group cluster-nodes to read instance-family in compartment network
Allow group network-operators to manage virtual-network-family in compartment network
Allow group network-operators to manage instance-family in compartment network
`

// operator is the user whose API key every node has in /root/.oci.
const operator = "operator"

// spec describes the lab's region.
func (d *daemon) spec() region.Spec {
	o := d.state.Options
	s := region.Spec{
		Seed: o.Name, Compartment: "network", Latency: o.Latency, Propagation: o.Propagation, Policy: policy,
		DynamicGroups: []region.DynamicGroupSpec{{Name: "cluster-nodes", Rule: "Any {instance.compartment.id = '${compartment}'}"}},
		Users:         []region.UserSpec{{Name: operator, Groups: []string{"network-operators"}}},
		ServerNames:   []string{addrAPI.Addr().String(), addrAuth.Addr().String()},
	}
	for _, n := range d.topo.Subnets {
		sub := region.SubnetSpec{Name: n.Name, CIDR: n.CIDR, IPv6: n.IPv6}
		for _, r := range n.Routes {
			sub.Routes = append(sub.Routes, region.RouteSpec{Destination: r.Destination, Via: r.Via})
		}
		s.Subnets = append(s.Subnets, sub)
	}
	for _, m := range d.topo.machines() {
		inst := region.InstanceSpec{Name: m.Name}
		for _, c := range m.Cards {
			card := region.VNICSpec{NIC: c.Device, Subnet: c.Network, IP: c.IP, SkipSourceDestCheck: m.Router}
			if c.IPv6.IsValid() {
				card.IPv6 = []netip.Addr{c.IPv6}
			}
			inst.VNICs = append(inst.VNICs, card)
		}
		s.Instances = append(s.Instances, inst)
	}
	for _, f := range d.topo.Floating {
		s.Addresses = append(s.Addresses, region.AddressSpec{IP: f.IP, Subnet: f.Network, Instance: f.Node})
	}
	// A reserved public IP hangs on the first floating address, as on a router that the Internet reaches.
	s.PublicIPs = []region.PublicIPSpec{{Name: "floating", IP: netip.MustParseAddr("203.0.113.100"), Private: d.topo.Floating[0].IP}}
	return s
}

// makeRegion makes the region and returns the names that it gave to networks and cards.
func (d *daemon) makeRegion() (identities, error) {
	d.gate = newGate(d)
	var err error
	d.region, err = region.New(d.spec(), region.Options{Dataplane: plane{d.fabric}, Power: power{d}, Gate: d.gate, Log: d.log})
	if err != nil {
		return identities{}, err
	}
	ids := identities{map[string]string{}, map[string]identity{}}
	for _, n := range d.region.Status().Nodes {
		for _, v := range n.VNICs {
			mac, err := net.ParseMAC(v.MAC)
			if err != nil {
				return ids, fmt.Errorf("VNIC %s: %w", v.ID, err)
			}
			ids.vnics[n.Name+"/"+v.NIC] = identity{v.ID, mac}
			ids.subnets[v.Subnet] = v.SubnetID
		}
	}
	return ids, nil
}

// operatorKey makes an API key of the user "operator" and the files that the SDKs and the command line look for, so
// that a client with a key of its own can be tried in any node.
func (d *daemon) operatorKey() (map[string]cluster.File, error) {
	const keyFile = "/root/.oci/operator.pem"
	key, err := d.region.NewAPIKey(operator)
	if err != nil {
		return nil, err
	}
	return map[string]cluster.File{
		"/root/.oci/config": {Content: []byte(key.Config(keyFile)), Mode: 0o600},
		keyFile:             {Content: key.PrivateKeyPEM, Mode: 0o600},
	}, nil
}

// serveRegion opens the region's listeners inside the fabric's network namespace.
func (d *daemon) serveRegion() error {
	for service, at := range services {
		var l net.Listener
		err := fabric.Inside(fabric.NamespacePath(d.fabric.Namespace()), func() error {
			var err error
			l, err = net.Listen("tcp", at.String())
			return err
		})
		if err != nil {
			return fmt.Errorf("listen for %s in %s: %w", service, d.fabric.Namespace(), err)
		}
		go func() {
			if err := d.region.Serve(service, l); err != nil {
				d.log.Error("region", "service", service, "error", err)
			}
		}()
	}
	return nil
}

// plane is the fabric as the region's data plane.
type plane struct{ *fabric.Fabric }

// SetRouteRules translates the rules.
func (p plane) SetRouteRules(subnet string, rules []region.RouteRule) error {
	var rs []fabric.RouteRule
	for _, r := range rules {
		rs = append(rs, fabric.RouteRule{Destination: r.Destination, NextHop: r.Via})
	}
	return p.Fabric.SetRouteRules(subnet, rs)
}

// power is the region's switch of the machines.
type power struct{ d *daemon }

// InstanceAction does what the API's InstanceAction asks for to a cluster node.
func (p power) InstanceAction(ctx context.Context, name, action string) error {
	n, err := p.d.node(name)
	if err != nil {
		return fmt.Errorf("instance action %s: %w", action, err)
	}
	off, on := n.Crash, n.Boot
	switch action {
	case "STOP":
		return off(ctx)
	case "SOFTSTOP":
		return n.Shutdown(ctx)
	case "START":
		return on(ctx)
	case "RESET", "SOFTRESET":
		if action == "SOFTRESET" {
			off = n.Shutdown
		}
		if err := off(ctx); err != nil {
			return err
		}
		return on(ctx)
	}
	return fmt.Errorf("instance action %s of %s: use STOP, START, RESET, SOFTSTOP or SOFTRESET", action, name)
}

// gateInterval is how soon refused connections show in the region's journal.
const gateInterval = 100 * time.Millisecond

// gate refuses connections with the fabric's packet filter, and counts them into the region's journal.
type gate struct {
	d    *daemon
	mu   sync.Mutex
	seen map[region.Service]map[netip.Addr]uint64
	stop map[region.Service]chan struct{}
}

func newGate(d *daemon) *gate {
	return &gate{d: d, seen: map[region.Service]map[netip.Addr]uint64{}, stop: map[region.Service]chan struct{}{}}
}

// Refuse implements region.Gate.
func (g *gate) Refuse(service region.Service, sources []netip.Addr) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	var list []netip.Addr
	everyone := false
	for _, s := range sources {
		if s.IsValid() {
			list = append(list, s)
		} else {
			everyone = true
		}
	}
	_, counting := g.stop[service]
	if !everyone && len(list) == 0 && !counting {
		return nil // it was open, and is
	}
	if err := g.d.fabric.Refuse(services[service], list, everyone); err != nil {
		return err
	}
	switch open := !everyone && len(list) == 0; {
	case open && counting:
		close(g.stop[service])
		delete(g.stop, service)
	case !open && !counting:
		stop := make(chan struct{})
		g.stop[service] = stop
		go g.count(service, stop)
	}
	return nil
}

// count reports refused connections until stop, and once more after it.
func (g *gate) count(service region.Service, stop <-chan struct{}) {
	for last := false; !last; {
		select {
		case <-stop:
			last = true
		case <-time.After(gateInterval):
		}
		hits, err := g.d.fabric.Refused(services[service])
		if err != nil {
			g.d.log.Error("count refused connections", "service", service, "error", err)
			continue
		}
		for source, n := range g.fresh(service, hits) {
			g.d.region.Refused(service, source, int(n))
		}
	}
}

// fresh returns what came since the last call.
func (g *gate) fresh(service region.Service, hits map[netip.Addr]uint64) map[netip.Addr]uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.seen[service] == nil {
		g.seen[service] = map[netip.Addr]uint64{}
	}
	out := map[netip.Addr]uint64{}
	for source, n := range hits {
		if n > g.seen[service][source] {
			out[source] = n - g.seen[service][source]
		}
		g.seen[service][source] = n
	}
	return out
}
