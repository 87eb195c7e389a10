// SPDX-License-Identifier: Apache-2.0

package state

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

const lockSuffix = ".lock"

// Lock takes an exclusive lock on name, for this process and all others, and
// waits for it until ctx ends. The lock ends with unlock or with the process,
// however that dies. Its file stays, since removing it would let two processes
// hold locks on two files of the same name.
func (d *Dir) Lock(ctx context.Context, name string) (unlock func(), err error) {
	fail := func(err error) (func(), error) {
		return nil, fmt.Errorf("locking state %s: %w", filepath.Join(d.path, name), err)
	}
	if err := validName(name + lockSuffix); err != nil {
		return fail(err)
	}
	dir, err := d.enter(true)
	if err != nil {
		return fail(err)
	}
	defer dir.Close()
	fd, err := unix.Openat(int(dir.Fd()), name+lockSuffix, unix.O_RDWR|unix.O_CREAT|unix.O_NOFOLLOW|unix.O_CLOEXEC|unix.O_NONBLOCK, 0o600)
	if err != nil {
		return fail(err)
	}
	file := os.NewFile(uintptr(fd), name+lockSuffix)
	if err := trusted(file, unix.S_IFREG); err != nil {
		file.Close()
		return fail(err)
	}
	// flock(2) cannot be interrupted by a context, so ask again and again.
	for pause := time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return func() { file.Close() }, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			file.Close()
			return fail(err)
		}
		select {
		case <-ctx.Done():
			file.Close()
			return fail(fmt.Errorf("another process holds it: %w", context.Cause(ctx)))
		case <-time.After(pause):
		}
	}
}
