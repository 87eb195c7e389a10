// SPDX-License-Identifier: Apache-2.0

// Package plainfile reads files that others may have replaced by something else: a pipe, on which an ordinary read would
// wait for ever, a device, which never ends, or more than anybody meant to write. And it writes files whole or not at all.
package plainfile

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// ErrNotRegular is what a folder, a pipe or a device gives; it is an fs.ErrInvalid.
var ErrNotRegular = fmt.Errorf("it is no regular file: %w", fs.ErrInvalid)

// Read returns the content of a regular file of at most limit bytes. Symbolic links are followed. Errors are *fs.PathError,
// so that errors.Is tells fs.ErrNotExist and fs.ErrPermission; fs.ErrInvalid is what is no regular file, or too long.
func Read(path string, limit int64) ([]byte, error) { return read(path, limit, 0) }

// ReadGiven is Read for a name on a command line: /dev/stdin, /dev/fd/N and /proc/self/fd/N, which is how a shell passes
// <(COMMAND), may also be a pipe. It is read to its end, as the caller asked for.
func ReadGiven(path string, limit int64) ([]byte, error) {
	if path == "/dev/stdin" || strings.HasPrefix(path, "/dev/fd/") || strings.HasPrefix(path, "/proc/self/fd/") {
		return read(path, limit, fs.ModeNamedPipe)
	}
	return read(path, limit, 0)
}

// read reads what is a regular file or of the type that is also allowed.
func read(path string, limit int64, also fs.FileMode) ([]byte, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if kind := info.Mode().Type(); kind != 0 && kind != also {
		return nil, &fs.PathError{Op: "read", Path: path, Err: ErrNotRegular}
	}
	text, err := io.ReadAll(io.LimitReader(file, limit+1)) // its size is no promise
	if err == nil && int64(len(text)) > limit {
		err = &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("it has more than %d bytes: %w", limit, fs.ErrInvalid)}
	}
	if err != nil {
		return nil, err
	}
	return text, nil
}
