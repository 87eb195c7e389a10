// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"os/exec"

	"ocf-oci/internal/command"
	"ocf-oci/internal/pacemaker/mon"
)

// Result is what the scheduler would do.
type Result struct {
	// Actions are the changes that an administrator would notice, in pacemaker's order.
	Actions []Action
	// Scores are in the order in which the scheduler worked them out: the last one of a resource and node decides.
	Scores []Score
	// After is the cluster once all of it is done. It has no nodes where crm_simulate cannot play that through.
	After mon.State
}

// Action is one change.
type Action struct {
	Action   string `json:"action"` // start, stop, restart, move, migrate, recover, reload, promote, demote ...
	Resource string `json:"resource"`
	From     string `json:"from,omitempty"`
	To       string `json:"to,omitempty"`
	Reason   string `json:"reason,omitempty"`
	Blocked  bool   `json:"blocked,omitempty"`
}

// Score is a resource's score on a node, as the scheduler's function of that name saw it.
type Score struct{ Function, Node, Score, Resource string }

// ErrNoXML means that this pacemaker (before 2.1) tells of simulations in words only.
var ErrNoXML = errors.New("crm_simulate of this pacemaker has no XML output; that came with 2.1")

type document struct {
	XMLName xml.Name `xml:"pacemaker-result"`
	Scores  []struct {
		Function string `xml:"function,attr"`
		Node     string `xml:"node,attr"`
		Score    string `xml:"score,attr"`
		ID       string `xml:"id,attr"`
	} `xml:"allocations>node_weight"`
	Actions []struct {
		Action   string `xml:"action,attr"`
		Resource string `xml:"resource,attr"`
		Node     string `xml:"node,attr"`
		Source   string `xml:"source,attr"`
		Dest     string `xml:"dest,attr"`
		Reason   string `xml:"reason,attr"`
		Blocked  bool   `xml:"blocked,attr"`
	} `xml:"actions>rsc_action"`
}

// Run simulates with a CIB, its status section included, within ctx.
func Run(ctx context.Context, env []string, cib []byte) (Result, error) {
	run := func(how string) (command.Output, error) {
		return command.Run(ctx, command.Command{Name: "crm_simulate", Args: []string{"--xml-pipe", how, "--show-scores", "--output-as=xml"},
			Env: env, Stdin: string(cib), Limit: 64 << 20})
	}
	out, err := run("--simulate")
	if err != nil && out.ExitCode == -1 && ctx.Err() == nil && !errors.Is(err, exec.ErrNotFound) {
		// 2.1.5 dies of an assertion (simulate_resource_action) where a node that the CIB has no state of would get work.
		out, err = run("--run")
	}
	if errors.Is(err, exec.ErrNotFound) {
		return Result{}, fmt.Errorf("crm_simulate is not installed; install pacemaker's command line tools: %w", err)
	}
	// 2.0.5 complains of the unknown option, prints nothing else, and succeeds.
	if len(out.Stdout) == 0 && (err == nil || out.ExitCode == 64 || out.ExitCode == 1) {
		return Result{}, errors.Join(ErrNoXML, err)
	}
	if err != nil {
		return Result{}, fmt.Errorf("asking the scheduler what it would do: %w", err)
	}
	return Parse(out.Stdout)
}

// Parse reads what crm_simulate prints as XML.
func Parse(text []byte) (Result, error) {
	var doc document
	if err := xml.Unmarshal(text, &doc); err != nil {
		return Result{}, fmt.Errorf("crm_simulate printed no XML that can be read: %w", err)
	}
	var r Result
	for _, s := range doc.Scores {
		r.Scores = append(r.Scores, Score{s.Function, s.Node, s.Score, s.ID})
	}
	for _, a := range doc.Actions {
		one := Action{Action: a.Action, Resource: a.Resource, From: a.Source, To: a.Dest, Reason: a.Reason, Blocked: a.Blocked}
		switch {
		case a.Node == "":
		case a.Action == "stop" || a.Action == "demote":
			one.From = a.Node
		default:
			one.To = a.Node
		}
		r.Actions = append(r.Actions, one)
	}
	after, ok, err := mon.ParseWithin(text, "revised_cluster_status")
	if err != nil {
		return Result{}, err
	}
	if ok {
		r.After = after
	}
	return r, nil
}
