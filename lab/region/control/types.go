// SPDX-License-Identifier: Apache-2.0

// Package control is the operator's side of a simulated region: what its control
// socket says (these types, as JSON) and a client for it. Durations are strings
// such as "1.5s"; times are RFC 3339 with nanoseconds.
package control

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"time"
)

// Duration is a time.Duration that JSON spells "1.5s".
type Duration time.Duration

// MarshalJSON writes the duration as text.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// UnmarshalJSON reads text such as "200ms".
func (d *Duration) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("duration %s: want text such as \"200ms\": %w", b, err)
	}
	v, err := ParseDuration(s)
	if err != nil {
		return err
	}
	*d = Duration(v)
	return nil
}

// ParseDuration reads a duration that a person wrote, such as 300ms, 2s or 0.
func ParseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err == nil {
		return d, nil
	}
	if _, number := strconv.ParseFloat(s, 64); number == nil {
		return 0, fmt.Errorf("%s has no unit: %ss", s, s)
	}
	return 0, fmt.Errorf("%q is no duration such as 300ms or 2s", s)
}

// Fault is a fault that is set in the region.
type Fault struct {
	ID int `json:"id"`
	// Target is an operation name, api, auth, imds or all.
	Target string `json:"target"`
	Kind   string `json:"kind"`
	Value  string `json:"value,omitempty"`
	// Node limits the fault to the calls of one node; empty is everybody.
	Node string `json:"node,omitempty"`
	// Count is how often the fault strikes before it clears itself; 0 is without end.
	Count int `json:"count,omitempty"`
	// For is how long it lasts; 0 is without end.
	For   Duration  `json:"for,omitempty"`
	SetAt time.Time `json:"set_at,omitzero"`
	// Hits is how often it has struck.
	Hits int `json:"hits"`
}

// Call is one request that reached the region, or one connection it refused.
type Call struct {
	Seq     uint64    `json:"seq"`
	Time    time.Time `json:"time"`
	Service string    `json:"service"`
	// Node is the host name of the instance that owns the source address, or "".
	Node   string     `json:"node"`
	Source netip.Addr `json:"source"`
	// Floating says that the source was a secondary address.
	Floating  bool   `json:"floating"`
	Operation string `json:"operation"`
	// Target is the OCID in the path, or the query of a list.
	Target string `json:"target,omitempty"`
	// Status is the HTTP status that was decided; 0 when none was (refused, hung, reset).
	Status     int    `json:"status"`
	Code       string `json:"code,omitempty"`
	Message    string `json:"message,omitempty"`
	IfMatch    bool   `json:"if_match"`
	RetryToken bool   `json:"retry_token"`
	// Principal is the OCID of the user or instance whose signature was verified.
	Principal string `json:"principal,omitempty"`
	RequestID string `json:"request_id,omitempty"`
	UserAgent string `json:"user_agent,omitempty"`
	// Outcome: answered, hung, reset, truncated, refused, gone (the client left first).
	Outcome string `json:"outcome"`
	// Committed says that the region's state changed.
	Committed bool     `json:"committed"`
	Faults    []string `json:"faults,omitempty"`
	Duration  Duration `json:"duration"`
}

// Owner says who holds an address.
type Owner struct {
	Address netip.Addr `json:"address"`
	ID      string     `json:"id"`
	Subnet  string     `json:"subnet"`
	// Primary addresses belong to a machine; the others float.
	Primary bool   `json:"primary"`
	ETag    string `json:"etag"`
	// VNIC, Node and NIC are empty when nobody holds it.
	VNIC string `json:"vnic"`
	Node string `json:"node"`
	NIC  string `json:"nic"`
	// Dataplane is the node that the data plane was last told; it follows Node after the propagation delay.
	Dataplane     string `json:"dataplane"`
	DataplaneVNIC string `json:"dataplane_vnic"`
	PublicIP      string `json:"public_ip,omitempty"`
}

// Status is the region at a glance.
type Status struct {
	Region      string    `json:"region"`
	Time        time.Time `json:"time"`
	Latency     Duration  `json:"latency"`
	Propagation Duration  `json:"propagation"`
	Limit       int       `json:"limit"`
	TokenLife   Duration  `json:"token_life"`
	Calls       uint64    `json:"calls"`
	Pending     int       `json:"pending"`
	Faults      []Fault   `json:"faults"`
	Owners      []Owner   `json:"owners"`
	Nodes       []Node    `json:"nodes"`
	// Errors are what the data plane answered lately.
	Errors []string `json:"errors,omitempty"`
}

// Node is an instance with its VNICs.
type Node struct {
	Name  string `json:"name"`
	ID    string `json:"id"`
	State string `json:"state"`
	VNICs []VNIC `json:"vnics"`
}

// VNIC is a VNIC of a node.
type VNIC struct {
	ID                  string     `json:"id"`
	NIC                 string     `json:"nic"`
	MAC                 string     `json:"mac"`
	Subnet              string     `json:"subnet"`
	SubnetID            string     `json:"subnet_id"`
	IP                  netip.Addr `json:"ip,omitzero"`
	SkipSourceDestCheck bool       `json:"skip_source_dest_check"`
}

// Settings are changed while the region runs; nil leaves one as it is.
type Settings struct {
	Latency     *Duration `json:"latency,omitempty"`
	Propagation *Duration `json:"propagation,omitempty"`
	TokenLife   *Duration `json:"token_life,omitempty"`
	// Limit is API requests a second before 429; 0 is no limit.
	Limit *int `json:"limit,omitempty"`
}

// NewAddress is an address object to be made; Node empty: held by nobody.
type NewAddress struct {
	Address netip.Addr `json:"address"`
	// Subnet is the name in the Spec.
	Subnet string `json:"subnet"`
	Node   string `json:"node,omitempty"`
}

// Problem is the answer to a request that failed.
type Problem struct {
	Error string `json:"error"`
}

// Cleared says how many faults were removed.
type Cleared struct {
	Cleared int `json:"cleared"`
}
