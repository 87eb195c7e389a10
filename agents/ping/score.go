// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"time"

	"ocf-oci/internal/icmp"
	"ocf-oci/internal/reach"
)

// memory is what is remembered from one round to the next. Losing it loses nothing but log lines and hysteresis.
type memory struct {
	Score *int64                `json:"score,omitempty"` // nil: no round yet
	Hosts map[string]hostMemory `json:"hosts,omitempty"` // by the text in host_list
}

type hostMemory struct {
	Up      bool   `json:"up"`                // it counts
	Silent  int64  `json:"silent,omitempty"`  // consecutive rounds without an answer
	Address string `json:"address,omitempty"` // of a name, when it could be looked up last
	Stale   bool   `json:"stale,omitempty"`   // the name could not be looked up in the last round, Address was asked
}

// verdict is what a round means.
type verdict struct {
	score   int64
	memory  memory
	changes []change
	silent  []string // hosts that did not answer, whether they still count or not
}

// change is news about a host.
type change struct {
	host    string
	what    transition
	rounds  int64 // consecutive silent ones
	needed  int64 // hysteresis
	stale   bool  // since this round the last known address has to do
	outcome reach.Outcome
}

type transition int

const (
	answers     transition = iota // it counts from now on
	falls                         // it counts no longer
	stillCounts                   // its first silent round, hysteresis holds it
	steady                        // no news, said only with debug
)

// judge decides what the outcomes of the hosts, in their order, mean for the score.
func judge(s settings, before memory, outcomes []reach.Outcome) verdict {
	v := verdict{memory: memory{Hosts: make(map[string]hostMemory, len(s.hosts))}}
	sum := int64(0)
	for i, h := range s.hosts {
		out := outcomes[i]
		old, known := before.Hosts[h.Text]
		now := hostMemory{Up: out.Alive, Address: old.Address, Stale: out.Lookup != nil && out.Addr.IsValid()}
		if h.Name != "" && out.Lookup == nil && out.Addr.IsValid() {
			now.Address = out.Addr.String()
		}
		news := change{host: h.Text, what: steady, needed: s.hysteresis, stale: now.Stale && !old.Stale, outcome: out}
		if !out.Alive {
			v.silent = append(v.silent, h.Text)
			now.Silent = old.Silent + 1
			now.Up = old.Up && now.Silent < s.hysteresis
			news.rounds = now.Silent
		}
		switch {
		case now.Up && (!known || !old.Up):
			news.what = answers
		case !now.Up && (!known || old.Up):
			news.what = falls
		case now.Up && now.Silent == 1:
			news.what = stillCounts
		}
		v.changes = append(v.changes, news)
		if now.Up {
			sum += h.weight
		}
		v.memory.Hosts[h.Text] = now
	}
	v.score = product(sum, s.multiplier)
	v.memory.Score = &v.score
	return v
}

// product is a*b, or the utmost number if that is too small for it: a wrong sign would turn the cluster round.
func product(a, b int64) int64 {
	high, low := bits.Mul64(magnitude(a), magnitude(b))
	negative := (a < 0) != (b < 0)
	switch {
	case high > 0 || low > math.MaxInt64:
		if negative {
			return math.MinInt64
		}
		return math.MaxInt64
	case negative:
		return -int64(low)
	}
	return int64(low)
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// unable returns the error of a round that could not ask at all, so that nothing is known about any host.
func unable(outcomes []reach.Outcome) error {
	for _, out := range outcomes {
		if errors.Is(out.Err, icmp.ErrNotPermitted) {
			return out.Err
		}
	}
	return nil
}

// text is the news as a log line, with loss and round-trip time.
func (c change) text() string {
	out := c.outcome
	asked := c.host
	if out.Addr.IsValid() && out.Addr.String() != c.host {
		asked += " (" + out.Addr.String() + ")"
	}
	loss := fmt.Sprintf("%d of %d lost", out.Lost, out.Sent)
	if out.Alive {
		return fmt.Sprintf("%s answers: %s, round trip %s", asked, loss, milliseconds(out.RTT))
	}
	line := asked + " does not answer: "
	if out.Sent > 0 {
		line += loss
		if out.Err != icmp.ErrNoReply { // else there is nothing to add
			line += ": " + out.Err.Error()
		}
	} else {
		line += out.Err.Error()
	}
	if c.what == stillCounts {
		line += fmt.Sprintf("; it still counts (silent round %d of %d)", c.rounds, c.needed)
	}
	return line
}

// milliseconds prints a duration in ASCII, as ping(8) does.
func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.3f ms", float64(d)/float64(time.Millisecond))
}
