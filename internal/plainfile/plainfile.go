// SPDX-License-Identifier: Apache-2.0

// Package plainfile reads files that others may have replaced by something else: a pipe, on which an ordinary read would
// wait for ever, a device, which never ends, or more than anybody meant to write. And it writes files whole or not at all.
package plainfile

import (
	"fmt"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// Read returns the content of a regular file of at most limit bytes. Symbolic links are followed. Errors are *fs.PathError,
// so that errors.Is tells fs.ErrNotExist and fs.ErrPermission; fs.ErrInvalid is what is no regular file, or too long.
func Read(path string, limit int64) ([]byte, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("it is no regular file: %w", fs.ErrInvalid)}
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
