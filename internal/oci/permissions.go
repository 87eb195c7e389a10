// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// owned checks that a file belongs to this process's user or to root.
func owned(info fs.FileInfo) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Errorf("owner cannot be told")
	}
	if me := os.Geteuid(); int(st.Uid) != me && st.Uid != 0 {
		return fmt.Errorf("owned by user %d, not by root or user %d", st.Uid, me)
	}
	return nil
}

// private checks that nobody but the owner can read or change a file.
func private(info fs.FileInfo) error {
	if err := owned(info); err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("mode %04o lets others in, must be %04o", mode, mode&0o700)
	}
	return nil
}

// unchanged checks that nobody but the owner can change a file.
func unchanged(info fs.FileInfo) error {
	if err := owned(info); err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return fmt.Errorf("mode %04o lets others change it, must be %04o", mode, mode&0o755)
	}
	return nil
}
