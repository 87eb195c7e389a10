// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// How numbers are written for people.

// seconds writes a duration with three digits or so: 3 ms, 850 ms, 4.21 s, 32.1 s, 2 min 05 s.
func seconds(d time.Duration) string {
	switch s := d.Seconds(); {
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.3g ms", ms(d))
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case s < 10:
		return fmt.Sprintf("%.2f s", s)
	case s < 100:
		return fmt.Sprintf("%.1f s", s)
	default:
		return fmt.Sprintf("%d min %02d s", int(s)/60, int(s)%60)
	}
}

// thousands writes a count with thin spaces between its thousands.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

// packets writes "1 packet" or "7 packets".
func packets(n int) string {
	if n == 1 {
		return "1 packet"
	}
	return thousands(n) + " packets"
}

// power writes ten to the e, in milliseconds.
func power(e float64) string {
	switch {
	case e >= 3:
		return fmt.Sprintf("%g s", math.Pow(10, e-3))
	case e < 0:
		return fmt.Sprintf("%g µs", math.Pow(10, e+3))
	}
	return fmt.Sprintf("%g ms", math.Pow(10, e))
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// niceStep is a round distance of ticks so that at most n fit into a length.
func niceStep(length time.Duration, n int) time.Duration {
	steps := []time.Duration{
		100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second,
		10 * time.Second, 20 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, time.Hour,
	}
	for _, s := range steps {
		if length/s <= time.Duration(max(1, n)) {
			return s
		}
	}
	return steps[len(steps)-1]
}

// axisTime writes a tick.
func axisTime(t, step time.Duration) string {
	if step < time.Second {
		return fmt.Sprintf("%.1f s", t.Seconds())
	}
	return fmt.Sprintf("%.0f s", t.Seconds())
}

// sort orders packets by the time they were sent.
func (s Stream) sort() {
	slices.SortFunc(s.Packets, func(a, b Packet) int { return cmp.Compare(a.Sent, b.Sent) })
}
