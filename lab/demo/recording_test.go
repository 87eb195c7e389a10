// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// stream makes one packet every 5 ms, answered after 1 ms, from a picture: a dot is answered, x is lost.
func stream(picture string) Stream {
	s := Stream{Name: toAddress, Label: "a → b"}
	for i, c := range picture {
		s.Packets = append(s.Packets, Packet{Sent: time.Duration(i) * 5 * time.Millisecond, RTT: time.Millisecond, Lost: c == 'x'})
	}
	return s
}

func TestTraffic(t *testing.T) {
	const packet = 5 * time.Millisecond
	for _, tt := range []struct {
		name     string
		picture  string
		from, to int // in packets
		want     Traffic
	}{
		{"all answered", "........", 0, 8, Traffic{8, 0, 5}},
		{"one lost", "...x....", 0, 8, Traffic{8, 1, 10}},
		{"three lost", "..xxx...", 0, 8, Traffic{8, 3, 20}},
		{"the gap begins before the window", ".xxx....", 2, 8, Traffic{6, 2, 20}},
		{"the gap is not over", "....xxxx", 0, 8, Traffic{8, 4, 24}},
		{"nothing answered at all", "xxxx", 0, 4, Traffic{4, 4, 20}},
		{"the longer of two gaps", "..x..xx.", 0, 8, Traffic{8, 3, 15}},
		{"losses outside do not count", "x......x", 1, 7, Traffic{6, 0, 5}},
		{"nothing sent", "....", 4, 8, Traffic{}},
	} {
		got := stream(tt.picture).traffic(time.Duration(tt.from)*packet, time.Duration(tt.to)*packet)
		if got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestALateAnswerIsNoLossButASilence(t *testing.T) {
	s := stream("......")
	for i := 1; i < 4; i++ {
		s.Packets[i].RTT = 100*time.Millisecond - s.Packets[i].Sent // held up and delivered at once
	}
	for i := 4; i < 6; i++ {
		s.Packets[i].RTT = 101 * time.Millisecond
	}
	if got := s.traffic(0, 130*time.Millisecond); got.Lost != 0 || got.GapMS != 99 {
		t.Errorf("got %+v, want nothing lost and 99 ms of silence", got)
	}
}

func TestBins(t *testing.T) {
	got := stream("....x..xxxxx").bins(0, 60*time.Millisecond, 3)
	one := time.Millisecond
	want := []bin{{4, 0, one, one}, {4, 2, one, one}, {4, 4, 0, 0}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestSilences(t *testing.T) {
	at := func(i int) time.Duration { return time.Duration(i) * 5 * time.Millisecond }
	got := stream(".xx..x..xx").silences(0, at(10))
	want := []silence{{at(1), at(3), 2}, {at(5), at(6), 1}, {at(8), at(10), 2}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// No packet may fall between two events, or count for two.
func TestEveryPacketHasOneOwner(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(1, 400).Draw(r, "packets")
		lost := rapid.SliceOfN(rapid.Bool(), n, n).Draw(r, "lost")
		var o Outcome
		s := Stream{Name: toAddress}
		total := 0
		for i, l := range lost {
			s.Packets = append(s.Packets, Packet{Sent: time.Duration(i) * time.Millisecond, RTT: time.Microsecond, Lost: l})
			if l {
				total++
			}
		}
		o.Recording.Streams = []Stream{s}
		o.Recording.sort()
		begin := time.Duration(0)
		for range rapid.IntRange(0, 5).Draw(r, "events") {
			begin += time.Duration(rapid.IntRange(0, n*300).Draw(r, "distance")) * time.Microsecond
			o.Moments = append(o.Moments, Moment{Begin: min(begin, o.Recording.Length), Agreed: begin})
			o.Report.Events = append(o.Report.Events, Event{})
		}
		o.measure()
		sum, _ := o.Recording.traffic(o.window(-1))
		for _, e := range o.Report.Events {
			sum = sum.add(e.ToAddress)
		}
		if sum.Sent != n || sum.Lost != total {
			r.Fatalf("the events own %d packets with %d lost; there are %d with %d", sum.Sent, sum.Lost, n, total)
		}
	})
}

func TestTrackJoinsWhatItSees(t *testing.T) {
	var tr Track
	for at, holder := range []string{"a", "a", "", "b", "b"} {
		tr.see(time.Duration(at), holder)
	}
	want := []Span{{0, 2, "a"}, {2, 3, ""}, {3, 4, "b"}}
	if d := cmp.Diff(want, tr.Spans); d != "" {
		t.Error(d)
	}
}
