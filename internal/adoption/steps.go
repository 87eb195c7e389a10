// SPDX-License-Identifier: Apache-2.0

package adoption

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"

	"ocf-oci/internal/pacemaker/mon"
)

// Pacemaker is what a conversion does to the cluster.
type Pacemaker interface {
	CIB(ctx context.Context) ([]byte, error)
	State(ctx context.Context) (mon.State, error)
	// Maintenance sets the cluster option maintenance-mode; nil removes it.
	Maintenance(ctx context.Context, value *string) error
	// Replace exchanges a primitive by one atomic change of the CIB.
	Replace(ctx context.Context, primitive string) error
	// Refresh deletes the resource's history on all nodes, so that it is probed anew.
	Refresh(ctx context.Context, resource string) error
	// Wait returns when the cluster has nothing to do.
	Wait(ctx context.Context) error
}

// Node is what a conversion does on the node where the resource runs.
type Node interface {
	// Prepare makes sure that the new agent's probe finds everything: it notes that the address is this node's, and
	// brings companions here that the operating system does not carry. It takes nothing from anybody.
	Prepare(ctx context.Context) error
	// Restore takes back what Prepare did.
	Restore(ctx context.Context) error
}

// Converter carries out a conversion or takes one back.
type Converter struct {
	Pacemaker Pacemaker
	Node      Node
	Journals  Journals
	Say       func(format string, args ...any) // progress
}

const (
	pause    = 250 * time.Millisecond // between two looks at the history
	patience = time.Minute            // for all probes
	grace    = 3 * time.Minute        // for going back after the context has ended
)

// later is a context for going back: it does not end with ctx, for an interrupted conversion must not stay half done.
func later(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), grace)
}

// Failed tells what is true after a conversion that did not succeed.
type Failed struct {
	Err error
	// Stuck: the cluster is still in maintenance mode, and nobody but an administrator can go on.
	Stuck bool
}

func (f *Failed) Error() string {
	if f.Stuck {
		return f.Err.Error() + "; the cluster STAYS IN MAINTENANCE MODE, so that nothing is stopped: 'oci-vip convert RESOURCE --undo' tries again to go back"
	}
	return f.Err.Error() + "; everything is as it was before"
}

func (f *Failed) Unwrap() error { return f.Err }

// Convert exchanges the definition. The journal is kept for an undo.
func (c Converter) Convert(ctx context.Context, j *Journal) error {
	if err := c.Journals.Save(j); err != nil {
		return &Failed{Err: err}
	}
	err := c.exchange(ctx, j, j.After, j.Before, c.Node.Prepare)
	var failed *Failed
	switch {
	case err == nil:
		j.Done = true
		return c.Journals.Save(j)
	case errors.As(err, &failed) && failed.Stuck:
		return err
	}
	ctx, cancel := later(ctx)
	defer cancel()
	return errors.Join(err, c.Node.Restore(ctx), c.Journals.Forget(j.Resource))
}

// Undo goes back to the definition of the journal, whatever a conversion had come to. active is the node where the
// resource runs now.
func (c Converter) Undo(ctx context.Context, j *Journal, active string) error {
	back := *j
	back.Active = active
	if err := c.exchange(ctx, &back, j.Before, j.After, nil); err != nil {
		return err
	}
	return errors.Join(c.Node.Restore(ctx), c.Journals.Forget(j.Resource))
}

// exchange puts a definition in the place of another; if that cannot be finished the other stays or comes back.
func (c Converter) exchange(ctx context.Context, j *Journal, next, previous string, prepare func(context.Context) error) error {
	on := "true"
	c.Say("maintenance mode on: pacemaker stops, starts and moves nothing")
	err := c.Pacemaker.Maintenance(ctx, &on)
	if err == nil {
		err = c.Pacemaker.Wait(ctx)
	}
	if err == nil && prepare != nil {
		c.Say("%s is made ready for the new agent", j.Active)
		err = prepare(ctx)
	}
	if err != nil {
		return c.leave(ctx, j, err)
	}
	if err := c.put(ctx, j, next); err != nil {
		c.Say("going back: %v", err)
		ctx, cancel := later(ctx)
		defer cancel()
		if back := c.put(ctx, j, previous); back != nil {
			return &Failed{Err: errors.Join(err, back), Stuck: true}
		}
		return c.leave(ctx, j, err)
	}
	// From here on it is done: an interruption must not leave the cluster in maintenance mode, and whoever else keeps the
	// cluster busy is no reason to go back.
	ctx, cancel := later(ctx)
	defer cancel()
	if err := c.Pacemaker.Maintenance(ctx, j.Maintenance); err != nil {
		return &Failed{Err: err, Stuck: true}
	}
	c.Say("maintenance mode as before")
	if err := c.Pacemaker.Wait(ctx); err != nil {
		c.Say("it is done, but the cluster has not come to rest yet: %v", err)
	}
	return nil
}

// leave ends maintenance mode after a failure that changed nothing.
func (c Converter) leave(ctx context.Context, j *Journal, err error) error {
	ctx, cancel := later(ctx)
	defer cancel()
	if e := c.Pacemaker.Maintenance(ctx, j.Maintenance); e != nil {
		return &Failed{Err: errors.Join(err, e), Stuck: true}
	}
	return &Failed{Err: err}
}

// put makes a definition the present one and waits until every node has been probed with its agent and has answered as
// it must.
func (c Converter) put(ctx context.Context, j *Journal, primitive string) error {
	want, err := Parse(primitive)
	if err != nil {
		return err
	}
	agent := AgentOf(want)
	text, err := c.Pacemaker.CIB(ctx)
	if err != nil {
		return err
	}
	now, err := Find(text, j.Resource)
	switch {
	case err != nil:
		return err
	case now == nil:
		return fmt.Errorf("%s was deleted meanwhile", j.Resource)
	case !Same(now, want):
		c.Say("one change of the CIB: %s is %s", j.Resource, agent)
		if err := c.Pacemaker.Replace(ctx, primitive); err != nil {
			return err
		}
	}
	// The change alone must have been digested before the history goes, or a probe could still use the old agent.
	if err := c.Pacemaker.Wait(ctx); err != nil {
		return err
	}
	c.Say("every node is probed with %s", agent)
	if err := c.Pacemaker.Refresh(ctx, j.Resource); err != nil {
		return err
	}
	return c.answers(ctx, j, agent)
}

// answers waits for all probes.
func (c Converter) answers(ctx context.Context, j *Journal, agent string) error {
	for end := time.Now().Add(patience); ; {
		s, err := c.Pacemaker.State(ctx)
		if err != nil {
			return err
		}
		text, err := c.Pacemaker.CIB(ctx)
		if err != nil {
			return err
		}
		history, err := Outcomes(text, j.Resource)
		if err != nil {
			return err
		}
		online := Online(s)
		if !slices.Contains(online, j.Active) {
			return fmt.Errorf("%s, where it runs, is no longer online", j.Active)
		}
		done, problems := Adopted(history, agent, j.Active, online)
		switch {
		case len(problems) > 0:
			return errors.New(strings.Join(problems, "; "))
		case done:
			return nil
		case time.Now().After(end):
			return fmt.Errorf("not every node has answered a probe of %s within a minute", agent)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for the probes: %w", context.Cause(ctx))
		case <-time.After(pause):
		}
	}
}

// AgentOf is class:provider:type of a primitive.
func AgentOf(e *etree.Element) string {
	return e.SelectAttrValue("class", "") + ":" + e.SelectAttrValue("provider", "") + ":" + e.SelectAttrValue("type", "")
}
