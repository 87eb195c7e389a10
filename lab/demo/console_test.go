// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// paper is what a console writes on.
type paper struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.Write(b)
}

var stampRE = regexp.MustCompile(`(?m)^ *[0-9.]+s  `)

func TestConsoleOnPaper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out paper
		c := newConsole(&out, Style{Width: 100}, false)
		c.heading("Chapter")
		quick := c.start("quick")
		quick(nil)
		slow := c.start("slow")
		time.Sleep(25 * time.Second)
		slow(nil)
		outer := c.start("outer")
		bad := c.start("inner")
		bad(errors.New("broken"))
		outer(nil)
		c.close()
		got := strings.Split(strings.TrimSpace(stampRE.ReplaceAllString(out.b.String(), "")), "\n")
		want := []string{"Chapter", "quick", "slow", "... 10 s", "... 20 s", "✓ 25.0 s", "outer", "inner", "✗ 0 ms", "✓ outer  0 ms"}
		for i := range got {
			got[i] = strings.TrimSpace(got[i])
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}

func TestConsoleOnATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out paper
		c := newConsole(&out, Style{Width: 40, Colour: true}, true)
		end := c.start(strings.Repeat("long ", 20))
		time.Sleep(time.Second)
		c.print("in between")
		time.Sleep(time.Second)
		end(nil)
		c.close()
		for _, line := range regexp.MustCompile("\r\x1b\\[K|\n").Split(out.b.String(), -1) {
			line = escapeRE.ReplaceAllString(line, "")
			if redrawn := strings.Contains(line, "long") && !strings.Contains(line, "✓"); redrawn && len([]rune(line)) > 40 {
				t.Errorf("a line that is redrawn wraps: %q", line)
			}
		}
		text := out.b.String()
		if !strings.Contains(text, "\r\x1b[K\x1b[2m   1.0s  \x1b[0min between\n") {
			t.Errorf("a line does not replace the one that is redrawn: %q", text)
		}
		if !strings.HasSuffix(text, "2.00 s\x1b[0m\n") {
			t.Errorf("it does not end with how long it took: %q", text)
		}
	})
}

func TestLinesAreIndented(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out paper
		c := newConsole(&out, Style{Width: 80}, false)
		l := &lines{c: c}
		for _, part := range []string{"on", "e\n 12.3s  two\nthr", "ee\n"} {
			if n, err := l.Write([]byte(part)); n != len(part) || err != nil {
				t.Fatal(n, err)
			}
		}
		c.close()
		if d := cmp.Diff("   0.0s    one\n   0.0s    two\n   0.0s    three\n", out.b.String()); d != "" {
			t.Error(d)
		}
	})
}
