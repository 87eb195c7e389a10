// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// cgroup is the path of a cgroup v2 group. A node has one, with two below it: "machine", the root of the node's
// cgroup namespace, and "exec", the commands sent in from outside. Every process of a node is in one of them.
type cgroup string

// cgroupRoot finds the unified hierarchy, alone or beside version 1.
func cgroupRoot() (string, error) {
	for _, dir := range []string{"/sys/fs/cgroup/unified", "/sys/fs/cgroup"} {
		var st unix.Statfs_t
		if unix.Statfs(dir, &st) == nil && st.Type == unix.CGROUP2_SUPER_MAGIC {
			return dir, nil
		}
	}
	return "", errors.New("no cgroup2 file system at /sys/fs/cgroup/unified or /sys/fs/cgroup: mount one with 'mkdir -p /sys/fs/cgroup/unified && mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified'")
}

// events reads a key ("populated", "frozen") of cgroup.events; a group that is gone has neither.
func (g cgroup) events(key string) (bool, error) {
	b, err := os.ReadFile(filepath.Join(string(g), "cgroup.events"))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENODEV) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read events of cgroup %s: %w", g, err)
	}
	return slices.Contains(strings.Split(string(b), "\n"), key+" 1"), nil
}

// await polls until key has the wanted value.
func (g cgroup) await(ctx context.Context, key string, want bool) error {
	for {
		got, err := g.events(key)
		if err != nil || got == want {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("cgroup %s: waiting for %s=%v: %w", g, key, want, context.Cause(ctx))
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// freeze stops (true) or continues (false) every process and waits until it is so.
func (g cgroup) freeze(ctx context.Context, frozen bool) error {
	value := "0"
	if frozen {
		value = "1"
	}
	if err := os.WriteFile(filepath.Join(string(g), "cgroup.freeze"), []byte(value), 0); err != nil {
		return fmt.Errorf("freeze=%s of cgroup %s: %w", value, g, err)
	}
	return g.await(ctx, "frozen", frozen)
}

// kill ends every process below g at once and waits until none is left.
func (g cgroup) kill(ctx context.Context) error {
	if _, err := os.Stat(string(g)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	err := os.WriteFile(filepath.Join(string(g), "cgroup.kill"), []byte("1"), 0)
	if err != nil { // before Linux 5.14: stop all first so that none can fork, then kill each
		if ferr := g.freeze(ctx, true); ferr != nil {
			return ferr
		}
		if kerr := g.killEach(); kerr != nil {
			return kerr
		}
	}
	if err := g.await(ctx, "populated", false); err != nil {
		return err
	}
	// A group that was frozen when its processes were killed would freeze the next boot.
	return g.freeze(ctx, false)
}

func (g cgroup) killEach() error {
	return filepath.WalkDir(string(g), func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "cgroup.procs" {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return fmt.Errorf("list processes of cgroup %s: %w", g, err)
		}
		for _, f := range strings.Fields(string(b)) {
			if pid, err := strconv.Atoi(f); err == nil && pid > 1 {
				_ = unix.Kill(pid, unix.SIGKILL)
			}
		}
		return nil
	})
}

// prune removes the groups below g, deepest first: what a dead systemd left behind.
func (g cgroup) prune() error {
	entries, err := os.ReadDir(string(g))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("list cgroup %s: %w", g, err)
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := cgroup(filepath.Join(string(g), e.Name())).remove(); err != nil {
				return err
			}
		}
	}
	return nil
}

// remove removes g and what is below; missing is fine.
func (g cgroup) remove() error {
	if err := g.prune(); err != nil {
		return err
	}
	// A killed process leaves its group a little after it is no longer counted as alive.
	var err error
	for range 100 {
		if err = unix.Rmdir(string(g)); err == nil || errors.Is(err, unix.ENOENT) {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("remove cgroup %s: %w", g, err)
}
