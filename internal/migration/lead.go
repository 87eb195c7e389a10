// SPDX-License-Identifier: Apache-2.0

package migration

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Lead carries a plan out from the leading node.
type Lead struct {
	Store         Store
	First, Second Node // Second is nil when the first one is alone
	Run           Run
	// Gap is how long it took from the moment when no node had the addresses to that when one had them all.
	Gap time.Duration
	// Log gets a line for each thing that happens.
	Log func(node, text string)
}

// Outcome is how long an action took.
type Outcome struct {
	Node    string  `json:"node"`
	Action  string  `json:"action"`
	Seconds float64 `json:"seconds"`
}

// Go carries the plan out and returns what was done. After an error the run can be continued, or turned round.
func (l *Lead) Go(ctx context.Context, plan []Action) ([]Outcome, error) {
	var done []Outcome
	for _, a := range plan {
		node := l.First
		peer := l.Second
		if a.Second {
			node, peer = l.Second, l.First
		}
		if peer != nil {
			a.Order.Peer = peer.Name()
		}
		l.Run.Where = node.Name() + ": " + a.Order.String()
		if err := l.Store.WriteRun(l.Run); err != nil {
			return done, err
		}
		begun := time.Now()
		l.Log(node.Name(), a.Order.String())
		err := l.carry(ctx, node, a)
		took := time.Since(begun)
		done = append(done, Outcome{node.Name(), a.Order.String(), took.Seconds()})
		if err != nil {
			return done, fmt.Errorf("%s: %s: %w", node.Name(), a.Order, err)
		}
		if took > 2*time.Second {
			l.Log(node.Name(), fmt.Sprintf("  done (%.1f s)", took.Seconds()))
		}
	}
	return done, l.end(ctx)
}

// carry carries one action out. When the second node has let go, the first takes at once.
func (l *Lead) carry(ctx context.Context, node Node, a Action) error {
	taken := make(chan error, 1)
	handed := false
	err := persist(ctx, node, a.Order, func(event string) {
		if event != Released {
			l.Log(node.Name(), "  "+event)
			return
		}
		if !a.Second || handed {
			return
		}
		handed = true
		l.Log(node.Name(), "  no address is left here")
		o := Order{Verb: Take, Direction: a.Order.Direction, Peer: l.Second.Name()}
		go func() {
			begun := time.Now()
			l.Log(l.First.Name(), o.String())
			err := persist(ctx, l.First, o, func(e string) { l.Log(l.First.Name(), "  "+e) })
			l.Gap = time.Since(begun)
			taken <- err
		}()
	})
	if !handed {
		return err
	}
	if terr := <-taken; terr != nil {
		return fmt.Errorf("%s could not take the resources: %w", l.First.Name(), terr)
	}
	return err
}

// reconnect is how often, and after which pause, a peer is tried again whose connection was lost.
const (
	reconnects = 3
	reconnect  = 2 * time.Second
)

// persist carries an order out, again if the connection is lost: the node skips or finishes what it had begun.
func persist(ctx context.Context, n Node, o Order, event func(string)) error {
	for i := 0; ; i++ {
		err := n.Carry(ctx, o, event)
		if !errors.Is(err, ErrLost) || i == reconnects || ctx.Err() != nil {
			return err
		}
		event(err.Error() + "; trying again")
		select {
		case <-ctx.Done():
		case <-time.After(reconnect):
		}
	}
}

// end clears the journals of both nodes.
func (l *Lead) end(ctx context.Context) error {
	o := Order{Verb: Forget, Direction: l.Run.Direction}
	for _, n := range []Node{l.First, l.Second} {
		if n == nil {
			continue
		}
		if err := persist(ctx, n, o, func(string) {}); err != nil {
			return fmt.Errorf("%s: end the run: %w", n.Name(), err)
		}
	}
	l.Run.Ended, l.Run.Where = time.Now(), ""
	return l.Store.WriteRun(l.Run)
}
