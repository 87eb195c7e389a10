// SPDX-License-Identifier: Apache-2.0

package region

import (
	"fmt"
	"sync"
	"time"
)

// Settings are what an operator changes while the region runs.
type Settings struct {
	Latency, Propagation, TokenLife time.Duration
	// Limit is API requests a second before 429; 0 is no limit.
	Limit int
}

// Settings returns the settings in force.
func (r *Region) Settings() Settings {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Settings(r.settings)
}

// Change changes settings; the error names the one that makes no sense.
func (r *Region) Change(change func(*Settings)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Settings(r.settings)
	change(&s)
	if s.Latency < 0 || s.Propagation < 0 || s.TokenLife <= 0 || s.Limit < 0 {
		return fmt.Errorf("settings: latency %s, propagation %s and limit %d must not be negative, token life %s must be positive", s.Latency, s.Propagation, s.Limit, s.TokenLife)
	}
	r.settings = settings(s)
	return nil
}

// meter counts the requests of the last second.
type meter struct {
	mu   sync.Mutex
	last []time.Time
}

// pass says whether a request at a time is within the limit. Requests that are refused do
// not count, so that a client at the limit gets that many through.
func (m *meter) pass(at time.Time, limit int) bool {
	if limit <= 0 {
		return true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	keep := m.last[:0]
	for _, t := range m.last {
		if at.Sub(t) < time.Second {
			keep = append(keep, t)
		}
	}
	m.last = keep
	if len(m.last) >= limit {
		return false
	}
	m.last = append(m.last, at)
	return true
}
