// SPDX-License-Identifier: Apache-2.0

package loader

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"time"

	"ocf-oci/internal/crmreload"
	"ocf-oci/internal/crmsyntax"
	"ocf-oci/internal/crmsyntax/diff"
	"ocf-oci/internal/pacemaker/cib"
)

// Outcome is how a call ended.
type Outcome string

// The outcomes of Load and Look.
const (
	Equal     Outcome = "equal"      // the cluster has this configuration already; nothing was written
	Loaded    Outcome = "loaded"     // it has it now
	Differs   Outcome = "differs"    // Look: Load would write it
	Refused   Outcome = "refused"    // it would stop or move running resources; nothing was changed
	Restored  Outcome = "restored"   // only after the load it turned out that it would; the previous one is back
	Invalid   Outcome = "invalid"    // the file is wrong; nothing was changed
	NoCluster Outcome = "no-cluster" // pacemaker is not installed here, or stopped
)

// Report tells what a call found and did.
type Report struct {
	Outcome Outcome
	Changes diff.Changes
	Kept    []crmreload.Kept
	// Steps are what pacemaker does with the configuration once maintenance mode is off; Anyway of these, what it would
	// do with the live one too.
	Steps, Anyway []crmreload.Step
	// Because are the disruptions for which the configuration is refused, or which were allowed.
	Because []crmreload.Step
	// Errors are what makes the file invalid.
	Errors   []string
	Warnings []string
	// Finished tells that an earlier call had been killed, and its maintenance mode was ended.
	Finished bool
	// Settled is false when pacemaker was still busy at the end of the time.
	Settled bool
}

// Source makes the configuration to load, for the given cluster: a parsed file, or an earlier configuration. An
// InvalidFile error makes the outcome Invalid.
type Source func(live *crmsyntax.Configuration, schema string) (*crmsyntax.Configuration, error)

// InvalidFile lists what is wrong with a file.
type InvalidFile struct{ Errors []string }

func (e *InvalidFile) Error() string { return fmt.Sprintf("the file has %d errors", len(e.Errors)) }

// Loader loads configurations into one cluster.
type Loader struct {
	Cluster Cluster
	Store   Store
	// Agents checks parameters; nil: they are not checked.
	Agents Agents
	// Options of the merge.
	Options crmreload.Options
	// AllowStop loads although running resources are stopped or moved.
	AllowStop bool
	// Patience is how long to wait until pacemaker has settled, and until another node has finished its reload.
	Patience time.Duration
	// Answer is how long to wait for pacemaker's first answer, at most 20 s; 0: that.
	Answer time.Duration
	// Say tells what is waited for; nil is silent.
	Say func(format string, args ...any)
}

// attempts is how often a load begins again because the CIB was changed meanwhile.
const attempts = 50

// Load makes the cluster's configuration that of the source.
func (l Loader) Load(ctx context.Context, source Source) (Report, error) {
	j := &job{Loader: l}
	r, err := j.load(ctx, source)
	if errors.Is(err, cib.ErrNoCluster) && r.Outcome == "" {
		return Report{Outcome: NoCluster}, nil
	}
	return r, err
}

// job is one call of Load.
type job struct {
	Loader
	node  string
	owner string // of the marks that this call writes
	// stuck: pacemaker cannot read what it would do with the live configuration.
	stuck bool
	// finished: a mark of somebody who was killed was cleared away.
	finished bool
}

func (j *job) load(ctx context.Context, source Source) (Report, error) {
	// Without a cluster there is nothing to lock.
	if _, err := j.first(ctx); err != nil {
		return Report{}, err
	}
	unlock, err := j.lock(ctx)
	if err != nil {
		return Report{}, err
	}
	defer unlock()
	j.node = j.Cluster.Node(ctx)
	j.owner = fmt.Sprintf("%s/%d/%s", j.node, os.Getpid(), rand.Text()[:8])
	for range attempts {
		if err := j.clear(ctx); err != nil {
			return Report{}, err
		}
		r, err := j.attempt(ctx, source)
		r.Finished = j.finished
		if !errors.Is(err, cib.ErrStale) {
			return r, err
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return r, err
		}
	}
	return Report{}, fmt.Errorf("the cluster's configuration or status changed during each of %d attempts; nothing was loaded: try again when it is quiet", attempts)
}

// first asks whether there is a cluster, within the time that the caller has.
func (j *job) first(ctx context.Context) ([]byte, error) {
	if j.Answer > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, j.Answer)
		defer cancel()
	}
	return j.Cluster.Query(ctx)
}

// lock makes calls on this node take turns.
func (j *job) lock(ctx context.Context) (func(), error) {
	ctx, cancel := context.WithTimeout(ctx, 3*j.Patience)
	defer cancel()
	stop := j.progress("another reload on this node")
	defer stop()
	return j.Store.Lock(ctx)
}

// attempt is everything from reading the CIB to the end of maintenance mode. cib.ErrStale: begin again.
func (j *job) attempt(ctx context.Context, source Source) (Report, error) {
	p, err := j.prepare(ctx, source)
	if err != nil {
		return p.report, err
	}
	if p.mark != nil {
		return p.report, cib.ErrStale // somebody has begun meanwhile
	}
	if p.report.Outcome != Differs {
		return p.report, nil
	}
	if len(p.report.Because) > 0 && !j.AllowStop {
		p.report.Outcome = Refused
		return p.report, nil
	}
	if err := j.Store.Save(p.live); err != nil {
		return p.report, err
	}
	if err := j.replace(ctx, p); err != nil {
		var invalid *cib.Invalid
		if errors.As(err, &invalid) {
			p.report.Outcome, p.report.Errors = Invalid, []string{invalid.Error()}
			return p.report, nil
		}
		return p.report, err
	}
	p.report.Outcome = Loaded
	err = j.finish(ctx, p)
	return p.report, err
}

// replace writes the new configuration with its mark. After an answer that leaves it open what has happened it looks.
func (j *job) replace(ctx context.Context, p *prepared) error {
	mark := crmreload.Mark{Owner: j.owner, Before: crmreload.Maintenance(p.live)}
	document, err := mark.Put(p.plan.Target).ReplaceIn(p.document)
	if err != nil {
		return err
	}
	err = j.Cluster.Replace(ctx, document)
	var invalid *cib.Invalid
	if err == nil || errors.Is(err, cib.ErrStale) || errors.As(err, &invalid) {
		return err
	}
	after := context.WithoutCancel(ctx)
	now, queryErr := j.Cluster.Query(after)
	if queryErr != nil {
		return fmt.Errorf("%w; whether it took effect cannot be told (%w): call again, which finishes it", err, queryErr)
	}
	cfg, readErr := crmsyntax.Read(now)
	if readErr != nil {
		return errors.Join(err, readErr)
	}
	if _, found := crmreload.Unmark(cfg); found != nil && found.Owner == j.owner {
		return nil
	}
	return err
}
