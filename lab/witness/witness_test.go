// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"ocf-oci/internal/announce"
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

// The question is an ordinary request in the name of an address that the witness has. A node that is about to take the
// address must not see a rival in it.
func TestTheQuestionClaimsNothing(t *testing.T) {
	own, asked := netip.MustParseAddr("10.0.0.9"), netip.MustParseAddr("10.0.0.1")
	frame, err := question(net.HardwareAddr{2, 0, 0, 0, 0, 1}, own, asked)
	if err != nil {
		t.Fatal(err)
	}
	p, err := announce.Parse(frame[14:])
	if err != nil {
		t.Fatal(err)
	}
	if p.Op != announce.Request || p.SenderIP != own || p.TargetIP != asked {
		t.Errorf("asks %+v", p)
	}
}
