// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/netip"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/floatingyaml"
	"ocf-oci/internal/ocf"
	"ocf-oci/internal/oci"
	"ocf-oci/internal/plainfile"
	"ocf-oci/internal/yamllimit"
)

// declared is what the declarative file says of this node.
type declared struct {
	digest string // of the file's content; empty if there is none
	auth   floatingyaml.Auth
	vnics  map[netip.Addr]oci.VNICID
	bits   map[netip.Addr]int
}

// declare reads the file. One that was asked for must exist; any that exists must be right, since a mistake in it would
// otherwise move an address to wherever discovery leads. Only actions that resolve anew read it: a mistake made while
// the address runs changes nothing.
func (a *action) declare() (declared, *ocf.Result) {
	text, err := plainfile.Read(a.cfg.file, yamllimit.Size)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !a.cfg.fileGiven:
		return declared{}, nil
	case err != nil:
		return declared{}, result(reasonFile.Result(ocf.ErrInstalled, err))
	}
	file, err := floatingyaml.Parse(a.cfg.file, text)
	if err != nil {
		return declared{}, result(reasonFile.Result(ocf.ErrInstalled, err))
	}
	sum := sha256.Sum256(text)
	d := declared{digest: hex.EncodeToString(sum[:]), auth: file.Auth, vnics: map[netip.Addr]oci.VNICID{}, bits: map[netip.Addr]int{}}
	for _, address := range file.Addresses {
		d.bits[address.IP] = address.Prefix
		if vnic, ok := file.Nodes[nodeName(a.Request)][address.Network]; ok {
			d.vnics[address.IP] = vnic
		}
	}
	return d, nil
}

// access is how this node authenticates: by the parameters that are set, then by the file, then by default.
func (d declared) access(c *config) floating.Access {
	access := c.access
	fill := func(field *string, name, value string) {
		if value != "" && !c.set[name] {
			*field = value
		}
	}
	fill(&access.Auth, "auth", d.auth.Kind)
	fill(&access.Region, "region", d.auth.Region)
	fill(&access.Endpoint, "endpoint", d.auth.Endpoint)
	if access.Auth == "api_key" {
		access.ConfigFile, access.Profile = c.keyFile, c.profile
		fill(&access.ConfigFile, "oci_config_file", d.auth.ConfigFile)
		fill(&access.Profile, "oci_profile", d.auth.Profile)
	}
	return access
}
