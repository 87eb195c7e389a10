// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"slices"
	"time"
)

// Request is what is known of a request when faults are chosen.
type Request struct {
	// Service is API, Auth or IMDS.
	Service   string
	Operation string
	Node      string
}

func (f *Fault) matches(r Request) bool {
	if f.Node != "" && f.Node != r.Node {
		return false
	}
	return f.Target == All || f.Target == r.Service || f.Target == r.Operation && r.Operation != ""
}

// Set adds a fault and returns it with its number. A fault of the same target, kind and
// node is replaced.
func (t *Table) Set(f Fault) (Fault, error) {
	t.mu.Lock()
	if err := f.check(t.operations); err != nil {
		t.mu.Unlock()
		return Fault{}, err
	}
	t.next++
	f.ID, f.SetAt, f.Hits = t.next, t.now(), 0
	t.faults = slices.DeleteFunc(t.faults, func(o *Fault) bool {
		return o.Target == f.Target && o.Kind == f.Kind && o.Node == f.Node
	})
	t.faults = append(t.faults, &f)
	set := f
	t.mu.Unlock()
	if f.For > 0 {
		time.AfterFunc(f.For, t.expire)
	}
	t.changed()
	return set, nil
}

// expire drops what has ended and lets the servers know.
func (t *Table) expire() {
	t.mu.Lock()
	t.drop()
	t.mu.Unlock()
	t.changed()
}

// drop forgets the faults that have struck often or long enough. t.mu is held.
func (t *Table) drop() {
	now := t.now()
	t.faults = slices.DeleteFunc(t.faults, func(f *Fault) bool {
		return f.Count > 0 && f.Hits >= f.Count || f.For > 0 && !now.Before(f.SetAt.Add(f.For))
	})
}

// Clear removes all faults, or with an id only that one; it returns how many.
func (t *Table) Clear(id int) int {
	t.mu.Lock()
	n := len(t.faults)
	t.faults = slices.DeleteFunc(t.faults, func(f *Fault) bool { return id == 0 || f.ID == id })
	n -= len(t.faults)
	t.mu.Unlock()
	t.changed()
	return n
}

// List returns the faults in force, oldest first.
func (t *Table) List() []Fault {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.drop()
	out := make([]Fault, 0, len(t.faults))
	for _, f := range t.faults {
		out = append(out, *f)
	}
	return out
}

// Strike returns the faults of the given kinds that strike a request, and counts them. A
// fault with a count is used up by it.
func (t *Table) Strike(r Request, kinds ...Kind) []Fault {
	t.mu.Lock()
	t.drop()
	var out []Fault
	refused := false
	for _, f := range t.faults {
		if slices.Contains(kinds, f.Kind) && f.matches(r) {
			f.Hits++
			out = append(out, *f)
			refused = refused || f.Kind == Refuse && f.Count > 0 && f.Hits >= f.Count
		}
	}
	t.mu.Unlock()
	if refused {
		t.expire()
	}
	return out
}

// Match returns the faults of a kind that concern a request without counting them, for
// kinds that strike only under a further condition; see Hit.
func (t *Table) Match(r Request, kind Kind) []Fault {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.drop()
	var out []Fault
	for _, f := range t.faults {
		if f.Kind == kind && f.matches(r) {
			out = append(out, *f)
		}
	}
	return out
}

// Hit counts that a fault has struck.
func (t *Table) Hit(id int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range t.faults {
		if f.ID == id {
			f.Hits++
		}
	}
}
