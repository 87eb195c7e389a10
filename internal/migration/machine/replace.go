// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// writeConfig replaces a file of the site: it keeps owner, group and mode, and a symbolic link stays one. A file that is
// not there is made, a link to nothing is an error.
func writeConfig(file string, text []byte) error {
	real, err := filepath.EvalSymlinks(file)
	if errors.Is(err, fs.ErrNotExist) {
		if _, gone := os.Lstat(file); errors.Is(gone, fs.ErrNotExist) {
			return replaceFile(file, text, 0o644)
		}
		return fmt.Errorf("write %s: it is a symbolic link to nothing, mend or remove it: %w", file, err)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	st, err := os.Stat(real)
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	own, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Errorf("write %s: its owner is unknown", file)
	}
	return replace(real, text, st.Mode().Perm(), int(own.Uid), int(own.Gid))
}

// replaceFile writes a file of our own so that at any instant the old or the new one is there.
func replaceFile(path string, content []byte, mode fs.FileMode) error {
	return replace(path, content, mode, -1, -1)
}

// replace gives the new file this owner and group; -1 leaves what it is made with.
func replace(path string, content []byte, mode fs.FileMode, uid, gid int) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	err = errors.Join(err, f.Chown(uid, gid), f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
