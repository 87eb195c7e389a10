// SPDX-License-Identifier: Apache-2.0

package floating

import (
	"net/netip"
	"time"

	"ocf-oci/internal/oci"
)

// Readiness says whether this node could take a resource over now. The agent's action "ready" prints it as JSON:
// the program that would start the address is the one that tells whether it can.
type Readiness struct {
	Cloud    string      `json:"cloud"` // oci or none; empty if the definition cannot be understood
	Ready    bool        `json:"ready"`
	Problems []Finding   `json:"problems,omitempty"` // why a start would fail here
	Warnings []Finding   `json:"warnings,omitempty"` // what a start would get over, but somebody should mend
	Targets  []Candidate `json:"targets,omitempty"`

	// What the marks say of a resource that runs here.
	Owned     bool   `json:"owned"`
	Degraded  bool   `json:"degraded"` // the cloud has not answered the last three checks or more
	LastCheck string `json:"last_check,omitempty"`
}

// Finding is one thing that is wrong, by the id of the agent's reason, and what to do about it.
type Finding struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// Candidate is an address and its place on this node.
type Candidate struct {
	IP     netip.Addr `json:"ip"`
	NIC    string     `json:"nic"`
	VNIC   oci.VNICID `json:"vnic,omitempty"`
	Holder oci.VNICID `json:"holder,omitempty"` // empty: none, or not known
	Exists bool       `json:"exists"`           // the cloud has the private IP
	Asked  bool       `json:"asked"`            // the cloud has answered, so that holder and exists are true
	Here   bool       `json:"here"`             // the operating system of this node carries it
}

// UnknownsBeforeDegraded is the number of consecutive unknowns from which a running resource is reported degraded.
const UnknownsBeforeDegraded = 3

// WallTime is a boot time on the clock of people, RFC 3339.
func WallTime(boot time.Duration) string {
	return time.Now().Add(boot - Boottime()).UTC().Format(time.RFC3339)
}
