// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/netip"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/oci"
)

// publicIPs is the part of the VCN API that tells which public IP hangs on a private one.
type publicIPs interface {
	PublicIP(context.Context, oci.AddressID) (oci.PublicIP, error)
}

// hanging is what became of an address's reserved public IP after a move.
type hanging int

const (
	hangsNone     hanging = iota // there is none, or this node may not see it
	hangsHere                    // it is assigned to the address
	hangsElsewise                // it is there, but not (yet) assigned
	hangsLost                    // it was seen here before, and is not there any more
	hangsUnknown                 // the cloud did not say
)

// judgePublic decides from the cloud's answer; before is the public IP that this node saw on the address last.
func judgePublic(p oci.PublicIP, err error, address oci.AddressID, before netip.Addr) hanging {
	switch k := oci.KindOf(err); {
	case err == nil && p.State == "ASSIGNED" && p.AssignedTo == address:
		return hangsHere
	case err == nil:
		return hangsElsewise
	case k != oci.Denied && k != oci.NotFound: // the service says "not authorized or not found" for none
		return hangsUnknown
	case before.IsValid():
		return hangsLost
	}
	return hangsNone
}

// verifyPublic looks, once after the addresses came here, whether their reserved public IPs came with them, and says so in the
// log. It changes nothing: the cloud moves a public IP with its private one, and whoever took it away meant to. False means
// that the next cloud check looks again.
func (a *action) verifyPublic(ctx context.Context, api publicIPs, r *floating.Resolved) bool {
	done := true
	for i := range r.Targets {
		target := &r.Targets[i]
		if !target.IP.Is4() || target.Address == "" {
			continue
		}
		p, err := api.PublicIP(ctx, target.Address)
		switch judgePublic(p, err, target.Address, target.Public) {
		case hangsHere:
			a.Log.Info("the public IP came with the address", "address", target.IP, "public", p.IP)
			target.Public = p.IP
		case hangsElsewise:
			a.Log.Warn("the public IP of the address is not assigned to it", "address", target.IP, "public", p.IP, "state", p.State)
			done = false
		case hangsLost:
			a.Log.Warn("the public IP of the address is gone, or this node may not read public IPs any more", "address", target.IP, "public", target.Public)
			target.Public = netip.Addr{}
		case hangsUnknown:
			a.Log.Info("the cloud did not say whether a public IP hangs on the address", "address", target.IP, "error", err)
			done = false
		}
	}
	return done
}
