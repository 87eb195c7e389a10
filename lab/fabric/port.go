// SPDX-License-Identifier: Apache-2.0

package fabric

import (
	"errors"
	"fmt"
	"hash/fnv"
	"net/netip"
	"sort"
	"strings"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// firstTable is the routing table of the first subnet; the kernel's own tables are 253 to 255.
const firstTable = 1001

// AddSubnet adds a network: the virtual router's address in each prefix and an empty route table.
func (f *Fabric) AddSubnet(s Subnet) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.subnets[s.ID]; ok {
		return fmt.Errorf("add subnet %s: it exists already", s.ID)
	}
	sn := &subnet{Subnet: s, table: firstTable + len(f.subnets)}
	on, err := f.nl.LinkByName("lo")
	if err != nil {
		return fmt.Errorf("find lo in %s: %w", f.name, err)
	}
	if f.bridge {
		la := netlink.NewLinkAttrs()
		la.Name = fmt.Sprintf("br%d", len(f.subnets))
		if err := f.nl.LinkAdd(&netlink.Bridge{LinkAttrs: la}); err != nil {
			return fmt.Errorf("make bridge %s for subnet %s: %w", la.Name, s.ID, err)
		}
		if on, err = f.nl.LinkByName(la.Name); err != nil {
			return fmt.Errorf("find bridge %s: %w", la.Name, err)
		}
		if err := f.nl.LinkSetUp(on); err != nil {
			return fmt.Errorf("set bridge %s up: %w", la.Name, err)
		}
		sn.bridge = on.Attrs().Index
	}
	for i, p := range s.Prefixes {
		bits := p.Addr().BitLen()
		if f.bridge {
			bits = p.Bits()
		}
		if err := f.addAddress(on.Attrs().Index, netip.PrefixFrom(sn.router(i), bits)); err != nil {
			return err
		}
	}
	f.subnets[s.ID] = sn
	return nil
}

// AddVNIC makes a VNIC known: addresses can be given to it and route rules can lead to it, although no machine
// has it yet. Its primary addresses become its own. A VNIC of that ID must not exist.
func (f *Fabric) AddVNIC(v VNIC) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.subnets[v.Subnet]; !ok {
		return fmt.Errorf("add VNIC %s of %s: subnet %q is unknown; AddSubnet first", v.ID, v.Host, v.Subnet)
	}
	if _, ok := f.ports[v.ID]; ok {
		return fmt.Errorf("add VNIC %s of %s: it exists already", v.ID, v.Host)
	}
	p := &port{VNIC: v, name: f.portName(v)}
	f.ports[v.ID] = p
	if f.bridge {
		return nil
	}
	for _, a := range p.Primary {
		f.owners[a.Addr()] = p.ID
	}
	return f.programSourceCheck()
}

// Attach plugs every VNIC of a machine into its network namespace, bound at the path guest (see NewNamespace):
// the devices with their MACs, primary addresses and routes there, the ports and their routes here. A machine
// that was attached before (it rebooted) gets everything that the region had assigned to its VNICs again.
func (f *Fabric) Attach(host, guest string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	ports := f.hostPorts(host)
	if len(ports) == 0 {
		return fmt.Errorf("attach %s: no VNIC of that host is known; hosts are %s", host, strings.Join(f.hosts(), ", "))
	}
	for _, p := range ports {
		if err := f.unplug(p); err != nil {
			return err
		}
	}
	for _, p := range ports {
		if err := f.plug(p, f.subnets[p.Subnet], guest); err != nil {
			return fmt.Errorf("attach VNIC %s (%s of %s): %w", p.ID, p.Device, p.Host, errors.Join(err, f.unplug(p)))
		}
	}
	if f.bridge || f.down[host] {
		return nil
	}
	for _, p := range ports { // once all are up: an IPv6 address concerns every port
		if err := f.programPort(p); err != nil {
			return fmt.Errorf("attach %s: %w", host, err)
		}
	}
	return nil
}

