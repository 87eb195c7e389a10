// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"ocf-oci/internal/ifaddr"
	"ocf-oci/internal/ocf"
)

// options are the parameters of ocf:heartbeat:IPaddr2 beyond ip, nic and cidr_netmask, and those in preparation there.
type options struct {
	broadcast     string // an IPv4 address, "+", "-" or empty
	label         string // what follows "NIC:"
	routes        string // proto: only routes of this origin count for discovery; empty: all
	namespace     string
	lvs           bool    // keep the address on lo while it is stopped
	addressLabel  *uint32 // IPv6: class in the address policy table
	nodad         bool
	noprefixroute bool
	preferred     *uint32 // IPv6: preferred lifetime in seconds; nil is for ever
	metric        uint32
	flushRoutes   bool
	killTCP       bool
	checkLink     bool
	probing       probing
	announce      announcing
}

// probing says whether another owner is looked for before an IPv4 address is added (run_arping).
type probing int

const (
	probeShort probing = iota // nothing given: a short look
	probeNever                // run_arping=false
	probeLong                 // run_arping=true: as long as arping would take
)

// announcing says how the neighbours are told.
type announcing struct {
	count, refresh int
	interval       time.Duration
	foreground     bool
	targets        []netip.Addr
}

// maxLabel is the length of an IPv4 address label (IFNAMSIZ without the final zero).
const maxLabel = 15

func nicAndLabel(nic, label string) (string, string) {
	if base, own, ok := strings.Cut(nic, ":"); ok { // deprecated form, wins over iflabel
		return base, own
	}
	return nic, label
}

func (c *config) readOptions(r *ocf.Request) {
	v6 := len(c.addresses) > 0 && c.addresses[0].IP.Is6()
	o := &c.options
	c.readPlacement(r, v6)
	c.readLVS(r, v6)
	c.readAnnouncing(r)
	c.readClone(r)
	o.namespace = r.Get("network_namespace")
	if strings.Contains(o.namespace, "/") || o.namespace == "." || o.namespace == ".." {
		c.bad("network_namespace", o.namespace, errors.New("is not the name of a network namespace"))
	}
	o.nodad, o.noprefixroute = ocf.IsTrue(r.Get("nodad")), ocf.IsTrue(r.Get("noprefixroute"))
	o.flushRoutes, o.killTCP = ocf.IsTrue(r.Get("flush_routes")), ocf.IsTrue(r.Get("kill_connections_on_stop"))
	o.checkLink = ocf.IsTrue(r.Get("check_link_status"))
}

func (c *config) readPlacement(r *ocf.Request, v6 bool) {
	o := &c.options
	if text := r.Get("broadcast"); text != "" {
		ip, err := netip.ParseAddr(text)
		switch {
		case text != "+" && text != "-" && (err != nil || !ip.Is4()):
			c.bad("broadcast", text, errors.New("is neither an IPv4 address nor + or -"))
		case v6:
			c.notes = append(c.notes, "broadcast has no effect: IPv6 has no broadcast addresses")
		default:
			o.broadcast = text
		}
	}
	if o.label != "" && c.nic != "" && len(c.nic)+1+len(o.label) > maxLabel || len(o.label) > maxLabel-2 {
		c.bad("iflabel", o.label, fmt.Errorf("is too long: with the interface's name and a colon it may have %d characters", maxLabel))
	}
	o.routes = r.Get("proto")
	if _, ok := ifaddr.Protocol(o.routes); o.routes != "" && !ok {
		c.bad("proto", o.routes, errors.New("is not a routing protocol (kernel, static, ra, dhcp, ... or 0 to 255)"))
	}
	switch text := r.Get("preferred_lft"); text {
	case "forever":
	default:
		if n, ok := c.number(r, "preferred_lft", 0); ok {
			o.preferred = &n
		}
	}
	if r.Get("metric") != "" {
		o.metric, _ = c.number(r, "metric", 0)
	}
}

func (c *config) readLVS(r *ocf.Request, v6 bool) {
	o := &c.options
	if o.lvs = ocf.IsTrue(r.Get("lvs_support")); o.lvs && v6 {
		c.bad("lvs_support", r.Get("lvs_support"), errors.New("is for IPv4 only; use lvs_ipv6_addrlabel"))
	}
	if v6 && ocf.IsTrue(r.Get("lvs_ipv6_addrlabel")) {
		if n, ok := c.number(r, "lvs_ipv6_addrlabel_value", 0); ok {
			o.addressLabel = &n
		}
	}
}

