// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/ifaddr"
	"ocf-oci/internal/imds"
	"ocf-oci/internal/ocf"
	"ocf-oci/internal/oci"
)

// remembered returns what an earlier action resolved, if it still fits the definition and this machine.
func (a *action) remembered(t ifaddr.Table, cloud bool) (floating.Resolved, bool) {
	r, ok := a.marks.Resolved()
	if !ok || r.Definition != a.cfg.definition() || (r.Cloud == "oci") != cloud || len(r.Targets) == 0 {
		return r, false
	}
	if r.Source.IsValid() && len(t.Find(r.Source)) == 0 {
		return r, false // the address that cloud traffic comes from is gone
	}
	for _, target := range r.Targets {
		link, ok := t.ByName(target.NIC)
		if !ok || link.MAC.String() != target.MAC {
			return r, false
		}
	}
	return r, true
}

// resolveLocal finds interface and prefix length where there is no cloud.
func (a *action) resolveLocal(ctx context.Context, t ifaddr.Table) (floating.Resolved, *ocf.Result) {
	r := floating.Resolved{Definition: a.cfg.definition(), Cloud: "none"}
	routes, err := a.kernel.Routes(ctx)
	if err != nil {
		return r, result(reasonOSUnknown.Result(ocf.ErrGeneric, err))
	}
	for _, w := range a.cfg.addresses {
		target, failed := localTarget(t, routes, w, a.cfg.options.routes)
		if failed != nil {
			return r, failed
		}
		r.Targets = append(r.Targets, target)
	}
	return r, nil
}

func localTarget(t ifaddr.Table, routes []ifaddr.Route, w wanted, proto string) (floating.Target, *ocf.Result) {
	target := floating.Target{IP: w.IP, Bits: w.Bits}
	link, known := t.ByName(w.NIC)
	if w.NIC != "" && !known {
		return target, result(reasonNoNIC.Result(ocf.ErrInstalled, w.IP, fmt.Sprintf("%q does not exist on this node", w.NIC)))
	}
	found, ok := discover(t, routes, w, proto)
	if w.NIC == "" {
		link, known = found.Link, ok
	}
	if target.Bits == 0 {
		target.Bits, known = found.Bits, ok
	}
	if !known {
		return target, result(reasonNoRoute.Result(ocf.ErrGeneric, w.IP))
	}
	target.NIC, target.MAC, target.Broadcast = link.Name, link.MAC.String(), found.Broadcast
	return target, nil
}

func result(r ocf.Result) *ocf.Result { return &r }

// resolveCloud finds VNIC, interface and prefix length from the instance metadata.
func (a *action) resolveCloud(ctx context.Context, t ifaddr.Table, md *imds.Client) (floating.Resolved, *ocf.Result) {
	file, failed := a.declare()
	r := floating.Resolved{Definition: a.cfg.definition(), Cloud: "oci", Access: file.access(a.cfg), File: file.digest}
	if failed != nil {
		return r, failed
	}
	var vnics []imds.VNIC
	err := oci.Retry(ctx, a.Log, func(ctx context.Context) (err error) {
		if vnics, err = md.VNICs(ctx); err != nil {
			return &oci.Error{Op: "instance metadata", Kind: oci.Transient, Err: err}
		}
		return nil
	})
	if err != nil {
		return r, result(reasonIMDS.Result(ocf.ErrGeneric, err))
	}
	for i, w := range a.cfg.addresses {
		vnic := string(file.vnics[w.IP])
		if i == 0 && a.cfg.vnic != "" {
			vnic = a.cfg.vnic // the parameter speaks of ip only
		}
		if w.Bits == 0 {
			w.Bits = file.bits[w.IP]
		}
		target, failed := cloudTarget(t, vnics, w, vnic)
		if failed != nil {
			return r, failed
		}
		r.Targets = append(r.Targets, target)
	}
	r.Source = a.source(t, vnics)
	for _, v := range vnics {
		if v.PrivateIP.IsValid() {
			r.Primaries = append(r.Primaries, v.PrivateIP)
		}
	}
	a.primaries = r.Primaries
	return r, nil
}

