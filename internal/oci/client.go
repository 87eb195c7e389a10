// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"log/slog"
	"net/netip"
	"time"

	"ocf-oci/internal/imds"
)

// AuthKind says whose identity signs the requests.
type AuthKind int

// The ways to sign.
const (
	InstancePrincipal AuthKind = iota // the instance's own identity, through instance metadata and identity federation
	APIKey                            // a user's key, from an OCI configuration file
	ResourcePrincipal                 // version 2.2, from the environment (OCI_RESOURCE_PRINCIPAL_*)
)

// Options configures a Client.
type Options struct {
	Auth         AuthKind
	ConfigFile   string // APIKey: path of the OCI configuration file; default ~/.oci/config of the process's user
	Profile      string // APIKey: default "DEFAULT"
	Region       string // name or short code; default: the configuration file's, else the instance's
	Endpoint     string // VCN API, "https://host[:port]"; default https://iaas.<region>.<realm domain>
	AuthEndpoint string // identity federation, "https://host[:port]"; default https://auth.<region>.<realm domain>

	IMDS     *imds.Client  // default: a client with Source as source address
	StateDir string        // credentials cache, for example /run/ocf-oci; empty: nothing is cached
	Source   netip.Addr    // local address of every connection; invalid: the kernel chooses
	Timeout  time.Duration // for one request, at most; default 10 s; the context may end it earlier
	Log      *slog.Logger  // nil: no log; every request is traced at level -8

	// Deadline is asked immediately before any byte of a write request goes
	// out; when it errs nothing is sent and the call fails with TooLate. nil:
	// only the context limits a write.
	Deadline func() error
}
