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
	end := d.console.start(d.console.style.paint(dim, prompt(where)) + d.console.style.paint(cyan, line))
	begin := time.Now()
	out, err := cmd.CombinedOutput()
	end(err)
	c := Command{Where: where, Line: line, Took: time.Since(begin)}
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
