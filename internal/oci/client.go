// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"

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

// DefaultTimeout bounds one request: longer than the API's slow days, short
// enough that a connection which died silently does not eat a start's budget.
const DefaultTimeout = 10 * time.Second

// userAgent keeps the SDK's name, which the service's statistics know.
var userAgent = "Oracle-GoSDK/" + common.Version() + " ocf-oci"

// Client calls the VCN API. It is safe for concurrent use, and each of its
// calls sends one request (two after a 401; three more the first time, if the
// credentials cache is cold).
type Client struct {
	opt         Options
	dispatcher  *dispatcher
	credentials credentialSource
	federation  *federation // nil unless InstancePrincipal
	home        *home       // nil unless InstancePrincipal
}

// New makes a client. It reads local files only (the credentials cache, or the
// configuration file with its key) and sends nothing; errors are of Kind Local
// or Invalid. ctx bounds the reading.
func New(ctx context.Context, opt Options) (*Client, error) {
	bundleOnly()
	if opt.Timeout <= 0 {
		opt.Timeout = DefaultTimeout
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.IMDS == nil {
		opt.IMDS = imds.New(imds.Options{Source: opt.Source, Log: opt.Log})
	}
	for _, e := range []struct{ what, url string }{{"endpoint", opt.Endpoint}, {"federation endpoint", opt.AuthEndpoint}} {
		if err := checkEndpoint(e.what, e.url); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, &Error{Op: "New", Kind: Transient, Err: err}
	}
	c := &Client{opt: opt, dispatcher: newDispatcher(opt.Source, opt.Timeout, opt.Log)}
	switch opt.Auth {
	case InstancePrincipal:
		cache := newCache(opt.StateDir, opt.Log)
		c.home = newHome(opt.IMDS, cache)
		c.federation = &federation{imds: opt.IMDS, cache: cache, home: c.home, dispatcher: c.dispatcher, endpoint: opt.AuthEndpoint, timeout: opt.Timeout, log: opt.Log, turn: make(chan struct{}, 1)}
		c.credentials = c.federation
	case APIKey:
		source, err := newAPIKey(opt.ConfigFile, opt.Profile)
		if err != nil {
			return nil, err
		}
		c.credentials = source
	case ResourcePrincipal:
		source, err := newResourcePrincipal()
		if err != nil {
			return nil, err
		}
		c.credentials = source
	default:
		return nil, &Error{Op: "New", Kind: Invalid, Message: fmt.Sprintf("unknown kind of authentication %d", opt.Auth)}
	}
	return c, nil
}

// checkEndpoint accepts https://host[:port], which is what the SDK can take; and
// http for this machine itself only, since who reads a signed request can repeat
// it for as long as the service accepts its date.
func checkEndpoint(what, endpoint string) error {
	if endpoint == "" {
		return nil
	}
	u, err := url.Parse(endpoint)
	if err == nil && (u.Scheme == "https" || u.Scheme == "http" && loopbackTarget(u.Host)) && u.Hostname() != "" && u.User == nil && strings.Trim(u.Path, "/") == "" && u.RawQuery == "" && u.Fragment == "" {
		return nil
	}
	return &Error{Op: "New", Kind: Invalid, Message: fmt.Sprintf("%s %q is not of the form https://host[:port]", what, endpoint), Err: err}
}

// endpoint gives the URL of the VCN API.
func (c *Client) endpoint(ctx context.Context) (string, error) {
	if c.opt.Endpoint != "" {
		return strings.TrimRight(c.opt.Endpoint, "/"), nil
	}
	info, err := c.regionInfo(ctx)
	if err != nil {
		return "", err
	}
	return "https://iaas." + info.Region + "." + info.RealmDomain, nil
}

// regionInfo gives the region of the API: Options.Region, else the
// configuration's, else the instance's own.
func (c *Client) regionInfo(ctx context.Context) (imds.RegionInfo, error) {
	name := c.opt.Region
	if name == "" {
		name = c.credentials.region()
	}
	if name == "" && c.home == nil {
		return imds.RegionInfo{}, &Error{Op: "endpoint", Kind: Local, Problem: Missing, Message: "no region is given: set it in the parameters or in the configuration file"}
	}
	if name == "" {
		return c.home.info(ctx)
	}
	info := imds.RegionNamed(name)
	if info.RealmKey == "" && c.opt.Auth == InstancePrincipal {
		// Newer than the SDK's table. Instance principals work inside one
		// realm, so the instance's domain is the right one.
		here, err := c.home.info(ctx)
		if err != nil {
			return here, err
		}
		info.RealmKey, info.RealmDomain = here.RealmKey, here.RealmDomain
	}
	return info, nil
}
