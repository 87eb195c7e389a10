// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"slices"

	"ocf-oci/internal/crmreload"
	"ocf-oci/internal/crmreload/loader"
	"ocf-oci/internal/crmsyntax/diff"
)

// printReload tells a report: what is wrong on stderr, the rest on stdout; nothing where there was nothing to do.
func printReload(stdout, stderr io.Writer, call reloadCall, r loader.Report) {
	for _, e := range r.Errors {
		fmt.Fprintln(stderr, e)
	}
	if r.Finished {
		fmt.Fprintln(stderr, "ngcp-ha: an earlier reload had been interrupted; maintenance mode is as it was before it")
	}
	switch r.Outcome {
	case loader.Invalid:
		fmt.Fprintf(stderr, "ngcp-ha: %s is invalid, so nothing was changed\n", call.file)
		return
	case loader.Differs, loader.Loaded, loader.Refused, loader.Restored:
	default:
		return
	}
	for _, w := range r.Warnings {
		fmt.Fprintln(stderr, w)
	}
	if text := r.Changes.String(); text != "" {
		fmt.Fprintln(stdout, text)
	}
	for _, k := range r.Kept {
		fmt.Fprintln(stdout, "kept", k)
	}
	for _, s := range r.Steps {
		if slices.ContainsFunc(r.Anyway, s.Same) {
			fmt.Fprintln(stdout, s, "in any case")
		} else {
			fmt.Fprintln(stdout, s)
		}
	}
	switch r.Outcome {
	case loader.Loaded:
		fmt.Fprintf(stdout, "loaded %s\n", call.file)
		if !r.Settled {
			fmt.Fprintln(stderr, "ngcp-ha: pacemaker was still busy when the time was over; see crm_mon")
		}
	case loader.Refused:
		fmt.Fprintf(stderr, "ngcp-ha: refused, since running resources would stop or move, so nothing was changed; --allow-stop loads it all the same:\n")
		printBecause(stderr, r)
	case loader.Restored:
		fmt.Fprintf(stderr, "ngcp-ha: refused: only once it was loaded did pacemaker find out what would stop or move; the previous configuration is back, nothing was stopped; --allow-stop loads it all the same:\n")
		printBecause(stderr, r)
	}
}

func printBecause(stderr io.Writer, r loader.Report) {
	for _, s := range r.Because {
		fmt.Fprintf(stderr, "   %s\n", s)
	}
}

// reloadOutput is the JSON of crm-reload.
type reloadOutput struct {
	File     string           `json:"file"`
	Outcome  loader.Outcome   `json:"outcome"`
	Code     int              `json:"exit_code"`
	Changes  diff.Changes     `json:"changes"`
	Kept     []crmreload.Kept `json:"kept"`
	Steps    []described      `json:"steps"`   // what pacemaker does with it
	Refused  []described      `json:"because"` // the disruptions among them that the file brings
	Errors   []string         `json:"errors"`
	Warnings []string         `json:"warnings"`
	Finished bool             `json:"finished_interrupted"`
	Settled  bool             `json:"settled"`
}

// described is a step with its words.
type described struct {
	crmreload.Step
	Text string `json:"text"`
}

func reloadJSON(file string, r loader.Report, code int, err error) reloadOutput {
	out := reloadOutput{File: file, Outcome: r.Outcome, Code: code, Changes: r.Changes, Kept: r.Kept, Steps: describe(r.Steps),
		Refused: describe(r.Because), Errors: r.Errors, Warnings: r.Warnings, Finished: r.Finished, Settled: r.Settled}
	if err != nil {
		out.Outcome = "failed"
		out.Errors = append(out.Errors, err.Error())
	}
	// Lists are lists, also when they are empty.
	if out.Changes == nil {
		out.Changes = diff.Changes{}
	}
	if out.Kept == nil {
		out.Kept = []crmreload.Kept{}
	}
	if out.Errors == nil {
		out.Errors = []string{}
	}
	if out.Warnings == nil {
		out.Warnings = []string{}
	}
	return out
}

func describe(steps []crmreload.Step) []described {
	list := make([]described, 0, len(steps))
	for _, s := range steps {
		list = append(list, described{s, s.String()})
	}
	return list
}
