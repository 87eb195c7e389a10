// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"ocf-oci/internal/icmp"
)

// Plan says how long a host is given and how often it is asked.
type Plan = icmp.Plan

// Outcome is what is known about one target.
type Outcome struct {
	icmp.Result
	Addr netip.Addr // that was asked; invalid if the name could not be looked up
	// Lookup is why the name could not be looked up now. With a valid Addr the target was asked at the address that
	// Options.Known remembered.
	Lookup error
}

// Options of a survey; those of the sockets are meant for TCP connections as well.
type Options struct {
	icmp.Options
	Family int           // 4 or 6: look names up in this family only; 0: what the system prefers (RFC 6724)
	Lookup time.Duration // limit for the lookup of a name; 0 is the plan's timeout
	// Known returns the address that a name had when it could be looked up last, or the zero Addr. It is used when the
	// name service fails, not when it says that there is no such name.
	Known func(name string) netip.Addr
}

// Survey asks all targets by plan at the same time, and returns what became of each, in their order. A name's
// lookup comes before its host's time. Survey returns when the last target is decided or ctx ends.
func Survey(ctx context.Context, targets []Target, plan Plan, opt Options) []Outcome {
	pinger := icmp.New(opt.Options)
	defer pinger.Close()
	if opt.Lookup <= 0 {
		opt.Lookup = plan.Timeout
	}
	outcomes := make([]Outcome, len(targets))
	var all sync.WaitGroup
	for i, target := range targets {
		all.Go(func() {
			out := &outcomes[i]
			if out.Addr, out.Lookup = resolve(ctx, target, opt); !out.Addr.IsValid() {
				out.Err = out.Lookup
				return
			}
			if target.Port == 0 {
				out.Result = pinger.Ping(ctx, out.Addr, plan)
			} else {
				out.Result = connect(ctx, netip.AddrPortFrom(out.Addr, target.Port), plan, opt.Options)
			}
		})
	}
	all.Wait()
	return outcomes
}

// spaced calls try for each attempt of the plan when it is due, without waiting for earlier ones, until one succeeds; it
// is due soon when all earlier ones have failed. try must return when its context ends.
func spaced(ctx context.Context, plan Plan, try func(context.Context) (time.Duration, error)) icmp.Result {
	ctx, cancel := context.WithTimeout(ctx, plan.Timeout)
	defer cancel()
	type end struct {
		index int
		rtt   time.Duration
		err   error
	}
	attempts := max(plan.Attempts, 1)
	ends := make(chan end, attempts) // room for all: nobody waits for a late one
	next := time.NewTimer(0)
	defer next.Stop()
	started, ended, began := 0, 0, time.Now()
	var last error
	for ended < attempts {
		select {
		case <-next.C:
			index := started
			started++
			go func() {
				rtt, err := try(ctx)
				ends <- end{index, rtt, err}
			}()
			if started < attempts {
				next.Reset(plan.Due(started) - time.Since(began))
			}
		case e := <-ends:
			ended++
			if e.err == nil {
				return icmp.Result{Alive: true, RTT: e.rtt, Sent: e.index + 1, Lost: e.index}
			}
			if ctx.Err() == nil {
				last = e.err
			}
			if ended == started && started < attempts {
				next.Reset(plan.Soon())
			}
		case <-ctx.Done():
			if last == nil {
				last = icmp.ErrNoReply
			}
			return icmp.Result{Sent: started, Lost: started, Err: last}
		}
	}
	return icmp.Result{Sent: started, Lost: started, Err: last}
}
