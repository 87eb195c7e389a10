// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/ngcpha/failcounts"
	"ocf-oci/internal/ngcpha/span"
	"ocf-oci/internal/ngcpha/takeover"
	"ocf-oci/internal/pacemaker/change"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/mon"
	"ocf-oci/internal/process"
)

// Exit codes of active and standby.
const (
	exitRefused  = 2
	exitTimedOut = 3
)

const (
	pollEvery   = 250 * time.Millisecond
	remindEvery = 5 * time.Second  // of a phase that lasts
	removeFor   = 15 * time.Second // for how long the removal of the constraint is tried
	deafFor     = 10 * time.Second // for how long the cluster may fail to answer in between
	minLifetime = 5 * time.Second
)

// toGoal decides who gets what, and whether that is so already.
type toGoal func(*cib.CIB, mon.State, takeover.Groups, string) (goal takeover.Goal, already bool, err error)

// handing is one hand-over.
type handing struct {
	c        *cli.Context
	goal     takeover.Goal
	cluster  change.Cluster
	local    string
	lifetime time.Duration
	report   *handReport
}

func handOver(c *cli.Context, decide toGoal) error {
	if err := commandline.NoArgs(c); err != nil {
		return err
	}
	lifetime, err := span.Parse(c.String("lifetime"))
	if err != nil {
		return commandline.Usagef("%s: --lifetime: %w", c.Command.Name, err)
	}
	if lifetime < minLifetime {
		return commandline.Usagef("%s: --lifetime %s is too short for any stop; use at least %s", c.Command.Name, c.String("lifetime"), minLifetime)
	}
	ctx, cancel, err := bounded(c)
	if err != nil {
		return err
	}
	defer cancel()
	h := &handing{c: c, cluster: change.Cluster{Env: commandline.Environ(c)}, lifetime: lifetime, report: newHandReport(c)}
	result, err := h.run(ctx, decide)
	switch {
	case err == nil:
	case c.Context.Err() != nil:
		result, err = "interrupted", commandline.WithCode(commandline.Failed, err)
	case ctx.Err() != nil:
		result, err = "timeout", commandline.WithCode(exitTimedOut, err)
	default:
		err = clusterError(err)
		if result == "" {
			result = "failed"
		}
	}
	return h.report.end(result, err)
}

// run returns how it ended: done, already, begun, dry-run, refused; the error says why not.
func (h *handing) run(ctx context.Context, decide toGoal) (string, error) {
	s, err := settingsOf(h.c)
	if err != nil {
		return "", err
	}
	groups := takeover.Groups{VIPs: s.Groups.VIPs, Services: s.Groups.Services, PingAttribute: s.PingAttribute}
	config, raw, state, err := h.look(ctx)
	if err != nil {
		return "", err
	}
	if h.local, err = cib.LocalNode(ctx, commandline.Environ(h.c)); err != nil {
		return "", err
	}
	node := or(h.c.String("node"), h.local)
	if err := failcounts.CheckNode(config, node); err != nil {
		return "", err
	}
	if !h.c.Bool("dry-run") {
		if err := h.tidy(ctx, groups); err != nil {
			return "refused", commandline.WithCode(exitRefused, err)
		}
		if config, raw, state, err = h.look(ctx); err != nil {
			return "", err
		}
	}
	goal, already, err := decide(config, state, groups, node)
	if err != nil {
		return "", err
	}
	h.goal, h.report.Node, h.report.From = goal, goal.To, goal.From
	if already {
		h.report.step("already so: %s", takeover.Judge(config, state, goal, nil, time.Now()).Text)
		return "already", nil
	}
	return h.begin(ctx, config, raw, state)
}

// begin checks, sets the constraint and sees it through.
func (h *handing) begin(ctx context.Context, config *cib.CIB, raw []byte, state mon.State) (string, error) {
	mark, needed := h.mark(), h.goal.From != h.goal.To
	objections := takeover.Preflight(config, state, h.goal, time.Now())
	foreseen, err := h.foresee(ctx, raw, state, mark)
	if o, bad := takeover.Foresee(foreseen, h.goal); err == nil && bad && len(objections) == 0 {
		objections = append(objections, o)
	}
	h.report.Objections = objections
	h.report.Actions = foreseen.Actions
	always := slices.ContainsFunc(objections, func(o takeover.Objection) bool { return o.Always })
	if len(objections) > 0 && (always || !h.c.Bool("force")) {
		return "refused", commandline.WithCode(exitRefused, fmt.Errorf("%s does not become active: %s", h.goal.To, listed(objections, always)))
	}
	if h.goal.Without != "" {
		h.report.step("only %s: %s", h.goal.VIPs, h.goal.Without)
	}
	if h.c.Bool("dry-run") {
		return "dry-run", nil
	}
	h.report.audited = true
	auditLog(h.c, "make %s active (%s is on %s)", h.goal.To, h.goal.VIPs, or(h.goal.From, "no node"))
	if h.c.Bool("force") {
		if err := h.removeForeign(ctx, config); err != nil {
			return "", err
		}
	}
	if !needed {
		return h.see(ctx, nil, takeover.BannedNow(config, h.goal, time.Now()))
	}
	if err := h.cluster.Create(ctx, "constraints", mark.XML()); err != nil && ctx.Err() == nil {
		return "", err
	}
	h.report.step("%s becomes active: constraint %s until %s unless extended", h.goal.To, mark.ID(), mark.End.Format("15:04:05Z"))
	if h.c.Bool("no-wait") && ctx.Err() == nil {
		return "begun", nil
	}
	result, err := h.see(ctx, &mark, takeover.BannedNow(config, h.goal, time.Now()))
	if gone := h.remove(mark); gone != nil {
		return "", errors.Join(err, gone)
	}
	if err != nil {
		return result, err
	}
	h.report.step("constraint removed")
	return h.stays(ctx)
}

