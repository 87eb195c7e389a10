// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// noteOn is what must stand beside a line of the seed that nobody shall copy to a real cluster.
func noteOn(line string) string {
	if strings.Contains(line, "stonith-enabled=false") || strings.Contains(line, "no-quorum-policy=ignore") {
		return "(lab only; configure fencing)"
	}
	return ""
}

// chapter prints a heading, under which the commands come from now on; not twice.
func (d *demo) chapter(format string, args ...any) {
	title := fmt.Sprintf(format, args...)
	if title == d.current {
		return
	}
	d.current = title
	d.console.heading("%s", title)
}

// nextCommand returns a channel that is closed when the next command has been shown.
func (d *demo) nextCommand() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shown = make(chan struct{})
	return d.shown
}

// announce tells who waits for it that a command has been shown.
func (d *demo) announce() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shown != nil {
		close(d.shown)
		d.shown = nil
	}
}

// typed runs a command line in a node, shows it as typed, and notes how long it took. Words are parted by spaces:
// the demo types none with quotes.
func (d *demo) typed(ctx context.Context, node, line string) error {
	words := strings.Fields(line)
	cmd, err := d.lab.Command(ctx, node, words...)
	if err != nil {
		return err
	}
	return d.show(cmd, node, line)
}

// ocfLab runs an ocf-lab command for this lab on the machine that runs the demo.
func (d *demo) ocfLab(ctx context.Context, line string) error {
	line += " --name " + d.lab.Name()
	cmd := exec.CommandContext(ctx, filepath.Join(d.Bin, "ocf-lab"), strings.Fields(line)...)
	return d.show(cmd, "", "ocf-lab "+line)
}

// show runs a command under the eyes of whoever waits.
func (d *demo) show(cmd *exec.Cmd, where, line string) error {
	c := Command{Chapter: d.current, Where: where, Line: line, Note: noteOn(line)}
	text := d.console.style.paint(dim, prompt(where)) + d.console.style.paint(cyan, line)
	if c.Note != "" {
		text += "  " + d.console.style.paint(dim, c.Note)
	}
	end := d.console.start(text)
	d.announce()
	begin := time.Now()
	out, err := cmd.CombinedOutput()
	end(err)
	c.Took = time.Since(begin)
	if err != nil {
		// Not wrapped: the exit status of what the demo ran must not become the demo's own.
		err = fmt.Errorf("%s%s: %v: %s", prompt(where), line, err, strings.TrimSpace(string(out)))
		c.Err = strings.TrimSpace(string(out))
	}
	d.mu.Lock()
	d.outcome.Commands = append(d.outcome.Commands, c)
	d.mu.Unlock()
	return err
}