// Detach unplugs every VNIC of a machine that is gone. What its VNICs own stays assigned to them, in nobody's
// reach, until the region moves it or the machine is attached again.
func (f *Fabric) Detach(host string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var errs []error
	for _, p := range f.hostPorts(host) {
		errs = append(errs, f.unplug(p))
	}
	return errors.Join(errs...)
}

func (f *Fabric) plug(p *port, sn *subnet, guest string) error {
	h, err := netns.GetFromPath(guest)
	if err != nil {
		return fmt.Errorf("open the machine's network namespace %s: %w", guest, err)
	}
	defer h.Close()
	la := netlink.NewLinkAttrs()
	la.Name, la.HardwareAddr = p.name, routerMAC
	if f.bridge {
		la.HardwareAddr = nil
	}
	veth := &netlink.Veth{LinkAttrs: la, PeerName: p.Device, PeerHardwareAddr: p.MAC, PeerNamespace: netlink.NsFd(h)}
	if err := f.nl.LinkAdd(veth); err != nil {
		return fmt.Errorf("make the port %s: %w", p.name, err)
	}
	l, err := f.nl.LinkByName(p.name)
	if err != nil {
		return fmt.Errorf("find the port %s: %w", p.name, err)
	}
	p.index = l.Attrs().Index
	if p.MAC, err = configureGuest(h, p.VNIC, sn, !f.bridge); err != nil {
		return err
	}
	if !f.bridge {
		// A namespace has no "default" for these, and the kernel's is to wait for up to 0.8 s.
		err := sysctls(f.path, [][2]string{
			{"net/ipv4/neigh/" + p.name + "/proxy_delay", "0"}, {"net/ipv6/neigh/" + p.name + "/proxy_delay", "0"},
		})
		if err != nil {
			return err
		}
	}
	if f.bridge {
		if err := f.nl.LinkSetMasterByIndex(l, sn.bridge); err != nil {
			return fmt.Errorf("put the port %s on its bridge: %w", p.name, err)
		}
	}
	if f.down[p.Host] {
		return nil
	}
	return f.portUp(p, sn)
}

// portUp sets the fabric's end up and puts on it what the kernel drops whenever a device goes down.
func (f *Fabric) portUp(p *port, sn *subnet) error {
	l, err := f.nl.LinkByIndex(p.index)
	if err != nil {
		return fmt.Errorf("find the port %s: %w", p.name, err)
	}
	if err := f.nl.LinkSetUp(l); err != nil {
		return fmt.Errorf("set the port %s up: %w", p.name, err)
	}
	if f.bridge {
		return nil
	}
	if err := f.addAddress(p.index, netip.PrefixFrom(linkLocalRouter, 64)); err != nil {
		return err
	}
	for i, prefix := range sn.Prefixes {
		if err := f.policy(p, sn, prefix); err != nil {
			return err
		}
		if prefix.Addr().Is6() {
			if err := f.proxy(p, sn.router(i), true); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *Fabric) unplug(p *port) error {
	if p.index == 0 {
		return nil
	}
	index := p.index
	p.index = 0
	l, err := f.nl.LinkByIndex(index)
	if gone(err) {
		return nil // it went with the machine's namespace
	}
	if err != nil {
		return fmt.Errorf("find the port %s: %w", p.name, err)
	}
	if err := f.nl.LinkDel(l); err != nil && !gone(err) {
		return fmt.Errorf("remove the port %s: %w", p.name, err)
	}
	return nil
}

func (f *Fabric) hostPorts(host string) []*port {
	var ps []*port
	for _, p := range f.ports {
		if p.Host == host {
			ps = append(ps, p)
		}
	}
	sort.Slice(ps, func(i, j int) bool { return ps[i].Device < ps[j].Device })
	return ps
}

// portName is HOST.DEVICE where that fits into the kernel's 15 characters, else a hash of the VNIC's ID.
func (f *Fabric) portName(v VNIC) string {
	if name := v.Host + "." + v.Device; len(name) <= 15 {
		return name
	}
	h := fnv.New32a()
	h.Write([]byte(v.ID + v.Host + v.Device))
	return fmt.Sprintf("p%08x", h.Sum32())
}
