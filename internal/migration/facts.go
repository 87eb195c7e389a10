// SPDX-License-Identifier: Apache-2.0

package migration

import (
	"net/netip"
	"time"

	"ocf-oci/internal/packages"
)

// Question is what a node must be told to collect its facts.
type Question struct {
	Direction Direction `json:"direction"`
	Peer      string    `json:"peer"` // to be tried by ssh; empty: not
}

// Facts are what a node knows of itself before anything is changed. Errors are texts, since they cross ssh.
type Facts struct {
	Node    string    `json:"node"`
	Names   []string  `json:"names"` // of the pair, by ha.cf or corosync.conf
	Time    time.Time `json:"time"`
	Journal Journal   `json:"journal"`

	Heartbeat Daemon `json:"heartbeat"`
	Pacemaker Daemon `json:"pacemaker"` // with corosync
	Resources string `json:"resources"` // Heartbeat's word: local, all, none, transition ...
	// Shared are the shared addresses of the configuration; Held those of them that are on this node.
	Shared []netip.Addr `json:"shared"`
	Held   []netip.Addr `json:"held"`

	Services []Service `json:"services"`
	// ServicesError: they cannot be told.
	ServicesError string `json:"services_error,omitempty"`

	Configuration string   `json:"configuration"` // digest of haresources
	Findings      []string `json:"findings"`      // directives without counterpart
	Untranslated  []string `json:"untranslated"`  // what cannot be translated, with places
	Fences        []string `json:"fences"`        // stonith directives

	Plan         packages.Plan      `json:"plan"`
	PlanError    string             `json:"plan_error,omitempty"`
	Packages     []packages.Package `json:"packages"` // of Heartbeat, to be saved
	PackageError string             `json:"package_error,omitempty"`
	SavedError   string             `json:"saved_error,omitempty"` // what was saved is missing or damaged

	Free      map[string]uint64 `json:"free"` // bytes by folder
	SSHError  string            `json:"ssh_error,omitempty"`
	GCS, CRM  string            // config.yml; empty: not set
	Templates bool              `json:"templates"` // ngcpcfg builds the files
	MTU       int               `json:"mtu"`
}

// Daemon is a stack's presence.
type Daemon struct {
	Package string `json:"package,omitempty"` // name; empty: not installed
	Active  bool   `json:"active"`
	// Online are the members it sees.
	Online []string `json:"online,omitempty"`
	Failed []string `json:"failed,omitempty"` // resources with a failure
}

// Service is one of monit's.
type Service struct {
	Name string `json:"name"`
	Text string `json:"text"`
	HA   bool   `json:"ha"` // of the group that only the active node runs
	// Running, and Bad: monit watches it and it does not do its work.
	Running bool `json:"running"`
	Bad     bool `json:"bad"`
}

// Link is what is known of the way between the nodes.
type Link struct {
	SSHError  string        // to the peer
	Skew      time.Duration // of the clocks, at most
	UDP       map[int]error // answers of the peer on corosync's port, by packet size
	Reachable bool
}
