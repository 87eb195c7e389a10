// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ocf-oci/lab"
)

// events lets the four things happen.
func (d *demo) events(ctx context.Context) error {
	d.console.heading("A packet every 5 ms to the address, and through the routers in both directions")
	from, err := d.holderNow(ctx)
	if err != nil {
		return err
	}
	if err := sleep(ctx, baseline); err != nil {
		return err
	}
	for _, happen := range []func(context.Context, string) (string, error){d.planned, d.brownout, d.crash} {
		if from, err = happen(ctx, from); err != nil {
			return err
		}
	}
	return nil
}

// holderNow waits for agreement and tells the holder.
func (d *demo) holderNow(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, settleLimit, errors.New("the four views do not agree"))
	defer cancel()
	_, s, err := d.watch.settled(ctx, held(func(string) string { return "" }))
	if err != nil {
		return "", err
	}
	node, _ := holder(s)
	return node, nil
}

// held makes a check of a status out of one of the holder.
func held(right func(node string) string) func(lab.Status) string {
	return func(s lab.Status) string {
		node, why := holder(s)
		if why != "" {
			return why
		}
		return right(node)
	}
}

// event lets something happen, waits until the views agree and are good, and writes the event down. act and the waiting run
// at the same time, for a command may return long after it has taken effect, or before. It returns the holder.
func (d *demo) event(ctx context.Context, e Event, limit time.Duration, act func(context.Context) error, good func(lab.Status) string) (string, error) {
	d.eventChapter(e.Name)
	m := Moment{Begin: d.watch.now()}
	waiting, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not within %s", limit))
	defer cancel()
	waiting, giveUp := context.WithCancelCause(waiting)
	defer giveUp(nil)
	acting := make(chan error, 1)
	shown, acted := d.nextCommand(), make(chan struct{})
	go func() {
		defer close(acted)
		err := act(ctx)
		if err != nil {
			giveUp(errors.New("the event itself failed"))
		}
		acting <- err
	}()
	select { // the command comes before the line that says what is waited for
	case <-shown:
	case <-acted:
	}
	end := d.console.start("waiting for region, network, kernels and pacemaker to agree")
	agreed, status, err := d.watch.settled(waiting, good)
	end(err)
	m.Agreed = agreed
	aerr := <-acting
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	e.To, _ = holder(status)
	if err == nil && aerr == nil {
		e.To, err = d.quiet(ctx, e.To)
	}
	if err != nil {
		m.Unsettled = err.Error()
	}
	e.DurationMS = (m.Agreed - m.Begin).Milliseconds()
	d.outcome.Report.Events = append(d.outcome.Report.Events, e)
	d.outcome.Moments = append(d.outcome.Moments, m)
	if err := errors.Join(aerr, err); err != nil {
		return "", fmt.Errorf("%s: %w", e.Name, err)
	}
	d.console.print(fmt.Sprintf("  %s holds both addresses, %s after the event's beginning", e.To, seconds(agreed-m.Begin)))
	return e.To, sleep(ctx, calm)
}

// eventChapter begins the chapter of the next event.
func (d *demo) eventChapter(name string) {
	d.chapter("%d  %s", len(d.outcome.Report.Events)+1, name)
}

// quiet waits until pacemaker has nothing left to do (a node that came back is probed first, and might then get the
// resource) and returns the holder then.
func (d *demo) quiet(ctx context.Context, asked string) (string, error) {
	short, cancel := context.WithTimeoutCause(ctx, settleLimit, fmt.Errorf("pacemaker has something to do for %s", settleLimit))
	defer cancel()
	if err := d.lab.Cluster().Node(asked).WaitSettled(short); err != nil {
		return "", plain(err)
	}
	return d.holderNow(ctx)
}

// planned moves the resource to the next node by pcs.
func (d *demo) planned(ctx context.Context, from string) (string, error) {
	names := d.outcome.Report.Cluster.Nodes
	to := names[(slices.Index(names, from)+1)%len(names)]
	act := func(ctx context.Context) error {
		for _, l := range d.pcs.move(to) {
			if err := d.typed(ctx, from, l); err != nil {
				return err
			}
		}
		return nil
	}
	return d.event(ctx, Event{Name: "planned move to " + to, Kind: Planned, From: from}, settleLimit, act, held(func(node string) string {
		if node != to {
			return "it is still on " + node
		}
		return ""
	}))
}

// brownout lets the API fail in three ways while every monitor asks it.
func (d *demo) brownout(ctx context.Context, from string) (string, error) {
	const name = "API brown-out: 429, 500, 4 s late"
	d.eventChapter(name)
	if err := d.typed(ctx, from, watchClosely); err != nil {
		return "", err
	}
	if _, err := d.holderNow(ctx); err != nil {
		return "", err
	}
	healed := make(chan struct{})
	act := func(ctx context.Context) error {
		defer close(healed)
		return d.faults(ctx)
	}
	good := held(func(string) string {
		select {
		case <-healed:
			return ""
		default:
			return "the API is still ill"
		}
	})
	limit := settleLimit
	for _, f := range brownout {
		limit += f.lasts
	}
	to, err := d.event(ctx, Event{Name: name, Kind: Brownout, From: from}, limit, act, good)
	if err != nil {
		return "", err
	}
	return to, d.typed(ctx, from, watchAsBefore)
}

// faults sets one fault after the other, and notes how often each hit.
func (d *demo) faults(ctx context.Context) error {
	region := d.lab.Region()
	for _, f := range brownout {
		if err := d.ocfLab(ctx, "fault set "+f.words); err != nil {
			return err
		}
		if err := sleep(ctx, f.lasts); err != nil {
			return err
		}
		set, err := region.Faults(ctx)
		hits := 0
		for _, s := range set {
			hits += s.Hits
		}
		d.outcome.Strikes = append(d.outcome.Strikes, Strike{Fault: f.words, Hits: hits})
		if err := errors.Join(err, d.ocfLab(ctx, "fault clear")); err != nil {
			return err
		}
	}
	return nil
}

// crash takes the holder's power away, then gives it back.
func (d *demo) crash(ctx context.Context, victim string) (string, error) {
	to, err := d.event(ctx, Event{Name: "crash of " + victim, Kind: Crash, From: victim}, settleLimit,
		func(ctx context.Context) error { return d.ocfLab(ctx, "crash "+victim) },
		held(func(node string) string {
			if node == victim {
				return "it is still on the crashed node"
			}
			return ""
		}))
	if err != nil {
		return "", err
	}
	return d.event(ctx, Event{Name: "return of " + victim, Kind: Return, From: to}, returnLimit,
		func(ctx context.Context) error { return d.ocfLab(ctx, "boot "+victim) },
		func(s lab.Status) string {
			if why := absent(s); why != "" {
				return why
			}
			_, why := holder(s)
			return why
		})
}

// absent names a node that is not in the cluster in every node's eyes.
func absent(s lab.Status) string {
	var names []string
	for _, n := range s.Nodes {
		if !n.Host {
			names = append(names, n.Name)
		}
	}
	for _, n := range s.Nodes {
		for _, peer := range names {
			if !n.Host && !slices.Contains(n.Pacemaker.Online, peer) {
				return fmt.Sprintf("%s does not see %s online", n.Name, peer)
			}
		}
	}
	return ""
}

// line joins what was typed.
func line(argv []string) string { return strings.Join(argv, " ") }
