// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"ocf-oci/lab"
)

// address is the floating address that the demo tells about; its companion moves along.
var address = netip.MustParseAddr("10.0.0.100")

const (
	holderPause = 50 * time.Millisecond // between two looks at region and network, which cost little
	statusPause = 1 * time.Second       // between two looks at everything, while nobody waits for agreement
	alertPause  = 50 * time.Millisecond // and while somebody does
)

// both joins the names of two holders.
const both = " and "

// watcher looks at the lab all the time.
type watcher struct {
	lab   *lab.Lab
	begin time.Time

	mu      sync.Mutex
	tracks  [3]Track // region, network, pacemaker
	look    look
	alert   int           // how many wait for agreement
	hurry   chan struct{} // wakes the looker up
	changed chan struct{} // closed at the next look
}

// look is a status and when it was asked for and complete.
type look struct {
	number     int
	asked, got time.Duration
	status     lab.Status
}

func newWatcher(l *lab.Lab) *watcher {
	return &watcher{
		lab: l, begin: time.Now(), hurry: make(chan struct{}, 1), changed: make(chan struct{}),
		tracks: [3]Track{{Label: "OCI region"}, {Label: "network delivers to"}, {Label: "pacemaker"}},
	}
}

func (w *watcher) now() time.Duration { return time.Since(w.begin) }

// run looks until ctx ends. collect gets the CIB of a living node now and then.
func (w *watcher) run(ctx context.Context, collect func(cib []byte)) {
	var group sync.WaitGroup
	group.Go(func() { w.holders(ctx) })
	group.Go(func() { w.statuses(ctx, collect) })
	group.Wait()
}

// holders follows region and network. A look that fails leaves the tracks as they are.
func (w *watcher) holders(ctx context.Context) {
	region := w.lab.Region()
	for sleep(ctx, holderPause) == nil {
		if o, err := region.Owner(ctx, address); err == nil {
			w.see(0, o.Node)
		}
		if h, err := w.lab.Hop(ctx, address); err == nil {
			w.see(1, h.Node)
		}
	}
}

func (w *watcher) see(track int, holder string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tracks[track].see(w.now(), holder)
}

// statuses follows everything, pacemaker included, which costs several processes per node and look.
func (w *watcher) statuses(ctx context.Context, collect func(cib []byte)) {
	for number := 1; ctx.Err() == nil; number++ {
		asked := w.now()
		s, err := w.lab.Status(ctx)
		if err == nil {
			w.publish(look{number, asked, w.now(), s})
			for _, n := range s.Nodes {
				if !n.Host && n.Pacemaker.Running {
					if cib, err := w.lab.Cluster().Node(n.Name).CIB(ctx); err == nil {
						collect(cib)
						break
					}
				}
			}
		}
		w.mu.Lock()
		pause := statusPause
		if w.alert > 0 {
			pause = alertPause
		}
		w.mu.Unlock()
		select {
		case <-ctx.Done():
		case <-w.hurry:
		case <-time.After(pause):
		}
	}
}

func (w *watcher) publish(l look) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.look = l
	for _, a := range l.status.Addresses {
		if a.Address == address {
			// During a live migration pacemaker has it on two nodes.
			w.tracks[2].see(l.got, strings.Join(slices.Sorted(slices.Values(a.Pacemaker)), both))
		}
	}
	close(w.changed)
	w.changed = make(chan struct{})
}

// settled waits until two looks in a row, both asked for from now on, are good; it returns when the first of them was
// complete. good says what is still wrong, or nothing.
func (w *watcher) settled(ctx context.Context, good func(lab.Status) string) (time.Duration, lab.Status, error) {
	w.mu.Lock()
	w.alert++
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		w.alert--
		w.mu.Unlock()
	}()
	select {
	case w.hurry <- struct{}{}:
	default: // it is awake
	}
	from, first, why := w.now(), look{}, "nobody looked yet"
	for last := 0; ; {
		w.mu.Lock()
		l, changed := w.look, w.changed
		w.mu.Unlock()
		if l.number > last && l.asked >= from {
			last = l.number
			why = good(l.status)
			switch {
			case why != "":
				first = look{}
			case first.number == 0:
				first = l
			default:
				return first.got, l.status, nil
			}
		}
		select {
		case <-ctx.Done():
			return w.now(), l.status, fmt.Errorf("%w: %s", context.Cause(ctx), why)
		case <-changed:
		}
	}
}

// recorded returns the tracks up to a time.
func (w *watcher) recorded(length time.Duration) []Track {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []Track
	for _, t := range w.tracks {
		t.Spans = append([]Span(nil), t.Spans...)
		if n := len(t.Spans); n > 0 {
			t.Spans[n-1].To = length
		}
		out = append(out, t)
	}
	return out
}

// holder is who holds all managed addresses in all four views; or else why there is none such.
func holder(s lab.Status) (node, why string) {
	for _, a := range s.Addresses {
		switch {
		case !a.Managed:
		case !a.Agree:
			return "", fmt.Sprintf("%s: region %q, network %q, operating systems %q, pacemaker %q", a.Address, a.Region, a.Fabric, a.OS, a.Pacemaker)
		case node != "" && node != a.Region:
			return "", fmt.Sprintf("%s is on %s, another address on %s", a.Address, a.Region, node)
		default:
			node = a.Region
		}
	}
	if node == "" {
		return "", "pacemaker manages no address"
	}
	return node, ""
}

// sleep waits, unless ctx ends first.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
