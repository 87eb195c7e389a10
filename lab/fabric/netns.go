// SPDX-License-Identifier: Apache-2.0

package fabric

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// NamespaceDir is where iproute2 keeps named network namespaces, so that "ip netns exec NAME" works on ours.
const NamespaceDir = "/run/netns"

// NamespacePath returns the file that a named network namespace is bound to.
func NamespacePath(name string) string { return filepath.Join(NamespaceDir, name) }

// NewNamespace makes the named network namespace with its loopback device up and returns its path.
// A namespace of that name that exists already is an error (fs.ErrExist).
func NewNamespace(name string) (string, error) {
	path := NamespacePath(name)
	if _, err := os.Lstat(path); err == nil {
		return "", fmt.Errorf("make network namespace %s: %w", name, fs.ErrExist)
	}
	if err := shareNamespaceDir(); err != nil {
		return "", fmt.Errorf("make network namespace %s (root is needed): %w", name, err)
	}
	// The thread that made the namespace is inside it. It ends with its goroutine, so it must not be unlocked.
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		h, err := netns.NewNamed(name)
		if err == nil {
			err = loopbackUp()
			h.Close()
		}
		done <- err
	}()
	if err := <-done; err != nil {
		_ = DeleteNamespace(name)
		return "", fmt.Errorf("make network namespace %s (root is needed): %w", name, err)
	}
	return path, nil
}

// shareNamespaceDir makes NamespaceDir a shared mount of its own, as the first "ip netns add" after a boot does. Without
// it a later "ip netns add" would put that mount over the namespaces that we bound before, and nothing could unmount
// them any more: the name could be neither deleted nor used again.
func shareNamespaceDir() error {
	if err := os.MkdirAll(NamespaceDir, 0o755); err != nil {
		return err
	}
	dir, err := os.Open(NamespaceDir)
	if err != nil {
		return err
	}
	defer dir.Close() // and with it the lock, which keeps two of us from mounting it twice
	if err := unix.Flock(int(dir.Fd()), unix.LOCK_EX); err != nil {
		return fmt.Errorf("lock %s: %w", NamespaceDir, err)
	}
	share := func() error { return unix.Mount("", NamespaceDir, "none", unix.MS_SHARED|unix.MS_REC, "") }
	if err = share(); errors.Is(err, unix.EINVAL) { // not a mount point
		if err = unix.Mount(NamespaceDir, NamespaceDir, "none", unix.MS_BIND|unix.MS_REC, ""); err == nil {
			err = share()
		}
	}
	if err != nil {
		return fmt.Errorf("make %s a shared mount: %w", NamespaceDir, err)
	}
	return nil
}

// DeleteNamespace removes the name of a network namespace; the kernel takes the namespace itself away, with
// its devices, when the last process in it has ended. A name that does not exist is no error.
func DeleteNamespace(name string) error {
	path := NamespacePath(name)
	if err := unix.Unmount(path, unix.MNT_DETACH); err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("delete network namespace %s: unmount: %w", name, err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete network namespace %s: %w", name, err)
	}
	return nil
}

// Inside runs fn on an operating system thread that is in the network namespace bound at path: sockets that
// fn opens and processes that it starts belong to that namespace. Goroutines that fn starts do not.
func Inside(path string, fn func() error) error {
	target, err := netns.GetFromPath(path)
	if err != nil {
		return fmt.Errorf("open network namespace %s: %w", path, err)
	}
	defer target.Close()
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		home, err := netns.Get()
		if err != nil {
			done <- fmt.Errorf("find the network namespace of this thread: %w", err)
			return
		}
		defer home.Close()
		if err := netns.Set(target); err != nil {
			done <- fmt.Errorf("enter network namespace %s: %w", path, err)
			return
		}
		err = fn()
		if netns.Set(home) == nil {
			// Only a thread that is back home may serve other goroutines; else it ends here.
			runtime.UnlockOSThread()
		}
		done <- err
	}()
	return <-done
}

// sysctls writes kernel settings (path below /proc/sys, value) of the namespace bound at path.
func sysctls(path string, set [][2]string) error {
	return Inside(path, func() error {
		for _, s := range set {
			// /proc/sys/net shows the namespace of the thread that opens it.
			if err := os.WriteFile("/proc/sys/"+s[0], []byte(s[1]), 0o644); err != nil {
				return fmt.Errorf("set %s to %s: %w", s[0], s[1], err)
			}
		}
		return nil
	})
}
