// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"ocf-oci/lab"
)

// A lab outlives the process that brought it up. So that the lab of a demo that was killed is not left for ever, a
// demo holds a lock on a claim, a file beside the lab's folder, as long as it runs. A claim that nobody holds is what a
// killed demo left.

// claim is the held claim on a lab's name.
type claim struct{ file *os.File }

func claimPath(name string) string { return filepath.Join(lab.BaseDir, "."+name+".demo") }

// take makes the claim before the lab is made.
func take(name string) (*claim, error) {
	if err := os.MkdirAll(lab.BaseDir, 0o755); err != nil {
		return nil, fmt.Errorf("make %s (root is needed): %w", lab.BaseDir, err)
	}
	f, err := hold(claimPath(name), os.O_CREATE|os.O_EXCL)
	if err != nil {
		return nil, fmt.Errorf("claim the name %s for the demo's lab: %w", name, err)
	}
	return &claim{f}, nil
}

// hold opens a claim and locks it; errHeld: somebody else does.
func hold(path string, flags int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|flags, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, errHeld
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return f, nil
}

var errHeld = errors.New("held by a running demo")

// release gives the claim up: the lab is gone, or somebody wanted to keep it.
func (c *claim) release() error {
	err := os.Remove(c.file.Name())
	return errors.Join(err, c.file.Close())
}

// removeStale removes the labs of demos that were killed, and tells which.
func removeStale(ctx context.Context, tell func(name string)) error {
	paths, err := filepath.Glob(claimPath("*"))
	if err != nil {
		return fmt.Errorf("look for the labs of killed demos: %w", err)
	}
	for _, path := range paths {
		f, err := hold(path, 0)
		if errors.Is(err, errHeld) || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("look for the labs of killed demos: %w", err)
		}
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "."), ".demo")
		tell(name)
		err = lab.Down(ctx, name)
		if errors.Is(err, fs.ErrNotExist) {
			err = nil // it was killed before it made the lab, or after it took it down
		}
		if err == nil {
			err = os.Remove(path)
		}
		f.Close()
		if err != nil {
			return fmt.Errorf("remove the lab of a killed demo: %w", err)
		}
	}
	return nil
}
