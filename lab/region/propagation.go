// SPDX-License-Identifier: Apache-2.0

package region

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"ocf-oci/lab/region/vcn"
)

// propagation carries commits to the data plane, each after its delay, those of one
// address (or subnet, or VNIC) in order.
type propagation struct {
	plane Dataplane
	log   *slog.Logger

	mu      sync.Mutex
	queues  map[string]*queue
	pending int
	told    map[netip.Addr]vcn.VNICID
	errs    []string
	life    context.Context
}

type queue struct{ items []due }

type due struct {
	at     time.Time
	change vcn.Change
}

func newPropagation(life context.Context, plane Dataplane, log *slog.Logger) *propagation {
	return &propagation{plane: plane, log: log, queues: map[string]*queue{}, told: map[netip.Addr]vcn.VNICID{}, life: life}
}

// submit queues changes that are due at a time. A change never overtakes an earlier
// one of its key, even when the delay was made shorter meanwhile.
func (p *propagation) submit(changes []vcn.Change, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range changes {
		p.pending++
		q, running := p.queues[c.Key]
		if !running {
			q = &queue{}
			p.queues[c.Key] = q
		}
		q.items = append(q.items, due{at, c})
		if !running {
			go p.drain(c.Key, q)
		}
	}
}

func (p *propagation) drain(key string, q *queue) {
	for {
		p.mu.Lock()
		if len(q.items) == 0 {
			delete(p.queues, key)
			p.mu.Unlock()
			return
		}
		next := q.items[0]
		q.items = q.items[1:]
		p.mu.Unlock()
		select {
		case <-time.After(time.Until(next.at)):
		case <-p.life.Done():
			return
		}
		if err := p.apply(next.change); err != nil {
			p.fail(err)
		}
		p.mu.Lock()
		p.pending--
		p.mu.Unlock()
	}
}

func (p *propagation) apply(c vcn.Change) error {
	var err error
	switch {
	case p.plane == nil:
	case c.IP.IsValid():
		err = p.plane.SetOwner(c.IP, string(c.Owner))
	case c.Subnet != "":
		rules := make([]RouteRule, 0, len(c.Rules))
		for _, r := range c.Rules {
			rules = append(rules, RouteRule{Destination: r.Destination, Via: r.Via, Target: r.Target})
		}
		err = p.plane.SetRouteRules(string(c.Subnet), rules)
	default:
		err = p.plane.SetSourceDestCheck(string(c.Card), c.Check)
	}
	if err != nil {
		return fmt.Errorf("data plane: %s: %w", c.Key, err)
	}
	if c.IP.IsValid() {
		p.mu.Lock()
		p.told[c.IP] = c.Owner
		p.mu.Unlock()
	}
	return nil
}

func (p *propagation) fail(err error) {
	p.log.Error("propagate to the data plane", "error", err)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.errs = append(p.errs, err.Error()); len(p.errs) > 20 {
		p.errs = p.errs[1:]
	}
}

// program applies changes now.
func (p *propagation) program(changes []vcn.Change) error {
	var errs []error
	for _, c := range changes {
		errs = append(errs, p.apply(c))
	}
	return errors.Join(errs...)
}

// view returns who the data plane was told to hold an address, how many changes are
// under way, and its last errors.
func (p *propagation) view() (told map[netip.Addr]vcn.VNICID, pending int, errs []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	told = make(map[netip.Addr]vcn.VNICID, len(p.told))
	for k, v := range p.told {
		told[k] = v
	}
	return told, p.pending, append([]string(nil), p.errs...)
}