func (c *config) readAnnouncing(r *ocf.Request) {
	a := &c.options.announce
	*a = announcing{count: 5, interval: 200 * time.Millisecond}
	if n, ok := c.number(r, "arp_count", 1); ok {
		a.count = int(n)
	}
	if n, ok := c.number(r, "arp_interval", 1); ok {
		a.interval = time.Duration(n) * time.Millisecond
	}
	if r.Get("arp_count_refresh") != "" {
		n, _ := c.number(r, "arp_count_refresh", 0)
		a.refresh = int(n)
	}
	a.foreground = r.Get("arp_bg") != "" && !ocf.IsTrue(r.Get("arp_bg"))
	for _, text := range strings.FieldsFunc(r.Get("arp_targets"), func(r rune) bool { return r == ' ' || r == ',' }) {
		ip, err := parseIP(text)
		if err != nil {
			c.bad("arp_targets", text, err)
			continue
		}
		a.targets = append(a.targets, ip)
	}
	if text, set := r.Lookup("run_arping"); set && text != "" {
		c.options.probing = probeNever
		if ocf.IsTrue(text) {
			c.options.probing = probeLong
		}
	}
	switch text := r.Get("arp_sender"); text {
	case "":
	case "send_arp", "ipoibarping", "iputils_arping", "libnet_arping":
		c.notes = append(c.notes, "arp_sender="+text+" has no effect: announcements are sent without a program")
	default:
		c.bad("arp_sender", text, errors.New("must be one of send_arp, ipoibarping, iputils_arping, libnet_arping"))
	}
	switch text := r.Get("send_arp_opts"); text {
	case "", "-A", "-U":
	default:
		c.notes = append(c.notes, fmt.Sprintf("send_arp_opts=%q has no effect: announcements are sent without a program, requests (-U) and replies (-A) both", text))
	}
}

// readClone refuses the cluster IP mode and says which of its parameters do nothing.
func (c *config) readClone(r *ocf.Request) {
	unique, global := ocf.IsTrue(r.Get("unique_clone_address")), ocf.IsTrue(r.Meta("globally_unique"))
	count, err := strconv.Atoi(r.Meta("clone_max"))
	if r.Meta("clone_max") == "" {
		count, err = 1, nil
	}
	switch {
	case err != nil || count < 1:
		c.bad("clone-max", r.Meta("clone_max"), errors.New("is not a positive number"))
	case unique && !global:
		c.bad("unique_clone_address", r.Get("unique_clone_address"), errors.New("makes sense only in a clone with globally-unique=true"))
	case count > 1 && global && !unique:
		c.problems = append(c.problems, problem{reasonClusterIP.Result(ocf.ErrConfigured)})
	}
	for _, name := range []string{"mac", "clusterip_hash", "clusterip_firewall", "clusterip_hash_seed", "clusterip_table",
		"clusterip_chain", "clusterip_mac_mangle", "arp_mac"} {
		if text, set := r.Lookup(name); set && text != "" {
			c.notes = append(c.notes, name+" has no effect: there is no cluster IP mode")
		}
	}
}

// number reads a decimal parameter of at least low.
func (c *config) number(r *ocf.Request, name string, low uint64) (uint32, bool) {
	text := r.Get(name)
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || n < low {
		c.bad(name, text, fmt.Errorf("is not a number of at least %d", low))
		return 0, false
	}
	return uint32(n), true
}

// cloneAddress adds the number of a clone instance to the last byte of an IPv4 address.
func cloneAddress(ip netip.Addr, r *ocf.Request) (netip.Addr, error) {
	if !ip.Is4() {
		return ip, errors.New("must be IPv4 with unique_clone_address")
	}
	number, _ := strconv.ParseUint(r.Meta("clone"), 10, 8)
	b := ip.As4()
	if int(b[3])+int(number) > 255 {
		return ip, fmt.Errorf("leaves no room for clone instance %d in its last byte", number)
	}
	b[3] += byte(number)
	return netip.AddrFrom4(b), nil
}
