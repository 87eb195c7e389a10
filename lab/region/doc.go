// SPDX-License-Identifier: Apache-2.0

// Package region is a simulated Oracle Cloud region for a laptop: the part of
// the VCN (core services) API that a floating address needs, the identity
// service that turns an instance certificate into a session token, and the
// instance metadata service (IMDS v2).
//
// It is a region to its clients, not a stub: requests are verified (draft-cavage
// signatures, body digest, Date), IAM statements decide what a caller may do,
// ETags are compare-and-swap, retry tokens are remembered, lists are paged, and
// an address can be moved only by the rules of a subnet. The official SDKs and the
// official command line work against it unchanged. On top of that it can misbehave
// on demand: see package fault.
//
// # Life
//
//	r, err := region.New(spec, region.Options{Dataplane: fabric})
//	r, err := region.Restore(saved, region.Options{Dataplane: fabric})
//	err = r.Program()                       // tell the data plane the whole state, without delay
//	go r.Serve(region.API, tlsListener)     // plain TCP listeners; the region adds TLS itself
//	go r.Serve(region.Auth, tlsListener)
//	go r.Serve(region.IMDS, tcpListener)    // plain HTTP
//	http.Serve(unixListener, r.Control())   // see package control for the client
//	saved, err := r.Save()
//	r.Close()
//
// # Who calls
//
// The node behind a request is told by the source address of its connection: the
// VNIC that carries it. A secondary (floating) source gets no IMDS answer, as in OCI,
// and is marked in the journal of calls. Who is *authorised* is told by the signature only.
//
// # Time
//
// A commit changes the region's state at once and reaches the [Dataplane] after the
// propagation delay, in order per address.
//
// # What is not as in Oracle's cloud
//
// One VCN, one compartment below the root, no VLANs, no public-IP pools. UpdatePublicIp takes
// effect at once instead of asynchronously. Route rules have private IPs as their only targets.
// Where Oracle documents no code for a refusal, [Quirks] sets it. There is no MTU, no security
// list, and a retry token is remembered as long as the lab lives, at most a day.
package region
