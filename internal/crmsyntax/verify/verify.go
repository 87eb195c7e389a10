// SPDX-License-Identifier: Apache-2.0

// Package verify asks pacemaker's crm_verify about a configuration: whether
// the CIB would take it (its schema), and what the scheduler thinks of it.
//
// crm_verify's exit code does not tell the two apart (78 for both, and in
// pacemaker 2.1.5 for mere warnings too), and it writes its findings as text
// even when asked for XML, so the text is sorted here. What the schema refuses
// is brought back to the line of the file that the configuration was parsed from.
package verify

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"ocf-oci/internal/command"
	"ocf-oci/internal/crmsyntax"
)

// Finding is one thing that crm_verify says.
type Finding struct {
	Warning bool   // the scheduler only warns
	Text    string // what crm_verify says, with the place when it is known
	// Error is the finding with the line of the parsed file, when it is known.
	Error *crmsyntax.Error
}

func (f Finding) String() string {
	if f.Error != nil {
		return f.Error.Detail()
	}
	return f.Text
}

// Report is what crm_verify says about a configuration.
type Report struct {
	// Schema are the reasons for which the CIB would refuse the configuration.
	// It would take it if there is none.
	Schema []Finding
	// Scheduler are errors and warnings about a configuration that the CIB would
	// take, such as "Resource start-up disabled since no STONITH resources have
	// been defined".
	Scheduler []Finding
}

// Program runs crm_verify; Run of package command in production.
type Program func(context.Context, command.Command) (command.Output, error)

// invalid is the exit code for findings of any sort (CRM_EX_CONFIG).
const invalid = 78

// Check verifies the configuration inside the given CIB: its other parts, the
// schema that it names and the status of the nodes above all, are kept. The
// error says that crm_verify could not be asked.
func Check(ctx context.Context, run Program, cfg *crmsyntax.Configuration, cib []byte) (Report, error) {
	document, err := cfg.ReplaceIn(cib)
	if err != nil {
		return Report{}, err
	}
	if err := namesSchema(document); err != nil {
		return Report{}, err
	}
	out, err := run(ctx, command.Command{
		Name: "crm_verify", Args: []string{"--xml-pipe", "--verbose"},
		Env: []string{"LC_ALL=C"}, Stdin: string(document),
	})
	if failed := (*command.Error)(nil); errors.As(err, &failed) && failed.ExitCode == invalid {
		err = nil
	}
	if errors.Is(err, exec.ErrNotFound) {
		return Report{}, fmt.Errorf("checking the configuration: crm_verify is not installed; install pacemaker's command line tools: %w", err)
	}
	if err != nil {
		return Report{}, fmt.Errorf("checking the configuration with crm_verify: %w", err)
	}
	return sortFindings(string(out.Stderr)+"\n"+string(out.Stdout), out.ExitCode, newPlaces(cfg, document))
}

// namesSchema refuses a CIB without a schema: crm_verify would then accept
// everything.
func namesSchema(document []byte) error {
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(document); err != nil {
		return fmt.Errorf("checking the configuration: %w", err)
	}
	if schema := doc.Root().SelectAttrValue("validate-with", ""); schema == "" || schema == "none" {
		return fmt.Errorf("checking the configuration: the CIB names no schema (validate-with=%q), so nothing can be checked; run: cibadmin --upgrade", schema)
	}
	return nil
}

var (
	// Entity: line 9: element op: Relax-NG validity error : Invalid attribute …
	schemaLine = regexp.MustCompile(`^(?:Entity: line (\d+): )?(?:element (\S+): )?(?:Relax-NG )?validity error : (.*)$`)
	// Since pacemaker 3 without the place: Invalid attribute replicas for element docker
	bareSchemaLine = regexp.MustCompile(`^(?:Invalid (?:attribute|sequence)|Element|Did not expect|Expecting|Extra element|IDREF attribute|Error validating|Type|Value) `)
	// (unpack_resources) 	error: Resource start-up disabled …
	schedulerLine = regexp.MustCompile(`^(?:\(.*?\)\s*)?(error|warning|crit|notice): (.*)$`)
	// What follows from another error further in.
	consequence = regexp.MustCompile(`failed to validate content|has extra content|^Extra element|^Invalid sequence`)
	// After an error in a section libxml2 does not know the ids in it.
	unknownID = regexp.MustCompile(`^IDREF attribute \S+ references an unknown ID "(.*)"$`)
	refusal   = regexp.MustCompile(`did not pass .*validation`)
	onlyWarns = regexp.MustCompile(`Warnings found during check`)
)

// sortFindings reads what crm_verify wrote.
func sortFindings(text string, exitCode int, at places) (Report, error) {
	var report Report
	var consequences []Finding
	sortIn := func(message string, f Finding) {
		if consequence.MatchString(message) || at.hasUnknownID(message) {
			consequences = appendNew(consequences, f)
		} else {
			report.Schema = appendNew(report.Schema, f)
		}
	}
	refused := false
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if m := schemaLine.FindStringSubmatch(line); m != nil {
			number, _ := strconv.Atoi(m[1])
			sortIn(m[3], at.finding(number, m[2], m[3]))
		} else if bareSchemaLine.MatchString(line) {
			sortIn(line, at.likely(line))
		} else if refusal.MatchString(line) {
			refused = true
		} else if m := schedulerLine.FindStringSubmatch(line); m != nil {
			report.Scheduler = appendNew(report.Scheduler, Finding{Text: m[2], Warning: m[1] == "warning" || m[1] == "notice"})
		}
	}
	if len(report.Schema) == 0 {
		report.Schema = consequences
	}
	switch {
	case refused && len(report.Schema) == 0:
		report.Schema = []Finding{{Text: "the schema does not allow this configuration (crm_verify does not say why)"}}
	case !refused && len(report.Schema) > 0:
		// Only an upgrade to a newer schema was tried and failed.
		report.Schema = nil
	case exitCode == invalid && !refused && len(report.Scheduler) == 0 && !onlyWarns.MatchString(text):
		return Report{}, fmt.Errorf("checking the configuration: crm_verify finds it invalid but gives no reason: %s", strings.TrimSpace(text))
	}
	return report, nil
}

func appendNew(list []Finding, f Finding) []Finding {
	if slices.ContainsFunc(list, func(other Finding) bool { return other.Text == f.Text }) {
		return list
	}
	return append(list, f)
}
