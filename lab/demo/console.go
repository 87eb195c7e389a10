// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"sync"
	"time"
)

// console tells somebody who waits what happens and how long it has taken so far. On a terminal the last line counts
// the seconds; elsewhere a line says every ten seconds what is being waited for.
type console struct {
	out   io.Writer
	style Style
	live  bool // a terminal that can redraw its last line
	begin time.Time

	mu     sync.Mutex
	tasks  []*task // what is being done; the last line is about the latest
	spoken time.Time
	last   *task // whose line was printed last; nil: another line
	quit   chan struct{}
	ended  chan struct{}
}

type task struct {
	what  string
	since time.Time
}

func newConsole(out io.Writer, style Style, live bool) *console {
	c := &console{out: out, style: style, live: live, begin: time.Now(), quit: make(chan struct{}), ended: make(chan struct{})}
	go c.tick()
	return c
}

// close ends the ticking.
func (c *console) close() {
	close(c.quit)
	<-c.ended
}

func (c *console) tick() {
	defer close(c.ended)
	t := time.NewTicker(100 * time.Millisecond)
	defer t.Stop()
	for {
		select {
		case <-c.quit:
			return
		case <-t.C:
			c.redraw()
		}
	}
}

// redraw brings the last line up to date.
func (c *console) redraw() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.tasks) == 0 {
		return
	}
	t := c.tasks[len(c.tasks)-1]
	took := time.Since(t.since).Seconds()
	switch {
	case c.live:
		fmt.Fprint(c.out, "\r\x1b[K"+c.stamp(t.since)+c.cut(t.what+c.style.paint(dim, fmt.Sprintf("  %.1f s", took))))
	case time.Since(c.spoken) > 10*time.Second:
		c.spoken = time.Now()
		fmt.Fprintf(c.out, "%s... %.0f s\n", c.stamp(time.Now()), took)
	}
}

// stamp is a time since the beginning, for the beginning of a line.
func (c *console) stamp(at time.Time) string {
	return c.style.paint(dim, fmt.Sprintf("%6.1fs  ", at.Sub(c.begin).Seconds()))
}

// cut keeps a line that is redrawn from wrapping.
func (c *console) cut(line string) string {
	room, escape := c.style.Width-9, false
	for i, r := range line {
		switch {
		case r == '\x1b':
			escape = true
		case escape:
			escape = r != 'm'
		case room == 0:
			return line[:i] + "\x1b[0m"
		default:
			room--
		}
	}
	return line
}

// print writes whole lines; what is being done comes again below it.
func (c *console) print(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear := ""
	if c.live && len(c.tasks) > 0 {
		clear = "\r\x1b[K"
	}
	c.spoken, c.last = time.Now(), nil
	fmt.Fprintf(c.out, "%s%s%s\n", clear, c.stamp(time.Now()), line)
}

// heading begins a chapter.
func (c *console) heading(format string, args ...any) {
	c.print(c.style.paint(bold, fmt.Sprintf(format, args...)))
}

// start says what is being done until end says how it went.
func (c *console) start(what string) (end func(err error)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &task{what, time.Now()}
	c.tasks, c.spoken, c.last = append(c.tasks, t), time.Now(), t
	if !c.live {
		fmt.Fprintf(c.out, "%s%s\n", c.stamp(t.since), what)
	}
	return func(err error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		took := time.Since(t.since)
		c.tasks = slices.DeleteFunc(c.tasks, func(o *task) bool { return o == t })
		mark := c.style.paint(green, "✓") + " "
		if err != nil {
			mark = c.style.paint(red, "✗") + " "
		}
		switch {
		case c.live:
			fmt.Fprintf(c.out, "\r\x1b[K%s%s  %s%s\n", c.stamp(t.since), what, mark, c.style.paint(dim, seconds(took)))
		case c.last != t:
			fmt.Fprintf(c.out, "%s  %s%s  %s\n", c.stamp(time.Now()), mark, what, seconds(took))
			c.last = nil
		case err != nil || took >= time.Second:
			fmt.Fprintf(c.out, "%s  %s%s\n", c.stamp(time.Now()), mark, seconds(took))
		}
	}
}

// clockRE is the lab's own time at the beginning of a line of its progress; the console has one already.
var clockRE = regexp.MustCompile(`^ *[0-9]+\.[0-9]s  `)

// lines is a writer whose lines are printed, indented.
type lines struct {
	c   *console
	buf []byte
}

func (l *lines) Write(p []byte) (int, error) {
	l.buf = append(l.buf, p...)
	for {
		i := bytes.IndexByte(l.buf, '\n')
		if i < 0 {
			return len(p), nil
		}
		l.c.print("  " + clockRE.ReplaceAllString(string(l.buf[:i]), ""))
		l.buf = l.buf[i+1:]
	}
}
