// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"bytes"
	"fmt"
	"math/rand"
	"strings"
	"syscall"
	"testing"
	"time"
)

// garbage are 100 kB of several sorts that a parser may choke on.
func garbage() map[string][]byte {
	const size = 100_000
	random := rand.New(rand.NewSource(1))
	bin := make([]byte, size)
	random.Read(bin)
	words := []string{"primitive", "group", "location", "rule", "op", "and", "inf:", "a", "{", "(", "$id=x", "@y", "x=1",
		"#uname", "eq", "date", "\\\n", "\n", "\"", "'", "xml", "<a>", "\t", "order", "select", "to", "role", "read"}
	var soup bytes.Buffer
	for soup.Len() < size {
		soup.WriteString(words[random.Intn(len(words))] + " ")
	}
	var similar bytes.Buffer // names that are all nearly the same, and none is right
	for i := 0; similar.Len() < size/2; i++ {
		fmt.Fprintf(&similar, "primitive p_%05d Dummy\n", i)
	}
	for i := 0; similar.Len() < size; i++ {
		fmt.Fprintf(&similar, "order o_%05d inf: q_%05d q_%05d\n", i, i, i+1)
	}
	repeat := func(s string) []byte { return bytes.Repeat([]byte(s), size/len(s)) }
	return map[string][]byte{
		"random bytes":       bin,
		"words":              soup.Bytes(),
		"similar names":      similar.Bytes(),
		"one line of words":  append([]byte("primitive p Dummy "), repeat("parms ")...),
		"one line of names":  append([]byte("group g "), repeat("nix0 nix1 ")...),
		"one line of tags":   append([]byte("tag t "), repeat("nix ")...),
		"brackets":           append([]byte("order o inf: "), repeat("( ")...),
		"glued brackets":     append([]byte("order o inf: "), repeat("([")...),
		"continuations":      repeat("primitive \\\n"),
		"glued lines":        repeat("a\\\n b\n"),
		"quotes":             repeat("\" "),
		"backslashes":        repeat("\\"),
		"one long word":      repeat("x"),
		"long keyword lines": repeat(strings.Repeat("primitiv", 500) + "\n"),
		"same object":        repeat("primitive p Dummy\n"),
		"same ids":           append([]byte("primitive p Dummy"), repeat(" params x=1")...),
		"deep XML":           append([]byte("xml "), repeat("<a>")...),
		"nothing":            repeat("\n"),
	}
}

// cost returns the processor time that a function needs, the best of five.
// Unlike the time on the clock it does not depend on what else the machine does.
func cost(t *testing.T, f func()) time.Duration {
	t.Helper()
	used := func() time.Duration {
		var usage syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
			t.Fatal(err)
		}
		return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	best := time.Hour
	for range 5 {
		before := used()
		f()
		best = min(best, used()-before)
	}
	return best
}

// TestGarbage: whatever the file, Parse comes back within 100 ms with errors
// that have a place and a short excerpt.
func TestGarbage(t *testing.T) {
	for name, text := range garbage() {
		t.Run(name, func(t *testing.T) {
			var err error
			best := cost(t, func() { _, err = Parse("garbage", text, Options{}) })
			if best > 100*time.Millisecond {
				t.Errorf("took %v", best)
			}
			list, ok := AsErrors(err)
			if !ok {
				if name == "same ids" || name == "continuations" || name == "one line of tags" || name == "nothing" {
					return // legal, for crmsh too
				}
				t.Fatalf("accepted")
			}
			for _, e := range list {
				if line, _ := e.Excerpt(); e.Line < 1 || e.Column < 1 || len(line) > 8*excerptWidth {
					t.Fatalf("bad place: %+v", e)
				}
			}
			if size := len(err.Error()); size > 10_000_000 {
				t.Errorf("the message has %d bytes", size)
			}
			t.Logf("%v, %d errors", best, len(list))
		})
	}
}

// TestCostIsLinear: four times the garbage costs about four times the time. A
// quadratic parser would need sixteen times as much.
func TestCostIsLinear(t *testing.T) {
	for name, text := range garbage() {
		var small, large time.Duration
		for range 5 { // the garbage collector and a busy machine count, too
			small = cost(t, func() { _, _ = Parse("garbage", text[:len(text)/4], Options{}) })
			large = cost(t, func() { _, _ = Parse("garbage", text, Options{}) })
			if large <= 10*small+10*time.Millisecond {
				break
			}
		}
		if large > 10*small+10*time.Millisecond {
			t.Errorf("%s: a quarter takes %v, the whole %v", name, small, large)
		}
	}
}

// FuzzParse looks for panics, and for files that mean something else when
// they are written and read again.
func FuzzParse(f *testing.F) {
	for _, c := range smallFiles(f) {
		f.Add([]byte(c.text))
	}
	for _, text := range garbage() {
		f.Add(text[:min(len(text), 300)])
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 5000 {
			return
		}
		cfg, err := Parse("fuzz", text, Options{})
		if err != nil {
			if _, ok := AsErrors(err); !ok {
				t.Fatalf("no list of errors: %v", err)
			}
			return
		}
		checkRoundTrip(t, cfg)
	})
}
