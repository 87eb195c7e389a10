// SPDX-License-Identifier: Apache-2.0

package adoption

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"ocf-oci/internal/state"
)

// DefaultDir is where journals are kept: they outlive a reboot.
const DefaultDir = "/var/lib/ocf-oci"

const kind = "convert"

// Journal is one conversion: what was there before and what it became. It is written before anything is changed.
type Journal struct {
	Resource string    `json:"resource"`
	At       time.Time `json:"at"`
	Before   string    `json:"before"` // the primitive as XML
	After    string    `json:"after"`
	Active   string    `json:"active"` // the node where it ran
	// Maintenance is the cluster option maintenance-mode as it was; nil: not set.
	Maintenance *string `json:"maintenance,omitempty"`
	// Added are the addresses that the active node's operating system did not carry before.
	Added []netip.Addr `json:"added,omitempty"`
	// Done: the conversion came to its end. Without it, it was interrupted.
	Done bool `json:"done"`
}

// Journals are those of one node.
type Journals struct{ dir *state.Dir }

// OpenJournals returns the journals in a directory; it need not exist.
func OpenJournals(dir string) (Journals, error) {
	d, err := state.Open(dir)
	return Journals{d}, err
}

// Load reads the journal of a resource; nil if there is none.
func (s Journals) Load(resource string) (*Journal, error) {
	var j Journal
	switch p, err := s.dir.Read(state.Name(resource, kind), &j); {
	case p == state.Absent:
		return nil, nil
	case p != state.Present:
		return nil, fmt.Errorf("reading the journal of an earlier conversion in %s: %w", s.dir.Path(), err)
	}
	return &j, nil
}

// Save writes a journal so that a crash leaves the old one or the new one.
func (s Journals) Save(j *Journal) error {
	if err := s.dir.Write(state.Name(j.Resource, kind), j); err != nil {
		return fmt.Errorf("writing the journal of the conversion: %w", err)
	}
	return nil
}

// turn is how long a conversion waits for another one of the same resource on this node.
const turn = 2 * time.Second

// Lock keeps other conversions of a resource on this node out until unlock, or the end of the process.
func (s Journals) Lock(ctx context.Context, resource string) (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, turn)
	defer cancel()
	unlock, err = s.dir.Lock(ctx, state.Name(resource, kind))
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("another oci-vip convert is at work on %s: wait until it has ended; nothing was changed", resource)
	}
	return unlock, err
}

// Forget removes the journal of a resource.
func (s Journals) Forget(resource string) error { return s.dir.Remove(state.Name(resource, kind)) }
