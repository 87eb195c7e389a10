// SPDX-License-Identifier: Apache-2.0

package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"ocf-oci/lab/cluster"
	"ocf-oci/lab/fabric"
)

// Down ends a lab, alive, half-made or stale, and removes everything that its state lists. A lab that does not exist is
// an error (fs.ErrNotExist). It can be called again after an error.
func Down(ctx context.Context, name string) error {
	f := folderOf(name)
	s, err := f.load()
	if errors.Is(err, fs.ErrNotExist) {
		return noLab(name)
	}
	if err != nil {
		return fmt.Errorf("take down lab %s: %w", name, err)
	}
	lock, err := f.endDaemon(ctx, s)
	if err == nil {
		defer lock.Close()
		s, err = f.load()
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil // somebody else has taken it down meanwhile, such as the up that we interrupted
	}
	if err != nil {
		return fmt.Errorf("take down lab %s: %w", name, err)
	}
	if err := f.remove(ctx, s); err != nil {
		return fmt.Errorf("take down lab %s: %w", name, err)
	}
	return nil
}

// sweep removes stale labs. One that cannot be removed is named and left to "down": it is no reason to refuse another
// lab. The caller holds the base lock.
func sweep(ctx context.Context, out io.Writer) error {
	files, err := filepath.Glob(filepath.Join(BaseDir, "*", "state.json"))
	if err != nil {
		return fmt.Errorf("look for stale labs: %w", err)
	}
	for _, file := range files {
		f := folder(filepath.Dir(file))
		lock, err := lockFile(f.path("lock"), 0)
		if err != nil {
			continue // alive, or going down right now
		}
		s, err := f.load()
		if err == nil {
			fmt.Fprintf(out, "removing lab %s, whose daemon is dead\n", s.Options.Name)
			err = f.remove(ctx, s)
		}
		lock.Close()
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			fmt.Fprintf(out, "a stale lab stays behind in %s: %v\n", f, err)
		}
	}
	return nil
}

// endDaemon ends the daemon, in order or else by force, and returns the lock that it held.
func (f folder) endDaemon(ctx context.Context, s State) (*os.File, error) {
	begin := time.Now()
	var sent syscall.Signal
	for {
		lock, err := lockFile(f.path("lock"), 0)
		if !errors.Is(err, errLocked) {
			return lock, err
		}
		// The lock is held: the process is the daemon, not another one that got its ID. Before it has written its
		// ID the lock's holder is Up, which ends by itself.
		if now, err := f.load(); err == nil {
			s = now
		}
		want := syscall.SIGTERM
		if time.Since(begin) > 15*time.Second {
			want = syscall.SIGKILL
		}
		if s.Daemon != 0 && sent != want {
			if err := syscall.Kill(s.Daemon, want); err != nil && !errors.Is(err, unix.ESRCH) {
				return nil, fmt.Errorf("end the lab's daemon, process %d: %w", s.Daemon, err)
			}
			sent = want
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the lab's daemon (process %d) to end: %w", s.Daemon, context.Cause(ctx))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// remove takes away nodes, processes in the lab's namespaces, namespaces and folder. The caller holds the lock.
func (f folder) remove(ctx context.Context, s State) error {
	if err := f.stopRecorders(ctx); err != nil {
		return err
	}
	if err := cluster.Remove(ctx, string(f)); err != nil {
		return err
	}
	if err := endInside(ctx, s.Namespaces); err != nil {
		return err
	}
	var errs []error
	for _, ns := range s.Namespaces {
		errs = append(errs, fabric.DeleteNamespace(ns))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if err := os.RemoveAll(string(f)); err != nil {
		return fmt.Errorf("remove the lab's folder: %w", err)
	}
	return nil
}

// endInside ends the processes in the named network namespaces (commands of "exec isv"): by
// process ID, and only those whose namespace it is.
func endInside(ctx context.Context, namespaces []string) error {
	ours := map[unix.Stat_t]bool{}
	key := func(st unix.Stat_t) unix.Stat_t { return unix.Stat_t{Dev: st.Dev, Ino: st.Ino} }
	for _, ns := range namespaces {
		var st unix.Stat_t
		if unix.Stat(fabric.NamespacePath(ns), &st) == nil {
			ours[key(st)] = true
		}
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		procs, err := filepath.Glob("/proc/[0-9]*")
		if err != nil {
			return fmt.Errorf("list processes: %w", err)
		}
		left := 0
		for _, p := range procs {
			pid, err := strconv.Atoi(filepath.Base(p))
			var st unix.Stat_t
			if err != nil || pid == os.Getpid() || unix.Stat(p+"/ns/net", &st) != nil || !ours[key(st)] {
				continue
			}
			left++
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		if left == 0 {
			return nil
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return fmt.Errorf("%d processes in the lab's network namespaces do not end", left)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
