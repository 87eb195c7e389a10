// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"net/netip"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/imds"
	"ocf-oci/internal/oci"
)

// cloudAPI is the part of the VCN API that the actions use.
type cloudAPI interface {
	VNIC(context.Context, oci.VNICID) (oci.VNIC, error)
	Address(context.Context, oci.AddressID) (oci.Address, error)
	Find(context.Context, oci.SubnetID, netip.Addr) (oci.Address, error)
	Move(ctx context.Context, a oci.Address, to oci.VNICID, ifMatch string) (oci.Address, error)
	Create(ctx context.Context, vnic oci.VNICID, ip netip.Addr, retryToken string) (oci.Address, error)
}

// errLate is what a write gets after the action's time is over.
var errLate = errors.New("the operation's time is over; a process that was paused must not act late")

// connect makes a client of the VCN API.
func (a *action) connect(ctx context.Context, access floating.Access, source netip.Addr, md *imds.Client) (cloudAPI, error) {
	return a.client(ctx, access, source, md)
}

func (a *action) client(ctx context.Context, access floating.Access, source netip.Addr, md *imds.Client) (*oci.Client, error) {
	auth := map[string]oci.AuthKind{"api_key": oci.APIKey, "resource_principal": oci.ResourcePrincipal}[access.Auth]
	return oci.New(ctx, oci.Options{
		Auth: auth, ConfigFile: access.ConfigFile, Profile: access.Profile, Region: access.Region, Endpoint: access.Endpoint,
		IMDS: md, StateDir: stateDir, Source: source, Log: a.Log,
		Deadline: func() error {
			if a.Budget.Expired() {
				return errLate
			}
			return nil
		},
	})
}
