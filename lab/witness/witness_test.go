// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"net/netip"
	"testing"
	"time"
)

// The judgement on hand-made answers: a hand-over is none, an overlap is.
func TestJudgement(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	ms := func(n int) time.Time { return at.Add(time.Duration(n) * time.Millisecond) }
	r := Report{Address: netip.MustParseAddr("10.0.0.1"), Answers: []Answer{{1, "a", ms(0)}, {2, "a", ms(50)}, {20, "b", ms(950)}, {21, "b", ms(1000)}}}
	if d := r.Duplicates(); len(d) != 0 {
		t.Errorf("a hand-over was taken for %v", d)
	}
	if h := r.Longest(ms(0), ms(1000)); h.Took != 900*time.Millisecond || h.At != ms(50) {
		t.Errorf("hole %v", h)
	}
	if h := r.Longest(ms(0), ms(3000)); h.Took != 2*time.Second {
		t.Errorf("hole at the end: %v", h)
	}
	r.Answers = append(r.Answers, Answer{22, "b", ms(1050)}, Answer{22, "a", ms(1051)})
	if d := r.Duplicates(); len(d) != 1 {
		t.Errorf("an overlap was not seen: %v", d)
	}
	if h := r.Holders(ms(0)); len(h) != 3 {
		t.Errorf("holders %v", h)
	}
}
