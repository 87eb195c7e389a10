// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"math/rand/v2"
	"time"
)

// sample is the outcome of a made-up demo in which every promise held: 100 s, moved at 10 s, brown-out at 25 s, crash at
// 55 s with 4.3 s of silence, return at 75 s.
func sample() Outcome {
	const length = 100 * time.Second
	s := func(f float64) time.Duration { return time.Duration(f * float64(time.Second)) }
	dice := rand.New(rand.NewPCG(1, 2))
	o := Outcome{
		Began: time.Date(2026, 1, 2, 15, 4, 0, 0, time.UTC), Took: 131 * time.Second,
		Report: Report{
			Schema:  schemaVersion,
			Cluster: Cluster{Pacemaker: "2.1.5", Corosync: "3.1.7", Pcs: "0.11.5", Nodes: []string{"vrouter1", "vrouter2", "vrouter3"}},
			Events: []Event{
				{Name: "planned move to vrouter2", Kind: Planned, From: "vrouter1", To: "vrouter2", DurationMS: 3900},
				{Name: "the API answers 429 and 500, and late", Kind: Brownout, From: "vrouter2", To: "vrouter2", DurationMS: 20300},
				{Name: "vrouter2 loses its power", Kind: Crash, From: "vrouter2", To: "vrouter3", DurationMS: 4800},
				{Name: "vrouter2 comes back", Kind: Return, From: "vrouter3", To: "vrouter3", DurationMS: 14000},
			},
			AgentExec: map[string]int64{"start": 41, "stop": 6, "monitor": 3, "migrate_from": 55},
			APICalls:  map[string]int{"UpdatePrivateIp": 6, "GetPrivateIp": 41},
		},
		Moments: []Moment{
			{Begin: s(10), Agreed: s(13.9)}, {Begin: s(25), Agreed: s(45.3)}, {Begin: s(55), Agreed: s(59.8)}, {Begin: s(75), Agreed: s(89)},
		},
		Commands: []Command{{Where: "vrouter1", Line: "pcs property set stonith-enabled=false", Took: s(0.8)}},
		Readings: []Reading{
			{Node: "vrouter1", Op: "start", Exec: s(0.041), Expected: true}, {Node: "vrouter2", Op: "migrate_from", Exec: s(0.055), Expected: true},
		},
		Strikes: []Strike{{"GetPrivateIp status 429", 6}, {"all status 500", 5}},
	}
	o.Recording = Recording{Length: length, Tracks: []Track{
		{"OCI region", []Span{{0, s(10.9), "vrouter1"}, {s(10.9), s(59.1), "vrouter2"}, {s(59.1), length, "vrouter3"}}},
		{"network delivers to", []Span{{0, s(10.9), "vrouter1"}, {s(10.9), s(55), "vrouter2"}, {s(55), s(59.1), ""}, {s(59.1), length, "vrouter3"}}},
		{"pacemaker", []Span{{0, s(10.9), "vrouter1"}, {s(10.9), s(59.2), "vrouter2"}, {s(59.2), length, "vrouter3"}}},
	}}
	for _, name := range []string{toAddress, "through_router", "through_router_back"} {
		stream := Stream{Name: name, Label: map[string]string{toAddress: "isv → 10.0.0.100", "through_router": "isv → pod", "through_router_back": "pod → isv"}[name]}
		for at := time.Duration(0); at < length; at += 5 * time.Millisecond {
			p := Packet{Sent: at, RTT: time.Duration(80e3 + 60e3*dice.ExpFloat64())}
			p.Lost = at >= s(55) && at < s(59.3)
			stream.Packets = append(stream.Packets, p)
		}
		o.Recording.Streams = append(o.Recording.Streams, stream)
	}
	o.measure()
	return o
}

// lose loses the packets of a stream that were sent in [from, to).
func lose(o *Outcome, stream string, from, to time.Duration) {
	for i := range o.Recording.Streams {
		if s := &o.Recording.Streams[i]; s.Name == stream {
			for j := range s.Packets {
				if p := &s.Packets[j]; p.Sent >= from && p.Sent < to {
					p.Lost = true
				}
			}
		}
	}
	o.measure()
}