func (h *handing) mark() takeover.Mark {
	self, _, err := process.Find(os.Getpid())
	if err != nil {
		self = process.ID{PID: os.Getpid()}
	}
	return takeover.Mark{Group: h.goal.VIPs, To: h.goal.To, End: time.Now().Add(h.lifetime).UTC().Truncate(time.Second),
		Owner: takeover.Owner{Node: h.local, Process: self}}
}

// look asks for configuration and state.
func (h *handing) look(ctx context.Context) (*cib.CIB, []byte, mon.State, error) {
	raw, err := cib.Document(ctx, commandline.Environ(h.c))
	if err != nil {
		return nil, nil, mon.State{}, err
	}
	config, err := cib.Parse(raw)
	if err != nil {
		return nil, nil, mon.State{}, err
	}
	state, err := mon.Query(ctx, commandline.Environ(h.c))
	return config, raw, state, err
}

// see waits for the goal, and keeps the constraint alive.
func (h *handing) see(ctx context.Context, mark *takeover.Mark, before []string) (string, error) {
	var last takeover.Progress
	said, heard := time.Now(), time.Now()
	for {
		config, _, state, err := h.look(ctx)
		switch {
		case ctx.Err() != nil:
			return "", fmt.Errorf("%w; so far: %s", context.Cause(ctx), or(last.Text, "nothing"))
		case err != nil && time.Since(heard) > deafFor:
			return "", err
		case err == nil:
			heard = time.Now()
			p := takeover.Judge(config, state, h.goal, before, time.Now())
			if p.Failed != "" {
				return "", errors.New(p.Failed)
			}
			if p.Text != last.Text {
				h.report.step("%s", p.Text)
				said = time.Now()
			}
			last = p
			if p.Done {
				return "done", nil
			}
		}
		if time.Since(said) >= remindEvery {
			h.report.remind(last.Text)
			said = time.Now()
		}
		if mark != nil && last.Busy && time.Until(mark.End) < h.lifetime/2 {
			if err := h.extend(ctx, mark); err != nil {
				return "", err
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(pollEvery):
		}
	}
}

func (h *handing) extend(ctx context.Context, mark *takeover.Mark) error {
	longer := *mark
	longer.End = time.Now().Add(h.lifetime).UTC().Truncate(time.Second)
	err := h.cluster.Modify(ctx, "constraints", longer.Extension())
	if errors.Is(err, change.ErrNothing) {
		return fmt.Errorf("somebody removed constraint %s meanwhile", mark.ID())
	}
	if err == nil {
		mark.End = longer.End
		h.report.detail("constraint extended until %s", mark.End.Format("15:04:05Z"))
	}
	return nil // the next round tries again
}

// remove takes the constraint away, whatever has become of the rest.
func (h *handing) remove(mark takeover.Mark) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(h.c.Context), removeFor)
	defer cancel()
	for {
		err := h.cluster.Delete(ctx, mark.XPath())
		if err == nil || errors.Is(err, change.ErrNothing) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("constraint %s is still there and ends at %s; remove it with: crm_resource --clear --resource %s (%w)",
				mark.ID(), mark.End.Format("15:04:05Z"), mark.Group, err)
		case <-time.After(pollEvery):
		}
	}
}

// stays verifies that nothing went back once the constraint was gone.
func (h *handing) stays(ctx context.Context) (string, error) {
	if err := h.cluster.Settle(ctx, 60); err != nil && ctx.Err() == nil {
		h.report.detail("the cluster does not settle: %v", err)
	}
	config, _, state, err := h.look(ctx)
	if err != nil {
		return "", err
	}
	p := takeover.Judge(config, state, h.goal, nil, time.Now())
	if p.Failed == "" && !p.Done {
		p.Failed = "it went back without the constraint: " + p.Text + "; ngcp-ha scores shows why"
	}
	if p.Failed != "" {
		return "", errors.New(p.Failed)
	}
	h.report.step("done: %s is active", h.goal.To)
	return "done", nil
}

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
