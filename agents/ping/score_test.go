// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ocf-oci/internal/icmp"
	"ocf-oci/internal/reach"
)

func up() reach.Outcome {
	return reach.Outcome{Addr: netip.MustParseAddr("10.0.0.1"), Result: icmp.Result{Alive: true, RTT: 312 * time.Microsecond, Sent: 2, Lost: 1}}
}

func dead(err error) reach.Outcome {
	return reach.Outcome{Addr: netip.MustParseAddr("10.0.0.1"), Result: icmp.Result{Sent: 3, Lost: 3, Err: err}}
}

func hostsNamed(list string) []host {
	hosts, _, err := parseHosts(list)
	if err != nil {
		panic(err)
	}
	return hosts
}

// A host counts exactly while fewer than hysteresis (at least 1) rounds have passed since its last answer, if it has
// answered before; the score is the weighted sum of those that count; and news come exactly when that changes.
func TestJudgeOverManyRounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := settings{hosts: hostsNamed("a=1 b=10 c=100"), multiplier: rapid.Int64Range(-5, 1000).Draw(t, "multiplier"),
			hysteresis: rapid.Int64Range(0, 4).Draw(t, "hysteresis")}
		weights := []int64{1, 10, 100}
		var m memory
		sinceAnswer := []int{-1, -1, -1} // rounds; -1: has never answered
		counted := []bool{false, false, false}
		for round := range rapid.IntRange(1, 12).Draw(t, "rounds") {
			outcomes := make([]reach.Outcome, 3)
			want, silent := int64(0), 0
			wantCounted := make([]bool, 3)
			for i := range outcomes {
				if rapid.Bool().Draw(t, "alive") {
					outcomes[i], sinceAnswer[i] = up(), 0
				} else {
					outcomes[i] = dead(icmp.ErrNoReply)
					silent++
					if sinceAnswer[i] >= 0 {
						sinceAnswer[i]++
					}
				}
				wantCounted[i] = sinceAnswer[i] == 0 || counted[i] && sinceAnswer[i] < int(s.hysteresis)
				if wantCounted[i] {
					want += weights[i]
				}
			}
			v := judge(s, m, outcomes)
			if v.score != want*s.multiplier || *v.memory.Score != v.score || len(v.silent) != silent {
				t.Fatalf("round %d: score %d, want %d", round, v.score, want*s.multiplier)
			}
			for i, c := range v.changes {
				news := c.what == answers || c.what == falls
				if wantNews := round == 0 || wantCounted[i] != counted[i]; news != wantNews {
					t.Fatalf("round %d, host %d: news %v, want %v", round, i, c.what, wantNews)
				}
			}
			m, counted = v.memory, wantCounted
		}
	})
}

func TestMemoryOfNames(t *testing.T) {
	s := settings{hosts: hostsNamed("gw 10.0.0.1"), multiplier: 1}
	v := judge(s, memory{}, []reach.Outcome{up(), up()})
	if v.memory.Hosts["gw"].Address != "10.0.0.1" || v.memory.Hosts["10.0.0.1"].Address != "" {
		t.Errorf("%+v", v.memory)
	}
	failed := up()
	failed.Lookup = errors.New("no answer from the name service")
	failed.Addr = netip.MustParseAddr("10.0.0.99") // must not be learned from a failed lookup
	if v = judge(s, v.memory, []reach.Outcome{failed, up()}); v.memory.Hosts["gw"].Address != "10.0.0.1" {
		t.Errorf("%+v", v.memory)
	}
}

func TestText(t *testing.T) {
	unreachable := &icmp.Unreachable{From: netip.MustParseAddr("10.0.0.254"), What: "host unreachable"}
	for want, c := range map[string]change{
		"gw (10.0.0.1) answers: 1 of 2 lost, round trip 0.312 ms":                      {host: "gw", outcome: up()},
		"10.0.0.1 does not answer: 3 of 3 lost":                                        {host: "10.0.0.1", what: falls, outcome: dead(icmp.ErrNoReply)},
		"10.0.0.1 does not answer: 3 of 3 lost: host unreachable, says 10.0.0.254":     {host: "10.0.0.1", what: falls, outcome: dead(unreachable)},
		"10.0.0.1 does not answer: 3 of 3 lost; it still counts (silent round 1 of 3)": {host: "10.0.0.1", what: stillCounts, rounds: 1, needed: 3, outcome: dead(icmp.ErrNoReply)},
		"no.such does not answer: looking up no.such: no such host":                    {host: "no.such", what: falls, outcome: reach.Outcome{Result: icmp.Result{Err: errors.New("looking up no.such: no such host")}}},
	} {
		if got := c.text(); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
	if text := (change{host: "h", outcome: up()}).text(); strings.ContainsFunc(text, func(r rune) bool { return r > 126 }) {
		t.Errorf("not ASCII: %q", text)
	}
}

func TestUnable(t *testing.T) {
	if unable([]reach.Outcome{up(), dead(icmp.ErrNoReply)}) != nil {
		t.Error("a dead host is no inability")
	}
	if unable([]reach.Outcome{up(), dead(icmp.ErrNotPermitted)}) == nil {
		t.Error("missing rights are")
	}
}

func TestProduct(t *testing.T) {
	for _, c := range [][3]int64{{0, 5, 0}, {3, 1000, 3000}, {3, -1000, -3000}, {13107 * maxWeight, 1<<31 - 1, math.MaxInt64},
		{13107 * maxWeight, -1 << 31, math.MinInt64}, {math.MaxInt64, 1, math.MaxInt64}, {math.MinInt64, 1, math.MinInt64}, {math.MinInt64, -1, math.MaxInt64}} {
		if got := product(c[0], c[1]); got != c[2] {
			t.Errorf("%d * %d = %d, want %d", c[0], c[1], got, c[2])
		}
	}
}
