// SPDX-License-Identifier: Apache-2.0

// Package duplicate asks an Ethernet link whether another host already has an IPv4 address, by ARP probes (RFC 5227
// section 2.1). The kernel does this for IPv6 only.
package duplicate
