// SPDX-License-Identifier: Apache-2.0

// Package journal keeps the calls that a region saw, in order of arrival.
package journal

import (
	"sort"
	"sync"
	"time"

	"ocf-oci/lab/region/control"
)

// Journal is a bounded list of calls. It is safe for concurrent use.
type Journal struct {
	mu    sync.Mutex
	seq   uint64
	calls []control.Call // ordered by Seq
	max   int
}

// New returns a journal that keeps the last max calls.
func New(max int) *Journal { return &Journal{max: max} }

// Begin gives a call its number at the time it arrives; it is not yet listed.
func (j *Journal) Begin() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seq++
	return j.seq
}

// End lists a call, or replaces it when it is listed already (a hanging call is listed
// while it hangs). Calls end in any order and are listed by number.
func (j *Journal) End(c control.Call) {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := sort.Search(len(j.calls), func(i int) bool { return j.calls[i].Seq >= c.Seq })
	if i < len(j.calls) && j.calls[i].Seq == c.Seq {
		j.calls[i] = c
		return
	}
	j.calls = append(j.calls, control.Call{})
	copy(j.calls[i+1:], j.calls[i:])
	j.calls[i] = c
	if over := len(j.calls) - j.max; over > 0 {
		j.calls = append(j.calls[:0:0], j.calls[over+j.max/10:]...)
	}
}

// Count is the number of calls that arrived.
func (j *Journal) Count() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.seq
}

// Since returns the calls that arrived at or after a time; the zero time is all.
func (j *Journal) Since(t time.Time) []control.Call {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := []control.Call{}
	for _, c := range j.calls {
		if !c.Time.Before(t) {
			out = append(out, c)
		}
	}
	return out
}
