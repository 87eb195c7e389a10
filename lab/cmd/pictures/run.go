// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ocf-oci/lab"
	"ocf-oci/lab/picture"
)

// run records into dir what the programs in bin show.
func run(bin, dir string) error {
	bin, err := filepath.Abs(bin)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	l, err := lab.Up(ctx, lab.Options{Name: fmt.Sprintf("pictures-%d", os.Getpid()), Nodes: 2, Scenario: lab.NGCP, Cluster: true, Bin: bin, Files: files(), Progress: os.Stderr})
	if err != nil {
		return err
	}
	defer func() {
		if err := l.Down(context.WithoutCancel(ctx)); err != nil {
			fmt.Fprintln(os.Stderr, "pictures:", err)
		}
	}()
	if err := prepare(ctx, l); err != nil {
		return err
	}
	t, err := newTerminal(filepath.Join(bin, "ocf-lab"), l.Name())
	if err != nil {
		return err
	}
	defer t.close()
	return record(ctx, t, dir)
}

// record shows a hand-over: the taker's terminal, and that of somebody who watches from the other node, who is left with
// a ban that he made.
func record(ctx context.Context, t *terminal, dir string) error {
	if err := t.open("watch", "sp1", 26, "ngcp-ha status --watch"); err != nil {
		return err
	}
	if _, err := t.until(ctx, "watch", "Full list of resources"); err != nil {
		return err
	}
	if err := t.open("active", "sp2", 12, "echo '$ ngcp-ha active'; ngcp-ha active; sleep 600"); err != nil {
		return err
	}
	watched, err := t.until(ctx, "watch", "Stopping sp1|is being made active")
	if err != nil {
		return err
	}
	done, err := t.until(ctx, "active", "done: sp2 is active")
	if err != nil {
		return err
	}
	if err := keep(dir, "status-watch", "root@sp1: ngcp-ha status --watch, while sp2 takes over", watched); err != nil {
		return err
	}
	return keep(dir, "active", "root@sp2: ngcp-ha active", done)
}

// keep writes the text and its picture. The first line of the text is the title.
func keep(dir, name, title, pane string) error {
	pane = strings.TrimRight(pane, "\n ") + "\n"
	if err := os.WriteFile(filepath.Join(dir, name+".txt"), []byte(title+"\n"+pane), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name+".svg"), []byte(picture.SVG(title, pane)), 0o644)
}
