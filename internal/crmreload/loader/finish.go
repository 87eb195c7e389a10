// SPDX-License-Identifier: Apache-2.0

package loader

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/beevik/etree"

	"ocf-oci/internal/crmreload"
	"ocf-oci/internal/crmsyntax"
	"ocf-oci/internal/pacemaker/cib"
)

// finish waits, looks again, and ends maintenance mode. Once the new configuration is in, an interrupt no longer stops
// the work; it only ends the waiting.
func (j *job) finish(ctx context.Context, p *prepared) error {
	after := context.WithoutCancel(ctx)
	j.settle(ctx, "pacemaker to take over the new configuration")
	put := func(loaded *crmsyntax.Configuration) *crmsyntax.Configuration { return loaded }
	surprises, err := j.surprises(after, p)
	switch {
	case err != nil:
		p.report.Warnings = append(p.report.Warnings, "not looked at once more before maintenance mode ended: "+err.Error())
	case len(surprises) > 0 && j.AllowStop:
		p.report.Steps = append(p.report.Steps, crmreload.Late(surprises)...)
	case len(surprises) > 0:
		p.report.Outcome, p.report.Because = Restored, surprises
		put = p.restored
	}
	ours, err := j.end(after, put)
	if err != nil {
		return err
	}
	if !ours && p.report.Outcome == Restored {
		p.report.Outcome = Loaded
		p.report.Warnings = append(p.report.Warnings, "another call has ended maintenance mode before the previous configuration could be put back")
	}
	p.report.Settled = j.settle(ctx, "pacemaker to settle")
	return nil
}

// restored is the configuration from before the load, with what operators have set since.
func (p *prepared) restored(now *crmsyntax.Configuration) *crmsyntax.Configuration {
	return crmreload.Make(p.live, now, crmreload.Options{Exact: true}).Target
}

// surprises are disruptions of resources that the cluster had before, which only show now that new resources have been
// probed.
func (j *job) surprises(ctx context.Context, p *prepared) ([]crmreload.Step, error) {
	document, err := j.Cluster.Query(ctx)
	if err != nil {
		return nil, err
	}
	steps, anyway, err := j.foresee(ctx, p.plan.Target, p.live, document)
	if err != nil {
		return nil, err
	}
	var known []string
	for _, obj := range p.live.Objects() {
		known = append(known, obj.ID)
	}
	return crmreload.About(crmreload.Unannounced(steps, append(anyway, p.report.Steps...)), known), nil
}

// end takes our mark out and puts maintenance mode back, until it has succeeded or somebody else has done it (false).
func (j *job) end(ctx context.Context, put func(*crmsyntax.Configuration) *crmsyntax.Configuration) (ours bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, j.Patience+time.Minute)
	defer cancel()
	var last error
	for ; ctx.Err() == nil; _ = pause(ctx, 200*time.Millisecond) {
		document, err := j.Cluster.Query(ctx)
		if err != nil {
			last = err
			continue
		}
		cfg, err := crmsyntax.Read(document)
		if err != nil {
			return false, err
		}
		clean, mark := crmreload.Unmark(cfg)
		if mark == nil || mark.Owner != j.owner {
			return false, nil
		}
		next, err := put(clean).ReplaceIn(document)
		if err != nil {
			return false, err
		}
		err = j.Cluster.Replace(ctx, next)
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, cib.ErrStale) {
			last = err
		}
	}
	if last == nil {
		last = context.Cause(ctx)
	}
	return false, fmt.Errorf("the new configuration is loaded, but maintenance mode could not be ended: call ngcp-ha crm-reload again, which does it: %w", last)
}

// lease is how long the mark of another node's process counts while pacemaker has nothing to do: who lives ends within a
// second then, so it is taken for dead and its work is finished. If it lives after all, it finds its work done. A cluster
// that is never quiet gets the lease on top of the time that the other process has for waiting.
const lease = 30 * time.Second

// clear waits for a reload that somebody else has under way, and finishes that of somebody who is dead.
func (j *job) clear(ctx context.Context) error {
	stop := j.progress("the reload of another node")
	defer stop()
	var seen string
	var since, busy time.Time // when this mark was first seen, and when pacemaker last had something to do
	for {
		document, err := j.Cluster.Query(ctx)
		if err != nil {
			return err
		}
		cfg, err := crmsyntax.Read(document)
		if err != nil {
			return err
		}
		_, mark := crmreload.Unmark(cfg)
		if mark == nil {
			return nil
		}
		if mark.Owner != seen {
			seen, since, busy = mark.Owner, time.Now(), time.Now()
		}
		node, _, _ := strings.Cut(mark.Owner, "/")
		// We have this node's lock, so a process of this node that has left a mark is dead.
		dead := node == j.node || !online(document, node)
		if !dead && !j.quiet(ctx) {
			busy = time.Now()
		}
		if dead || time.Since(busy) > lease || time.Since(since) > j.Patience+lease {
			return j.inherit(ctx, mark.Owner)
		}
		if err := pause(ctx, 300*time.Millisecond); err != nil {
			return err
		}
	}
}

// inherit does what is left of a dead process's reload.
func (j *job) inherit(ctx context.Context, owner string) error {
	j.settle(ctx, "pacemaker to take over the configuration that an interrupted reload has left")
	mine := j.owner
	defer func() { j.owner = mine }()
	j.owner = owner
	if _, err := j.end(context.WithoutCancel(ctx), func(c *crmsyntax.Configuration) *crmsyntax.Configuration { return c }); err != nil {
		return err
	}
	j.finished = true
	j.settle(ctx, "pacemaker to settle")
	return nil
}

// online tells whether a node is a member of the cluster, in the words of all versions: online and true, or since 2.1.7
// the time since when.
func online(document []byte, name string) bool {
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(document); err != nil {
		return true // unknown is not dead
	}
	for _, state := range doc.FindElements("/cib/status/node_state") {
		if state.SelectAttrValue("uname", "") != name {
			continue
		}
		for _, attr := range []string{"in_ccm", "crmd"} {
			switch state.SelectAttrValue(attr, "true") {
			case "false", "offline", "0", "":
				return false
			}
		}
		return true
	}
	return false
}
