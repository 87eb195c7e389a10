// SPDX-License-Identifier: Apache-2.0

package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"strings"

	"ocf-oci/lab/fabric"
	"ocf-oci/lab/region"
)

// Service addresses of the region. 192.0.2.0/24 is for documentation (RFC 5737) and nobody's; instance metadata is
// where OCI has it.
var (
	addrAPI  = netip.MustParseAddrPort("192.0.2.10:443")
	addrAuth = netip.MustParseAddrPort("192.0.2.11:443")
	addrIMDS = netip.MustParseAddrPort("169.254.169.254:80")
)

var services = map[region.Service]netip.AddrPort{region.API: addrAPI, region.Auth: addrAuth, region.IMDS: addrIMDS}

// makeNetwork makes fabric, region and hosts.
func (d *daemon) makeNetwork(ctx context.Context) error {
	o := fabric.Options{Lab: d.state.Options.Name, Bridged: !d.topo.Cloud}
	if d.topo.Cloud {
		o.Services = []netip.Addr{addrAPI.Addr(), addrAuth.Addr(), addrIMDS.Addr()}
	}
	var err error
	if d.fabric, err = fabric.New(o); err != nil {
		return err
	}
	cards := onPremises(d.topo)
	if d.topo.Cloud {
		if cards, err = d.makeRegion(); err != nil {
			return err
		}
	}
	for _, n := range d.topo.Subnets {
		s := fabric.Subnet{ID: cards.subnets[n.Name], Prefixes: []netip.Prefix{n.CIDR}}
		if n.Router.IsValid() {
			s.Routers = []netip.Addr{n.Router}
		}
		if n.IPv6.IsValid() {
			s.Prefixes = append(s.Prefixes, n.IPv6)
		}
		if err := d.fabric.AddSubnet(s); err != nil {
			return err
		}
	}
	for _, m := range d.topo.machines() {
		for i, c := range m.Cards {
			id := cards.vnics[m.Name+"/"+c.Device]
			v := fabric.VNIC{
				ID: id.id, MAC: id.mac, Host: m.Name, Device: c.Device, Subnet: cards.subnets[c.Network],
				Primary: c.prefixes(d.topo.network(c.Network)), DefaultRoute: i == 0, SourceDestCheck: d.topo.Cloud && !m.Router,
			}
			if err := d.fabric.AddVNIC(v); err != nil {
				return err
			}
		}
	}
	for _, m := range d.topo.Hosts {
		if _, err := d.Attach(ctx, m.Name); err != nil {
			return err
		}
	}
	if d.region == nil {
		return nil
	}
	if err := d.region.Program(); err != nil {
		return fmt.Errorf("program the network: %w", err)
	}
	return d.serveRegion()
}

// identities are the names that the region gave to networks and cards.
type identities struct {
	subnets map[string]string // by name
	vnics   map[string]identity
}

type identity struct {
	id  string
	mac net.HardwareAddr
}

// onPremises names networks and cards where no cloud does.
func onPremises(t Topology) identities {
	ids := identities{map[string]string{}, map[string]identity{}}
	for _, n := range t.Subnets {
		ids.subnets[n.Name] = n.Name
	}
	for _, m := range t.machines() {
		for _, c := range m.Cards {
			ids.vnics[m.Name+"/"+c.Device] = identity{id: m.Name + "/" + c.Device}
		}
	}
	return ids
}

func (c Card) prefixes(n Network) []netip.Prefix {
	ps := []netip.Prefix{netip.PrefixFrom(c.IP, n.CIDR.Bits())}
	if c.IPv6.IsValid() {
		ps = append(ps, netip.PrefixFrom(c.IPv6, n.IPv6.Bits()))
	}
	return ps
}

// Attach makes the machine's network namespace with its cards; an older one of that name goes first. It is
// cluster.Network's for nodes, and ours for hosts.
func (d *daemon) Attach(_ context.Context, machine string) (string, error) {
	name := d.state.Options.Name + "-" + machine
	if err := fabric.DeleteNamespace(name); err != nil {
		return "", err
	}
	path, err := fabric.NewNamespace(name)
	if err != nil {
		return "", err
	}
	for _, m := range d.topo.machines() {
		if m.Name == machine && m.Router {
			if err := fabric.Forward(path); err != nil {
				return "", fmt.Errorf("let %s forward packets: %w", machine, err)
			}
		}
	}
	if err := d.fabric.Attach(machine, path); err != nil {
		return "", err
	}
	return path, nil
}

// Detach takes a machine's cards and its namespace away.
func (d *daemon) Detach(_ context.Context, machine string) error {
	return errors.Join(d.fabric.Detach(machine), fabric.DeleteNamespace(d.state.Options.Name+"-"+machine))
}

// namespace is the path of a machine's network namespace.
func (d *daemon) namespace(machine string) string {
	return fabric.NamespacePath(d.state.Options.Name + "-" + machine)
}

// exists tells whether a machine has its namespace, that is whether it is powered.
func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// machine finds a node or host by name; the error lists what there is.
func (t Topology) machine(name string) (Machine, error) {
	for _, m := range t.machines() {
		if m.Name == name {
			return m, nil
		}
	}
	return Machine{}, fmt.Errorf("no machine %q in this lab: nodes are %s, hosts %s", name, names(t.Nodes), strings.TrimSpace(names(t.Hosts)))
}
