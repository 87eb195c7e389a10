// SPDX-License-Identifier: Apache-2.0

package probe

import (
	"slices"
	"time"
)

// patience is how long an answer may take before its packet counts as lost, while the recorder runs. An answer that
// comes later counts after all.
const patience = time.Second

// StreamReport is what became of a stream in a window of time.
type StreamReport struct {
	Stream
	Sent int `json:"sent"`
	Lost int `json:"lost"`
	// GapMS is the longest silence: the longest time without an answer.
	GapMS float64 `json:"gap_ms"`
	// GapAt is when that silence began.
	GapAt time.Time `json:"gap_at"`
	// StallMS is the longest time in which the recorder itself sent nothing; a gap of that length is not the network's.
	StallMS float64 `json:"stall_ms"`
	// MedianRTT is in milliseconds; 0 without an answer.
	MedianRTT float64 `json:"median_rtt_ms"`
	// Series is each packet in order, when asked for.
	Series []Point `json:"series,omitempty"`
}

// Point is a packet of a series: when it was sent, in milliseconds after the window's beginning, and how long its
// answer took; -1 is lost.
type Point struct {
	At  float64 `json:"at_ms"`
	RTT float64 `json:"rtt_ms"`
}

// Window is a span of wall-clock time; zero ends are open.
type Window struct{ From, To time.Time }

// Report sums up the packets that were sent in the window.
func (r *Recording) Report(w Window, series bool) []StreamReport {
	from, to := r.mono(w.From, 0), r.mono(w.To, 1<<62)
	if r.Running {
		// What was sent just now may still be answered.
		to = min(to, now()-patience)
	}
	var list []StreamReport
	for i, s := range r.Header.Streams {
		list = append(list, r.stream(s, r.packets[i], from, to, series))
	}
	return list
}

// mono translates a wall-clock time.
func (r *Recording) mono(t time.Time, zero time.Duration) time.Duration {
	if t.IsZero() {
		return zero
	}
	return r.Header.Mono + t.Sub(r.Header.Start)
}

func (r *Recording) wall(m time.Duration) time.Time { return r.Header.Start.Add(m - r.Header.Mono) }

func (r *Recording) stream(s Stream, packets []packet, from, to time.Duration, series bool) StreamReport {
	rep := StreamReport{Stream: s}
	if series {
		rep.Series = []Point{}
	}
	var answers, rtts []time.Duration
	var first, last time.Duration
	for _, p := range packets {
		if p.sent < from || p.sent >= to {
			continue
		}
		if rep.Sent == 0 {
			first = p.sent
		} else {
			rep.StallMS = max(rep.StallMS, ms(p.sent-last))
		}
		last = p.sent
		rep.Sent++
		point := Point{At: ms(p.sent - max(from, r.Header.Mono)), RTT: -1}
		if p.got == 0 {
			rep.Lost++
		} else {
			point.RTT = ms(p.got - p.sent)
			answers, rtts = append(answers, p.got), append(rtts, p.got-p.sent)
		}
		if series {
			rep.Series = append(rep.Series, point)
		}
	}
	if rep.Sent == 0 {
		return rep
	}
	gap, at := silence(first, last, answers)
	rep.GapMS, rep.GapAt, rep.MedianRTT = ms(gap), r.wall(at), ms(median(rtts))
	return rep
}

// silence is the longest time without an answer between the first and the last packet sent, and when it began.
func silence(first, last time.Duration, answers []time.Duration) (longest, begin time.Duration) {
	slices.Sort(answers)
	prev := first
	begin = first
	for _, a := range append(answers, last) {
		if a-prev > longest {
			longest, begin = a-prev, prev
		}
		prev = max(prev, a)
	}
	return longest, begin
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func median(ds []time.Duration) time.Duration {
	if len(ds) == 0 {
		return 0
	}
	ds = slices.Clone(ds)
	slices.Sort(ds)
	return ds[len(ds)/2]
}
