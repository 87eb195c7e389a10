// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// terminal is a tmux server of our own.
type terminal struct {
	folder, lab, name string
}

func newTerminal(lab, name string) (*terminal, error) {
	folder, err := os.MkdirTemp("", "pictures-")
	if err != nil {
		return nil, err
	}
	return &terminal{folder: folder, lab: lab, name: name}, nil
}

func (t *terminal) close() {
	_, _ = t.tmux("kill-server")
	_ = os.RemoveAll(t.folder)
}

func (t *terminal) tmux(args ...string) (string, error) {
	cmd := exec.Command("tmux", append([]string{"-S", filepath.Join(t.folder, "socket"), "-f", "/dev/null"}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("tmux %s: %w: %s", args[0], err, out)
	}
	return string(out), nil
}

// open runs a shell script on a node in a pane of 112 columns.
func (t *terminal) open(pane, node string, rows int, script string) error {
	_, err := t.tmux("new-session", "-d", "-s", pane, "-x", "112", "-y", strconv.Itoa(rows), t.lab, "exec", "--name", t.name, node, "--", "sh", "-c", script)
	return err
}

// until waits for a pane to match, and returns it.
func (t *terminal) until(ctx context.Context, pane, pattern string) (string, error) {
	re := regexp.MustCompile(pattern)
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		text, err := t.tmux("capture-pane", "-p", "-t", pane)
		if err != nil {
			return "", err
		}
		if re.MatchString(text) {
			return text, nil
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("%s does not show %q, but:\n%s", pane, pattern, strings.TrimSpace(text))
		case <-time.After(100 * time.Millisecond):
		}
	}
}
