// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// schemaVersion is that of report.json.
const schemaVersion = 1

// Report is report.json.
type Report struct {
	Schema  int     `json:"schema"`
	Cluster Cluster `json:"cluster"`
	Events  []Event `json:"events"`
	// AgentExec are the medians of the agent's operations as pacemaker timed them, in milliseconds. An operation that
	// pacemaker never ran is not in it.
	AgentExec map[string]int64 `json:"agent_exec_ms"`
	// APICalls counts the requests that reached the region's API, by operation.
	APICalls map[string]int `json:"api_calls"`
}

// Cluster says what ran.
type Cluster struct {
	Pacemaker string   `json:"pacemaker"`
	Corosync  string   `json:"corosync"`
	Pcs       string   `json:"pcs"`
	Nodes     []string `json:"nodes"`
}

// Kind is what sort of event it was.
type Kind string

// The kinds of events, in the order of the demo.
const (
	Planned  Kind = "planned"  // the administrator moves the resource
	Brownout Kind = "brownout" // the cloud's API fails; From equals To
	Crash    Kind = "crash"    // the active node loses its power
	Return   Kind = "return"   // it comes back; From equals To
)

// Event is something that happened, and what became of the packets until the next one.
type Event struct {
	Name          string  `json:"name"`
	Kind          Kind    `json:"kind"`
	From          string  `json:"from"` // host name of the node that held the address before
	To            string  `json:"to"`   // and after; empty if the views never agreed
	DurationMS    int64   `json:"duration_ms"`
	ToAddress     Traffic `json:"to_address"`
	ThroughRouter Traffic `json:"through_router"` // both directions together
}

// Traffic counts packets.
type Traffic struct {
	Sent int `json:"sent"`
	Lost int `json:"lost"`
	// GapMS is the longest time without an answer, in milliseconds; of several streams that of the worst.
	GapMS int64 `json:"gap_ms"`
}

// add joins the traffic of two streams.
func (t Traffic) add(o Traffic) Traffic {
	return Traffic{Sent: t.Sent + o.Sent, Lost: t.Lost + o.Lost, GapMS: max(t.GapMS, o.GapMS)}
}

// WriteJSON writes report.json.
func (r Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		return fmt.Errorf("write report.json: %w", err)
	}
	return nil
}

// Outcome is everything that a demo found out.
type Outcome struct {
	Report    Report
	Recording Recording
	Moments   []Moment  // of Report.Events, in the same order
	Commands  []Command // what was typed, in order
	Readings  []Reading // the agent's operations in pacemaker's history
	Strikes   []Strike  // the faults of the brown-out
	Failures  []string  // failed operations that pacemaker counted
	Diagnosis string    // what the nodes said when a promise did not hold; empty when all held
	Began     time.Time // when the lab was started
	Took      time.Duration
	// Token is corosync's token timeout, on which the outage after a crash depends; 0: not known.
	Token time.Duration
	// Settle is how long the agent's stop keeps the address on the source of a migration; 0: not known.
	Settle time.Duration
}

// Moment says when an event began and when the views agreed again, both since Recording.Begin.
type Moment struct {
	Begin, Agreed time.Duration
	Unsettled     string // why the views did not agree; empty when they did
}

// Command is a command as typed.
type Command struct {
	Chapter string // what it belongs to: "3  crash of vrouter2"
	Where   string // node; empty: the machine that runs the lab
	Line    string
	Note    string // what must be said about it; usually nothing
	Took    time.Duration
	Err     string
}

// Strike counts how often a fault hit a request.
type Strike struct {
	Fault string // "UpdatePrivateIp status 429"
	Hits  int
}
