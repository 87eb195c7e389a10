// SPDX-License-Identifier: Apache-2.0

package fabric

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// sinkName is the device behind which nothing is: the nft ruleset drops what is routed to it.
const sinkName = "sink"

// routerMAC is the hardware address of every fabric port: a VCN's virtual router looks the same everywhere.
var routerMAC = net.HardwareAddr{0x00, 0x00, 0x17, 0x00, 0x0c, 0x01}

// linkLocalRouter is the virtual router's IPv6 address on every port.
var linkLocalRouter = netip.MustParseAddr("fe80::1")

// Options say what fabric to make.
type Options struct {
	// Lab names the lab; the fabric's network namespace is Lab + "-vcn".
	Lab string
	// Services are addresses that processes in the fabric's namespace listen on (API, instance metadata).
	// They are put on its loopback device; every VNIC reaches them.
	Services []netip.Addr
	// Bridged makes every subnet a layer 2 bridge, as on premises, instead of a VCN.
	Bridged bool
}

// Subnet is a network that VNICs are in.
type Subnet struct {
	ID       string
	Prefixes []netip.Prefix // IPv4, IPv6 or both
	Routers  []netip.Addr   // the virtual router's address in each prefix; nil: the first one of each
}

// router returns the virtual router's address in the prefix number i.
func (s Subnet) router(i int) netip.Addr {
	if s.Routers != nil {
		return s.Routers[i]
	}
	return s.Prefixes[i].Masked().Addr().Next()
}

// VNIC is one network card of one host.
type VNIC struct {
	ID      string // the region's OCID, or any other unique name
	Host    string // host name of the machine it belongs to
	Device  string // its name inside the machine, such as ens3
	Subnet  string
	MAC     net.HardwareAddr // empty: the kernel chooses
	Primary []netip.Prefix   // primary private IPs with the subnet's prefix length
	// DefaultRoute makes the virtual router of this VNIC's subnet the machine's default route.
	DefaultRoute bool
	// SourceDestCheck: drop what is not from or to an address of this VNIC.
	SourceDestCheck bool
}

// RouteRule sends traffic for a destination, from VNICs of the rule's subnet, to the owner of a private IP.
type RouteRule struct {
	Destination netip.Prefix
	NextHop     netip.Addr // the invalid zero Addr is a black hole
}

// Fabric is a running data plane. Make one with New.
type Fabric struct {
	name   string // of the namespace
	path   string
	bridge bool
	nl     *netlink.Handle
	sink   int // ifindex

	mu       sync.Mutex
	subnets  map[string]*subnet
	ports    map[string]*port // by VNIC ID
	owners   map[netip.Addr]string
	down     map[string]bool // hosts whose cable is cut
	refusals map[string]refusal
	parted   [][2][]string
}

type subnet struct {
	Subnet
	table  int // routing table of its route rules
	bridge int // ifindex, bridged fabrics only
	rules  []RouteRule
}

type port struct {
	VNIC
	name  string // of the fabric's end
	index int    // ifindex of the fabric's end; 0 while the machine is gone
}

// New makes the network namespace Options.Lab-vcn with an empty data plane in it.
func New(o Options) (*Fabric, error) {
	name := o.Lab + "-vcn"
	path, err := NewNamespace(name)
	if err != nil {
		return nil, err
	}
	f := &Fabric{
		name: name, path: path, bridge: o.Bridged,
		subnets: map[string]*subnet{}, ports: map[string]*port{}, owners: map[netip.Addr]string{},
		down: map[string]bool{}, refusals: map[string]refusal{},
	}
	if err := f.prepare(o.Services); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare the fabric %s: %w", name, err), f.Close())
	}
	return f, nil
}

func (f *Fabric) prepare(services []netip.Addr) error {
	h, err := netns.GetFromPath(f.path)
	if err != nil {
		return fmt.Errorf("open %s: %w", f.path, err)
	}
	defer h.Close()
	if f.nl, err = netlink.NewHandleAt(h); err != nil {
		return fmt.Errorf("open a netlink socket in %s: %w", f.name, err)
	}
	// "default" is what devices made later start with.
	err = sysctls(f.path, [][2]string{
		{"net/ipv4/ip_forward", "1"}, {"net/ipv6/conf/all/forwarding", "1"},
		{"net/ipv4/conf/all/rp_filter", "0"}, {"net/ipv4/conf/default/rp_filter", "0"},
		{"net/ipv4/conf/all/send_redirects", "0"}, {"net/ipv4/conf/default/send_redirects", "0"},
		{"net/ipv6/conf/all/accept_dad", "0"}, {"net/ipv6/conf/default/accept_dad", "0"},
		{"net/ipv6/conf/all/accept_ra", "0"}, {"net/ipv6/conf/default/accept_ra", "0"},
	})
	if err != nil {
		return err
	}
	if !f.bridge {
		err := sysctls(f.path, [][2]string{
			{"net/ipv4/conf/default/proxy_arp", "1"},
			{"net/ipv6/conf/all/proxy_ndp", "1"}, {"net/ipv6/conf/default/proxy_ndp", "1"},
		})
		if err != nil {
			return err
		}
	}
	lo, err := f.nl.LinkByName("lo")
	if err != nil {
		return fmt.Errorf("find lo: %w", err)
	}
	for _, a := range services {
		if err := f.addAddress(lo.Attrs().Index, netip.PrefixFrom(a, a.BitLen())); err != nil {
			return err
		}
	}
	if err := f.makeSink(); err != nil {
		return err
	}
	return f.loadRuleset()
}

// makeSink adds the device that swallows packets, and sends there what has no other route. A route, unlike a
// black hole, lets proxy ARP answer: a VCN answers ARP for every address, whether somebody owns it or not, and a
// sender must not lose a second in address resolution after the owner is back.
func (f *Fabric) makeSink() error {
	la := netlink.NewLinkAttrs()
	la.Name = sinkName
	if err := f.nl.LinkAdd(&netlink.Veth{LinkAttrs: la, PeerName: sinkName + "-end"}); err != nil {
		return fmt.Errorf("make the device %s: %w", sinkName, err)
	}
	if end, err := f.nl.LinkByName(sinkName + "-end"); err != nil || f.nl.LinkSetUp(end) != nil {
		return fmt.Errorf("set the device %s-end up: %w", sinkName, err)
	}
	l, err := f.nl.LinkByName(sinkName)
	if err != nil {
		return fmt.Errorf("find the device %s: %w", sinkName, err)
	}
	f.sink = l.Attrs().Index
	if err := f.nl.LinkSetUp(l); err != nil {
		return fmt.Errorf("set the device %s up: %w", sinkName, err)
	}
	for _, p := range []string{"0.0.0.0/0", "::/0"} {
		if err := f.nl.RouteReplace(f.sinkRoute(netip.MustParsePrefix(p), 0)); err != nil {
			return fmt.Errorf("send %s to %s: %w", p, sinkName, err)
		}
	}
	return nil
}

// Namespace returns the name of the fabric's network namespace; NamespacePath makes a path of it.
func (f *Fabric) Namespace() string { return f.name }

// Close removes the namespace's name and the netlink socket. Ports vanish when the last process inside ends.
func (f *Fabric) Close() error {
	if f.nl != nil {
		f.nl.Close()
	}
	return DeleteNamespace(f.name)
}
