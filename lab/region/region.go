// SPDX-License-Identifier: Apache-2.0

package region

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"time"

	"ocf-oci/lab/region/fault"
	"ocf-oci/lab/region/iam"
	"ocf-oci/lab/region/journal"
	"ocf-oci/lab/region/pki"
	"ocf-oci/lab/region/token"
	"ocf-oci/lab/region/vcn"
)

// Options connect a region to what is around it; every field may be left out.
type Options struct {
	Dataplane Dataplane
	Power     Power
	// Gate refuses connections; without one, refused connections are accepted and
	// reset at once.
	Gate Gate
	Log  *slog.Logger
}

// Region is a running region. It is safe for concurrent use.
type Region struct {
	spec    Spec
	opt     Options
	log     *slog.Logger
	faults  *fault.Table
	journal *journal.Journal
	ca      *pki.Authority
	issuer  *token.Issuer
	network *propagation
	conns   *connections
	meter   meter

	gateMu   sync.Mutex // orders calls of the Gate
	gateShut map[Service][]netip.Addr

	life context.Context // ends with Close
	end  context.CancelFunc

	mu       sync.Mutex // guards what follows
	state    *vcn.State
	history  []version
	settings settings
	policy   iam.Policy
	groups   []dynamicGroup
	users    map[string]user
	retries  map[string]retried
	leaves   map[vcn.InstanceID]*leafSlot
}

// settings are what an operator changes while the region runs.
type settings struct {
	Latency, Propagation, TokenLife time.Duration
	Limit                           int
}

// saved is a Region at rest.
type saved struct {
	Schema   int             `json:"schema"`
	Spec     Spec            `json:"spec"`
	State    *vcn.State      `json:"state"`
	Settings settings        `json:"settings"`
	Policy   string          `json:"policy"`
	Users    map[string]user `json:"users"`
	CA       pki.Saved       `json:"ca"`
	Issuer   string          `json:"issuer"`
	Retries  []savedRetry    `json:"retries,omitempty"`
}

// New makes a region of a Spec. The error says which part of the Spec is wrong; a policy
// error carries its line.
func New(spec Spec, opt Options) (*Region, error) {
	spec = spec.withDefaults()
	state, err := spec.build(time.Now())
	if err != nil {
		return nil, fmt.Errorf("region %s: %w", spec.Region, err)
	}
	ca, err := pki.New("lab " + spec.Seed)
	if err != nil {
		return nil, fmt.Errorf("region %s: %w", spec.Region, err)
	}
	r := assemble(spec, opt, state, ca, token.NewIssuer())
	for _, u := range spec.Users {
		r.users[u.Name] = user{ID: r.userID(u.Name), Groups: u.Groups, Keys: map[string]string{}}
	}
	return r, r.setUp(spec.Policy)
}

func assemble(spec Spec, opt Options, state *vcn.State, ca *pki.Authority, issuer *token.Issuer) *Region {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	life, end := context.WithCancel(context.Background())
	r := &Region{
		life: life, end: end, spec: spec, opt: opt, log: opt.Log, journal: journal.New(200_000), ca: ca, issuer: issuer,
		conns: newConnections(), gateShut: map[Service][]netip.Addr{}, state: state,
		history:  []version{{at: time.Now(), state: state}},
		settings: settings{Latency: spec.Latency, Propagation: spec.Propagation, TokenLife: spec.TokenLife, Limit: spec.Limit},
		users:    map[string]user{}, retries: map[string]retried{}, leaves: map[vcn.InstanceID]*leafSlot{},
	}
	r.faults = fault.NewTable(operationNames(), r.applyGate)
	r.network = newPropagation(life, opt.Dataplane, opt.Log)
	return r
}

// setUp reads the dynamic groups and the policy.
func (r *Region) setUp(policy string) error {
	for _, g := range r.spec.DynamicGroups {
		text := strings.ReplaceAll(g.Rule, "${compartment}", r.state.Compartment)
		for _, i := range r.state.Instances {
			text = strings.ReplaceAll(text, "${instance:"+i.Name+"}", string(i.ID))
		}
		rule, err := iam.ParseRule(text)
		if err != nil {
			return fmt.Errorf("dynamic group %s: %w", g.Name, err)
		}
		r.groups = append(r.groups, dynamicGroup{g.Name, rule})
	}
	return r.SetPolicy(policy)
}

// Restore brings back a region that Save wrote. Call Program to tell the data plane.
func Restore(data []byte, opt Options) (*Region, error) {
	var s saved
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("restore the region: %w", err)
	}
	if s.Schema != 1 || s.State == nil {
		return nil, fmt.Errorf("restore the region: schema %d is not 1", s.Schema)
	}
	ca, err := pki.Load(s.CA)
	if err != nil {
		return nil, fmt.Errorf("restore the region: %w", err)
	}
	issuer, err := token.LoadIssuer(s.Issuer)
	if err != nil {
		return nil, fmt.Errorf("restore the region: %w", err)
	}
	r := assemble(s.Spec, opt, s.State, ca, issuer)
	r.settings, r.users = s.Settings, s.Users
	r.restoreRetries(s.Retries)
	return r, r.setUp(s.Policy)
}

// Save returns the region as JSON: topology, state, settings, policy, and the private keys
// of its authority (so keep the file to its owner). Faults and the journal are not kept.
func (r *Region) Save() ([]byte, error) {
	ca, err := r.ca.Save()
	if err != nil {
		return nil, err
	}
	issuer, err := r.issuer.PEM()
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return json.MarshalIndent(saved{
		Schema: 1, Spec: r.spec, State: r.state, Settings: r.settings, Policy: r.policy.Text,
		Users: r.users, CA: ca, Issuer: issuer, Retries: r.savedRetries(),
	}, "", " ")
}

// Program tells the data plane the whole state now, without delay, and returns what it
// answered. Call it once after New or Restore.
func (r *Region) Program() error {
	r.mu.Lock()
	state := r.state
	r.mu.Unlock()
	r.applyGate()
	return r.network.program(vcn.Diff(nil, state))
}

// Close ends the servers, hanging requests and pending propagation.
func (r *Region) Close() {
	r.end()
	r.conns.closeAll()
}

// Spec returns the region's Spec with its defaults filled in.
func (r *Region) Spec() Spec { return r.spec }
