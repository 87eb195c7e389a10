// SPDX-License-Identifier: Apache-2.0

// Package statefile keeps the one file whose existence says that a resource instance has been started on this node,
// at a path that the administrator may choose (such as the pidfile of ocf:pacemaker:ping). What is in it is a memory
// that may be lost; an empty file, as touch(1) makes it, is a started instance without memory.
//
// For files in a directory of our own use package state, which is stricter.
package statefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// limit bounds what is read.
const limit = 1 << 20

// File is the path of a state file.
type File string

// NotOurs means that something is at the path that this user did not put there, so that it says nothing about the
// instance.
type NotOurs struct{ Path, Why string }

func (e *NotOurs) Error() string {
	return fmt.Sprintf("%s is %s, so it is not this agent's state file", e.Path, e.Why)
}

// Exists tells whether the instance has been started. It is false together with a *NotOurs for a foreign file, and an
// error of another kind means that it cannot be told.
func (f File) Exists() (bool, error) {
	info, err := os.Lstat(string(f))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for the state file: %w", err)
	}
	if why := foreign(info); why != "" {
		return false, &NotOurs{string(f), why}
	}
	return true, nil
}

// foreign says why a file cannot be ours; empty if it can.
func foreign(info fs.FileInfo) string {
	if !info.Mode().IsRegular() {
		return "no regular file"
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && int(st.Uid) != os.Geteuid() {
		return fmt.Sprintf("owned by user %d", st.Uid)
	}
	return ""
}

// Read returns what Write stored, empty without memory. Content that others may have written is none.
func (f File) Read() ([]byte, error) {
	file, err := os.OpenFile(string(f), os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("reading the state file: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("reading the state file: %w", err)
	}
	if foreign(info) != "" || info.Mode().Perm()&0o022 != 0 {
		return nil, nil
	}
	content, err := io.ReadAll(io.LimitReader(file, limit))
	if err != nil {
		return nil, fmt.Errorf("reading the state file: %w", err)
	}
	return content, nil
}

// Write replaces the file atomically: a process killed at any instant leaves the old content or the new. It is not
// synced, since it need not outlive the machine.
func (f File) Write(content []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(string(f)), "."+filepath.Base(string(f))+".*")
	if err != nil {
		return fmt.Errorf("writing the state file: %w", err)
	}
	defer os.Remove(temporary.Name()) // gone already if all went well
	_, err = temporary.Write(content)
	err = errors.Join(err, temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), string(f))
	}
	if err != nil {
		return fmt.Errorf("writing the state file: %w", err)
	}
	return nil
}

// Remove deletes the file; it is no error if there is none.
func (f File) Remove() error {
	if err := os.Remove(string(f)); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, unix.ENOTDIR) {
		return fmt.Errorf("removing the state file: %w", err)
	}
	return nil
}
