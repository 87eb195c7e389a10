// SPDX-License-Identifier: Apache-2.0

package loader

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"

	"github.com/beevik/etree"

	"ocf-oci/internal/crmreload"
	"ocf-oci/internal/crmsyntax"
	"ocf-oci/internal/pacemaker/cib"
)

// prepared is everything that is known before anything is written.
type prepared struct {
	document []byte // the CIB that was read
	live     *crmsyntax.Configuration
	mark     *crmreload.Mark
	plan     crmreload.Plan
	report   Report
}

// Look tells what Load would do; it writes nothing. Document is a CIB; nil is the live cluster's.
func (l Loader) Look(ctx context.Context, source Source, document []byte) (Report, error) {
	j := &job{Loader: l}
	if document == nil {
		var err error
		document, err = j.first(ctx)
		if errors.Is(err, cib.ErrNoCluster) {
			return Report{Outcome: NoCluster}, nil
		}
		if err != nil {
			return Report{}, err
		}
	}
	p, err := j.prepareIn(ctx, source, document)
	return p.report, err
}

// prepare reads the live CIB and works out what is to be done.
func (j *job) prepare(ctx context.Context, source Source) (*prepared, error) {
	document, err := j.Cluster.Query(ctx)
	if err != nil {
		return &prepared{}, err
	}
	return j.prepareIn(ctx, source, document)
}

func (j *job) prepareIn(ctx context.Context, source Source, document []byte) (*prepared, error) {
	p := &prepared{document: document}
	cfg, err := crmsyntax.Read(document)
	if err != nil {
		return p, err
	}
	p.live, p.mark = crmreload.Unmark(cfg)
	schema, err := schemaOf(document)
	if err != nil {
		return p, err
	}
	wanted, err := source(p.live, schema)
	var invalid *InvalidFile
	if errors.As(err, &invalid) {
		p.report.Outcome, p.report.Errors = Invalid, invalid.Errors
		return p, nil
	}
	if err != nil {
		return p, err
	}
	p.plan = crmreload.Make(wanted, p.live, j.Options)
	p.report.Changes, p.report.Kept, p.report.Warnings = p.plan.Changes, p.plan.Kept, p.plan.Warnings
	for _, w := range wanted.Warnings {
		p.report.Warnings = append(p.report.Warnings, w.Error())
	}
	p.report.Outcome = Equal
	if len(p.plan.Changes) == 0 {
		return p, nil
	}
	p.report.Outcome = Differs
	if j.parameters(ctx, wanted, p); p.report.Outcome == Invalid {
		return p, nil
	}
	if err := j.verify(ctx, p); err != nil || p.report.Outcome == Invalid {
		return p, err
	}
	steps, anyway, err := j.foresee(ctx, p.plan.Target, p.live, document)
	if err != nil {
		return p, err
	}
	if j.stuck {
		p.report.Warnings = append(p.report.Warnings, "with the live configuration pacemaker can do nothing at all: a parameter has a name that is no XML name; this file mends that")
	}
	p.report.Steps, p.report.Anyway = crmreload.Explain(steps, p.plan.Changes), anyway
	p.report.Because = crmreload.Unannounced(p.report.Steps, anyway)
	return p, nil
}

func schemaOf(document []byte) (string, error) {
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(document); err != nil {
		return "", fmt.Errorf("reading a CIB: %w", err)
	}
	return doc.Root().SelectAttrValue("validate-with", ""), nil
}

func withoutStatus(document []byte) ([]byte, error) {
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(document); err != nil {
		return nil, fmt.Errorf("reading a CIB: %w", err)
	}
	for _, status := range doc.FindElements("/cib/status") {
		status.Child = nil
	}
	text, err := doc.WriteToBytes()
	if err != nil {
		return nil, fmt.Errorf("writing a CIB: %w", err)
	}
	return text, nil
}

// verify finds what the schema refuses, and what the scheduler calls an error about the new configuration but not about
// the live one.
func (j *job) verify(ctx context.Context, p *prepared) error {
	// What runs where is no fault of the file's: "active on 2 nodes" where a clone becomes a primitive.
	idle, err := withoutStatus(p.document)
	if err != nil {
		return err
	}
	found, err := j.Cluster.Verify(ctx, p.plan.Target, idle)
	if errors.Is(err, exec.ErrNotFound) {
		p.report.Warnings = append(p.report.Warnings, "crm_verify is not installed, so the schema was not checked")
		return nil
	}
	if err != nil {
		return err
	}
	for _, f := range found.Schema {
		p.report.Errors = append(p.report.Errors, f.String())
	}
	if len(found.Scheduler) > 0 {
		before, err := j.Cluster.Verify(ctx, p.live, idle)
		if err != nil {
			return err
		}
		old := map[string]bool{}
		for _, f := range before.Scheduler {
			old[f.Text] = true
		}
		for _, f := range found.Scheduler {
			switch {
			case old[f.Text]:
			case f.Warning:
				p.report.Warnings = append(p.report.Warnings, "crm_verify: "+f.Text)
			default:
				p.report.Errors = append(p.report.Errors, placed(p.plan.Target, "crm_verify: "+f.Text))
			}
		}
	}
	if len(p.report.Errors) > 0 {
		p.report.Outcome = Invalid
	}
	return nil
}

var quoted = regexp.MustCompile(`'([^']+)'`)

// placed adds the line of the first object that a message of the scheduler names, if it comes from the file.
func placed(cfg *crmsyntax.Configuration, message string) string {
	for _, m := range quoted.FindAllStringSubmatch(message, -1) {
		for _, obj := range cfg.Objects() {
			if obj.ID != m[1] {
				continue
			}
			if e := cfg.ErrorAt(obj.Element, message); e != nil {
				return e.Detail()
			}
		}
	}
	return message
}

// foresee asks what pacemaker would do with two configurations in the same CIB once maintenance mode is off.
func (j *job) foresee(ctx context.Context, target, live *crmsyntax.Configuration, document []byte) (steps, anyway []crmreload.Step, err error) {
	for _, of := range []struct {
		cfg  *crmsyntax.Configuration
		into *[]crmreload.Step
	}{{target, &steps}, {live, &anyway}} {
		actions, err := j.actions(ctx, crmreload.WithoutMaintenance(of.cfg), document)
		if of.cfg == live && errors.Is(err, crmreload.ErrUnreadable) {
			j.stuck = true // pacemaker does nothing at all with the live configuration
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		*of.into = crmreload.Foresee(actions)
	}
	return steps, anyway, nil
}

func (j *job) actions(ctx context.Context, cfg *crmsyntax.Configuration, document []byte) ([]crmreload.Action, error) {
	whole, err := cfg.ReplaceIn(document)
	if err != nil {
		return nil, err
	}
	graph, err := j.Cluster.Graph(ctx, whole)
	if err != nil {
		return nil, err
	}
	return crmreload.ReadGraph(graph)
}
