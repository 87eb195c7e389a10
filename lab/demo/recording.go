// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"slices"
	"time"
)

// Recording is what the packets saw, and who held the address meanwhile. Times count from Begin.
type Recording struct {
	Begin   time.Time
	Length  time.Duration
	Streams []Stream
	Tracks  []Track
}

// Stream is a series of echo requests at equal distances.
type Stream struct {
	Name    string // to_address, through_router, through_router_back
	Label   string // for people: "isv → 10.0.0.100"
	Packets []Packet
}

// Packet is one echo request.
type Packet struct {
	Sent time.Duration
	RTT  time.Duration // meaningless when lost
	Lost bool
}

// Track is who held the address in the eyes of somebody.
type Track struct {
	Label string // "OCI region"
	Spans []Span // in order, without overlap
}

// Span is a time with one holder; Holder "" is nobody.
type Span struct {
	From, To time.Duration
	Holder   string
}

// see extends a track by what was seen at a time.
func (t *Track) see(at time.Duration, holder string) {
	if n := len(t.Spans); n > 0 {
		t.Spans[n-1].To = at
		if t.Spans[n-1].Holder == holder {
			return
		}
	}
	t.Spans = append(t.Spans, Span{From: at, To: at, Holder: holder})
}

// between are the packets sent in [from, to).
func (s Stream) between(from, to time.Duration) []Packet {
	at := func(t time.Duration) int {
		i, _ := slices.BinarySearchFunc(s.Packets, t, func(p Packet, t time.Duration) int { return int(p.Sent - t) })
		return i
	}
	return s.Packets[at(from):at(to)]
}

// traffic counts the packets sent in [from, to). Its gap is the longest time between two answers: it begins with the
// last answer before the window, and lasts to the window's end if nothing came any more.
func (s Stream) traffic(from, to time.Duration) Traffic {
	packets := s.between(from, to)
	t := Traffic{Sent: len(packets)}
	if len(packets) == 0 {
		return t
	}
	last := from
	for _, p := range slices.Backward(s.between(0, from)) {
		if !p.Lost {
			last = min(from, p.Sent+p.RTT)
			break
		}
	}
	var gap time.Duration
	for _, p := range packets {
		if p.Lost {
			t.Lost++
			continue
		}
		answered := p.Sent + p.RTT
		gap, last = max(gap, answered-last), max(last, answered)
	}
	t.GapMS = max(gap, to-last).Milliseconds()
	return t
}

// bin is what became of the packets of a short time.
type bin struct {
	Sent, Lost  int
	Median, Max time.Duration // of the answers' round trips
}

// bins cuts [from, to) into n equal parts.
func (s Stream) bins(from, to time.Duration, n int) []bin {
	out := make([]bin, n)
	edge := func(i int) time.Duration { return from + (to-from)*time.Duration(i)/time.Duration(n) }
	for i := range out {
		var trips []time.Duration
		for _, p := range s.between(edge(i), edge(i+1)) {
			out[i].Sent++
			if p.Lost {
				out[i].Lost++
			} else {
				trips = append(trips, p.RTT)
			}
		}
		if len(trips) > 0 {
			slices.Sort(trips)
			out[i].Median, out[i].Max = trips[len(trips)/2], trips[len(trips)-1]
		}
	}
	return out
}

// silence is a time in which a stream's packets were lost, one after the other.
type silence struct {
	From, To time.Duration // the first lost packet, and the first answered one after it
	Lost     int
}

// silences are the runs of lost packets in [from, to).
func (s Stream) silences(from, to time.Duration) []silence {
	var out []silence
	lost := false
	for _, p := range s.between(from, to) {
		switch {
		case p.Lost && !lost:
			out = append(out, silence{From: p.Sent, To: to, Lost: 1})
		case p.Lost:
			out[len(out)-1].Lost++
		case lost:
			out[len(out)-1].To = p.Sent
		}
		lost = p.Lost
	}
	return out
}

// measure fills in the traffic of the events: each owns the packets until the next one begins.
func (o *Outcome) measure() {
	for i := range o.Report.Events {
		from, to := o.window(i)
		e := &o.Report.Events[i]
		e.ToAddress, e.ThroughRouter = o.Recording.traffic(from, to)
	}
}

// window is the time whose packets belong to event i; -1 is the time before the first one.
func (o *Outcome) window(i int) (from, to time.Duration) {
	to = o.Recording.Length
	if i >= 0 {
		from = o.Moments[i].Begin
	}
	if i+1 < len(o.Moments) {
		to = o.Moments[i+1].Begin
	}
	return from, to
}

// toAddress is the name of the stream that asks the address itself; all others go through the routers.
const toAddress = "to_address"

// traffic sums up [from, to): to the address, and through the routers.
func (r Recording) traffic(from, to time.Duration) (address, through Traffic) {
	for _, s := range r.Streams {
		t := s.traffic(from, to)
		if s.Name == toAddress {
			address = address.add(t)
		} else {
			through = through.add(t)
		}
	}
	return address, through
}

// sort puts the packets of each stream in order, and ends the recording with the last of them.
func (r *Recording) sort() {
	r.Length = 0
	for _, s := range r.Streams {
		s.sort()
		if n := len(s.Packets); n > 0 {
			r.Length = max(r.Length, s.Packets[n-1].Sent+time.Nanosecond)
		}
	}
}
