// SPDX-License-Identifier: Apache-2.0

package region

import (
	"time"

	"ocf-oci/lab/region/vcn"
)

// version is a state and the time from which it was the current one.
type version struct {
	at    time.Time
	state *vcn.State
}

// maxHistory bounds how many old states a stale read can reach.
const maxHistory = 512

// commit changes the region's state. A change that is refused leaves nothing behind; one
// that is made reaches the data plane after the propagation delay.
func (r *Region) commit(change func(*vcn.State) error) error {
	r.mu.Lock()
	next := r.state.Clone()
	if err := change(next); err != nil {
		r.mu.Unlock()
		return err
	}
	diff := vcn.Diff(r.state, next)
	now := time.Now()
	r.state = next
	r.history = append(r.history, version{now, next})
	if over := len(r.history) - maxHistory; over > 0 {
		r.history = append(r.history[:0:0], r.history[over:]...)
	}
	// Still under the lock, so that changes are queued in the order of their commits.
	r.network.submit(diff, now.Add(r.settings.Propagation))
	r.mu.Unlock()
	if len(diff) > 0 {
		r.gateFollows()
	}
	return nil
}

// current returns the state of now.
func (r *Region) current() *vcn.State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state
}

// past returns the state as it was some time ago; with ago 0 the one before the last write.
func (r *Region) past(ago time.Duration) *vcn.State {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ago == 0 {
		return r.history[max(0, len(r.history)-2)].state
	}
	limit := time.Now().Add(-ago)
	for i := len(r.history) - 1; i >= 0; i-- {
		if !r.history[i].at.After(limit) {
			return r.history[i].state
		}
	}
	return r.history[0].state
}
