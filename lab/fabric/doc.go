// SPDX-License-Identifier: Apache-2.0

// Package fabric is the data plane of a simulated virtual cloud network, built in one network namespace
// (LAB-vcn) of the Linux kernel.
//
// In an OCI VCN the control plane decides who receives a packet, never ARP. Here every VNIC is a veth pair
// into the fabric's namespace; per private IP the fabric holds a /32 (or /128) route and a permanent
// neighbour entry, and it answers ARP and neighbour solicitations itself, so a gratuitous ARP changes
// nothing. Moving an address is [Fabric.SetOwner]: the new neighbour first, then one atomic route replace.
// An address without owner, a VNIC whose machine is gone and a route rule whose private IP has no owner all
// end at the device "sink", where packets are dropped without an ICMP error, as in a VCN.
//
// A route rule of a subnet ("10.1.0.0/24 goes to private IP 10.0.0.100") lives in a routing table of that
// subnet, chosen by the VNIC that a packet comes in on; traffic inside a subnet never looks there.
// A VNIC whose source/destination check is on can neither send from an address that is not its own (nft fib
// lookup) nor be the target of a route rule.
//
// With [Options].Bridged the subnets are plain layer 2 bridges instead, for clusters on premises: there ARP
// decides, SetOwner and route rules do not exist.
//
//	f, err := fabric.New(fabric.Options{Lab: "demo", Services: services})   // makes netns demo-vcn
//	err = f.AddSubnet(fabric.Subnet{ID: "isv", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")}})
//	guest, err := fabric.NewNamespace("demo-isv")
//	err = f.AddVNIC(fabric.VNIC{ID: "vnic1", Host: "isv", Device: "ens3", Subnet: "isv", ...})
//	err = f.Attach("isv", guest)                                            // at each boot of the machine
//	err = f.SetOwner(netip.MustParseAddr("10.0.0.100"), "vnic1")
//	hop, err := f.NextHop(netip.MustParseAddr("10.0.0.100"))                // where a packet goes now
//	err = f.Close()                                                         // removes demo-vcn, all ports
//
// Everything here needs root (CAP_NET_ADMIN, CAP_SYS_ADMIN). Route and neighbour changes use netlink; only
// [Fabric.Partition], [Fabric.Refuse] and source/destination checks start nft. All methods may be called
// from several goroutines.
package fabric
