// SPDX-License-Identifier: Apache-2.0

package probe

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"
)

const tick = 5 * time.Millisecond

// recording writes a log the way a recorder does: count packets at 5 ms, from 1000 s on the monotonic clock on; answer
// says how long after its packet an answer comes, negative for never.
func recording(t *testing.T, count int, answer func(i int) time.Duration) *Recording {
	t.Helper()
	dir := t.TempDir()
	begin := 1000 * time.Second
	h := Header{Host: "isv", Interval: tick, Start: time.Unix(1_700_000_000, 0), Mono: begin, Streams: []Stream{{"s", "isv", netip.MustParseAddr("10.0.0.100")}}}
	if err := ready(dir, h); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "isv.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := newWriter(f)
	for i := range count {
		at := begin + time.Duration(i)*tick
		w.put(kindSent, 0, uint32(i), at)
		if a := answer(i); a >= 0 {
			w.put(kindGot, 0, uint32(i), at+a)
			w.put(kindGot, 0, uint32(i), at+a+time.Second) // a duplicate
		}
	}
	if err := w.flush(); err != nil {
		t.Fatal(err)
	}
	f.Write([]byte{1, 2, 3}) // a record that is being written
	r, err := Read(dir, "isv")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReport(t *testing.T) {
	prompt := func(int) time.Duration { return time.Millisecond }
	for _, tt := range []struct {
		name       string
		answer     func(i int) time.Duration
		window     Window
		sent, lost int
		gap        float64
	}{
		{name: "all answered", answer: prompt, sent: 1000, gap: 5},
		{name: "nothing answered", answer: func(int) time.Duration { return -1 }, sent: 1000, lost: 1000, gap: 4995},
		{name: "an outage in the middle", sent: 1000, lost: 100, gap: 505, answer: func(i int) time.Duration {
			if i >= 300 && i < 400 {
				return -1
			}
			return time.Millisecond
		}},
		{name: "from the beginning on", sent: 1000, lost: 20, gap: 101, answer: func(i int) time.Duration {
			if i < 20 {
				return -1
			}
			return time.Millisecond
		}},
		{name: "until the end", sent: 1000, lost: 20, gap: 99, answer: func(i int) time.Duration {
			if i >= 980 {
				return -1
			}
			return time.Millisecond
		}},
		{name: "held up, not lost", sent: 1000, gap: 200, answer: func(i int) time.Duration {
			if i >= 300 && i < 340 { // all of them come when the last one is due
				return time.Duration(339-i)*tick + time.Millisecond
			}
			return time.Millisecond
		}},
		{
			name: "a window after the outage", sent: 500, gap: 5,
			window: Window{From: time.Unix(1_700_000_000, 0).Add(500 * tick)},
			answer: func(i int) time.Duration {
				if i < 490 {
					return -1
				}
				return time.Millisecond
			},
		},
		{
			name: "a window within the outage", sent: 10, lost: 10, gap: 45,
			window: Window{time.Unix(1_700_000_000, 0).Add(100 * tick), time.Unix(1_700_000_000, 0).Add(110 * tick)},
			answer: func(int) time.Duration { return -1 },
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := recording(t, 1000, tt.answer).Report(tt.window, true)[0]
			if got.Sent != tt.sent || got.Lost != tt.lost || got.GapMS != tt.gap {
				t.Errorf("sent %d lost %d gap %v, want %d %d %v", got.Sent, got.Lost, got.GapMS, tt.sent, tt.lost, tt.gap)
			}
			lost := 0
			for _, p := range got.Series {
				if p.RTT < 0 {
					lost++
				}
			}
			if len(got.Series) != tt.sent || lost != tt.lost {
				t.Errorf("the series has %d packets, %d lost", len(got.Series), lost)
			}
			if got.StallMS != 5 {
				t.Errorf("the recorder stalled for %v ms, want 5", got.StallMS)
			}
		})
	}
}

func TestReadRefusesNonsense(t *testing.T) {
	r := recording(t, 3, func(int) time.Duration { return 0 })
	dir := t.TempDir()
	if err := ready(dir, r.Header); err != nil {
		t.Fatal(err)
	}
	// An answer to a packet that was never sent.
	bad := make([]byte, recordSize)
	bad[0], bad[4] = kindGot, 7
	if err := os.WriteFile(filepath.Join(dir, "isv.log"), bad, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(dir, "isv"); err == nil {
		t.Error("an answer without a question was accepted")
	}
}
