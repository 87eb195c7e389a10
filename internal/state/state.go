// SPDX-License-Identifier: Apache-2.0

// Package state keeps small facts between the actions of an agent in files
// under one directory that only its owner may enter, such as /run/ocf-oci.
//
// Files are replaced atomically, so a process killed at any instant leaves the
// old content or the new, and they are read with suspicion: what is missing is
// absent, and whatever cannot be trusted (another owner, a mode that lets others
// in, half a file) is unknown, never absent.
package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// DefaultDir is where the project's agents and tools keep their state.
const DefaultDir = "/run/ocf-oci"

// limit bounds how much is read of one file.
const limit = 1 << 20

// Presence is the three-valued answer of a read.
type Presence int

// What a read can find. The zero value is Unknown.
const (
	Unknown Presence = iota
	Absent
	Present
)

// String returns the word for a presence.
func (p Presence) String() string {
	switch p {
	case Present:
		return "present"
	case Absent:
		return "absent"
	default:
		return "unknown"
	}
}

// Dir is a state directory. It need not exist: until something is written,
// everything in it is absent.
type Dir struct{ path string }

// Open returns the state directory of that absolute path. It does not touch it.
func Open(path string) (*Dir, error) {
	if !filepath.IsAbs(path) {
		return nil, fmt.Errorf("state directory %q is not an absolute path", path)
	}
	return &Dir{path: filepath.Clean(path)}, nil
}

// Path returns the path of the directory.
func (d *Dir) Path() string { return d.path }

// Write stores v as JSON under name, replacing what was there. After an error
// the old content is still there.
func (d *Dir) Write(name string, v any) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("writing state %s: %w", filepath.Join(d.path, name), err)
		}
	}()
	if err := validName(name); err != nil {
		return err
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	dir, err := d.enter(true)
	if err != nil {
		return err
	}
	defer dir.Close()
	return replace(dir, name, append(text, '\n'))
}

// Read fills v (a pointer) from what Write stored under name. It returns Present
// and no error, Absent and no error, or Unknown and an error.
func (d *Dir) Read(name string, v any) (Presence, error) {
	p, err := d.read(name, v)
	if err != nil {
		return Unknown, fmt.Errorf("reading state %s: %w", filepath.Join(d.path, name), err)
	}
	return p, nil
}

func (d *Dir) read(name string, v any) (Presence, error) {
	if err := validName(name); err != nil {
		return Unknown, err
	}
	dir, err := d.enter(false)
	if errors.Is(err, fs.ErrNotExist) {
		return Absent, nil
	}
	if err != nil {
		return Unknown, err
	}
	defer dir.Close()
	// O_NONBLOCK: a FIFO planted here must not stop us; it fails the check.
	fd, err := unix.Openat(int(dir.Fd()), name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if errors.Is(err, unix.ENOENT) {
		return Absent, nil
	}
	if err != nil {
		return Unknown, err
	}
	file := os.NewFile(uintptr(fd), name)
	defer file.Close()
	if err := trusted(file, unix.S_IFREG); err != nil {
		return Unknown, err
	}
	text, err := io.ReadAll(io.LimitReader(file, limit+1))
	switch {
	case err != nil:
		return Unknown, err
	case len(text) > limit:
		return Unknown, fmt.Errorf("the file has more than %d bytes", limit)
	}
	if err := json.Unmarshal(text, v); err != nil {
		return Unknown, fmt.Errorf("the content is damaged, remove the file: %w", err)
	}
	return Present, nil
}

// Remove deletes name. It is no error if it is not there.
func (d *Dir) Remove(name string) error {
	err := validName(name)
	if err == nil {
		var dir *os.File
		if dir, err = d.enter(false); err == nil {
			err = unix.Unlinkat(int(dir.Fd()), name, 0)
			dir.Close()
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing state %s: %w", filepath.Join(d.path, name), err)
	}
	return nil
}

// enter opens the directory after having checked that nobody else can write or
// read in it. With create it is made, and a mode that is too open is mended.
func (d *Dir) enter(create bool) (*os.File, error) {
	if create {
		if err := os.Mkdir(d.path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
	}
	fd, err := unix.Open(d.path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: d.path, Err: err}
	}
	dir := os.NewFile(uintptr(fd), d.path)
	if create {
		var st unix.Stat_t
		if err := unix.Fstat(fd, &st); err == nil && int(st.Uid) == os.Geteuid() && st.Mode&0o022 == 0 {
			// Others could look, but nobody could have planted anything.
			_ = unix.Fchmod(fd, 0o700)
		}
	}
	if err := trusted(dir, unix.S_IFDIR); err != nil {
		dir.Close()
		return nil, err
	}
	return dir, nil
}

// trusted checks that an open file is of the wanted kind, is ours, and lets
// nobody else in.
func trusted(f *os.File, kind uint32) error {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return err
	}
	switch {
	case st.Mode&unix.S_IFMT != kind:
		return fmt.Errorf("%s is of the wrong kind (mode %o)", f.Name(), st.Mode)
	case int(st.Uid) != os.Geteuid():
		return fmt.Errorf("%s belongs to user %d, not to user %d", f.Name(), st.Uid, os.Geteuid())
	case st.Mode&0o077 != 0:
		return fmt.Errorf("%s has mode %#o, which lets others in", f.Name(), st.Mode&0o777)
	}
	return nil
}
