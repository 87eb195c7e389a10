// SPDX-License-Identifier: Apache-2.0

package state

import (
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Temporary files begin with a dot, which no name may, and end like this.
const temporarySuffix = ".tmp"

// abandoned is the age at which a temporary file is nobody's any more: its writer
// was killed.
const abandoned = 10 * time.Minute

// replace writes text to a temporary file in dir and renames it to name.
func replace(dir *os.File, name string, text []byte) error {
	at := int(dir.Fd())
	temporary := "." + random() + temporarySuffix
	fd, err := unix.Openat(at, temporary, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	file := os.NewFile(uintptr(fd), temporary)
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	var written time.Time
	if info, statErr := file.Stat(); statErr == nil {
		written = info.ModTime()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = unix.Renameat(at, temporary, at, name)
	}
	if err != nil {
		_ = unix.Unlinkat(at, temporary, 0)
		return err
	}
	sweep(dir, written)
	// The rename is as durable as its directory; on a tmpfs this costs nothing.
	return dir.Sync()
}

// sweep removes what killed writers left behind. Ages are differences between
// times of files, so a clock that is wrong does not matter.
func sweep(dir *os.File, now time.Time) {
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") || !strings.HasSuffix(e.Name(), temporarySuffix) {
			continue
		}
		if info, err := e.Info(); err == nil && now.Sub(info.ModTime()) > abandoned {
			_ = unix.Unlinkat(int(dir.Fd()), e.Name(), 0)
		}
	}
}
