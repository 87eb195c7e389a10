// SPDX-License-Identifier: Apache-2.0

// Package announce tells the neighbours on a link that an address lives here now: gratuitous ARP (RFC 826, RFC 5227
// section 3) for IPv4 and unsolicited neighbour advertisements (RFC 4861 section 7.2.6) for IPv6.
//
// In a VCN nobody listens: there the control plane decides who receives. On a plain network it is what moves the
// traffic.
package announce