// cloudTarget chooses the VNIC for an address: the one given, else the one behind nic, else the one whose subnet
// contains the address.
func cloudTarget(t ifaddr.Table, vnics []imds.VNIC, w wanted, vnic string) (floating.Target, *ocf.Result) {
	chosen, why := chooseVNIC(t, vnics, w, vnic)
	if why != "" {
		return floating.Target{}, result(reasonNoVNIC.Result(ocf.ErrInstalled, w.IP, why))
	}
	link, ok := t.ByName(w.NIC)
	if w.NIC == "" {
		link, ok = t.ByMAC(chosen.MAC, chosen.PrivateIP)
	}
	if !ok {
		return floating.Target{}, result(reasonNoNIC.Result(ocf.ErrInstalled, w.IP,
			fmt.Sprintf("VNIC %s (%s) has no interface in the operating system", chosen.ID, chosen.MAC)))
	}
	bits := w.Bits
	if bits == 0 {
		bits = subnetBits(*chosen, w.IP)
	}
	target := floating.Target{IP: w.IP, Bits: bits, NIC: link.Name, MAC: link.MAC.String(), VNIC: oci.VNICID(chosen.ID)}
	if connected, ok := t.Containing(w.IP, link.Name, 0); ok {
		target.Broadcast = connected.Broadcast
	}
	return target, nil
}

func chooseVNIC(t ifaddr.Table, vnics []imds.VNIC, w wanted, vnic string) (*imds.VNIC, string) {
	pick := func(match func(imds.VNIC) bool) *imds.VNIC {
		for i := range vnics {
			if match(vnics[i]) {
				return &vnics[i]
			}
		}
		return nil
	}
	switch {
	case vnic != "":
		if v := pick(func(v imds.VNIC) bool { return v.ID == vnic }); v != nil {
			return v, ""
		}
		return nil, fmt.Sprintf("the definition says %s, which is not attached here (attached: %s)", vnic, list(vnics))
	case w.NIC != "":
		link, ok := t.ByName(w.NIC)
		if !ok {
			return nil, fmt.Sprintf("interface %q does not exist on this node", w.NIC)
		}
		v := pick(func(v imds.VNIC) bool { return slices.Equal(v.MAC, link.MAC) })
		if v == nil {
			return nil, fmt.Sprintf("no VNIC has the MAC address %s of %s (attached: %s)", link.MAC, w.NIC, list(vnics))
		}
		if subnetBits(*v, w.IP) == 0 {
			return nil, fmt.Sprintf("the subnet of %s's VNIC %s does not contain it", w.NIC, v.ID)
		}
		return v, ""
	}
	if v := pick(func(v imds.VNIC) bool { return subnetBits(v, w.IP) != 0 }); v != nil {
		return v, ""
	}
	return nil, "no attached VNIC has a subnet that contains it (attached: " + list(vnics) + ")"
}

// subnetBits is the prefix length of the VNIC's subnet that contains ip, 0 if none does.
func subnetBits(v imds.VNIC, ip netip.Addr) int {
	for _, p := range append([]netip.Prefix{v.SubnetCIDR}, v.IPv6CIDRs...) {
		if p.IsValid() && p.Contains(ip) {
			return p.Bits()
		}
	}
	return 0
}

func list(vnics []imds.VNIC) string {
	var names []string
	for _, v := range vnics {
		names = append(names, fmt.Sprintf("%s in %s", v.ID, v.SubnetCIDR))
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// source chooses the local address for all cloud traffic: the first VNIC's primary address, if the system carries it.
// A floating address must never be the source: the answer would go to whoever holds it.
func (a *action) source(t ifaddr.Table, vnics []imds.VNIC) netip.Addr {
	for _, v := range vnics {
		if v.PrivateIP.IsValid() && len(t.Find(v.PrivateIP)) > 0 {
			return v.PrivateIP
		}
	}
	return netip.Addr{}
}

// imdsSource chooses the local address for the question that tells the primary addresses: what the kernel would take,
// unless that is one of this resource's own addresses; then another one of the same interface.
func (a *action) imdsSource(t ifaddr.Table) netip.Addr {
	conn, err := net.Dial("udp4", "169.254.169.254:80") // chooses a source, sends nothing
	if err != nil {
		return netip.Addr{}
	}
	defer conn.Close()
	chosen, err := netip.ParseAddrPort(conn.LocalAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	floats := a.everything()
	if !slices.Contains(floats, chosen.Addr()) {
		return netip.Addr{}
	}
	for _, own := range t.Find(chosen.Addr()) {
		for _, other := range t.Addresses {
			if other.Link == own.Link && other.Prefix.Addr().Is4() && !slices.Contains(floats, other.Prefix.Addr()) {
				return other.Prefix.Addr()
			}
		}
	}
	return netip.Addr{}
}

func (a *action) metadata(t ifaddr.Table) *imds.Client {
	return imds.New(imds.Options{Source: a.imdsSource(t)})
}
