// SPDX-License-Identifier: Apache-2.0

package floating

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Announcer is the process that still announces the resource's addresses. A process ID alone may belong to somebody
// else by now; together with the moment of its birth it does not.
type Announcer struct {
	PID  int    `json:"pid"`
	Born uint64 `json:"born"` // start time in clock ticks since boot (proc(5), stat field 22)
}

const kindAnnouncer = "announcer"

// SetAnnouncer stores a process that was just started.
func (m *Marks) SetAnnouncer(pid int) error {
	born, err := birth(pid)
	if errors.Is(err, fs.ErrNotExist) { // it is done already
		return nil
	}
	if err != nil {
		return err
	}
	return m.write(kindAnnouncer, Announcer{PID: pid, Born: born})
}

// EndAnnouncer kills that process if it still is the one that was stored.
func (m *Marks) EndAnnouncer() error {
	a, ok := read[Announcer](m, kindAnnouncer)
	if !ok {
		return nil
	}
	if err := kill(a); err != nil {
		return fmt.Errorf("end announcer %d: %w", a.PID, err)
	}
	return m.remove(kindAnnouncer)
}

// kill holds on to the process before it looks who it is, so that no other can take its ID in between.
func kill(a Announcer) error {
	fd, err := unix.PidfdOpen(a.PID, 0)
	if errors.Is(err, unix.ESRCH) || errors.Is(err, unix.EINVAL) {
		return nil
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	born, err := birth(a.PID)
	if errors.Is(err, fs.ErrNotExist) || err == nil && born != a.Born {
		return nil
	}
	if err != nil {
		return err
	}
	if err := unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return err
	}
	return nil
}

// birth reads a process's start time. The name in the second field may contain anything, so it is skipped from the end.
func birth(pid int) (uint64, error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		if errors.Is(err, unix.ESRCH) {
			err = fs.ErrNotExist
		}
		return 0, err
	}
	_, rest, _ := strings.Cut(string(b[strings.LastIndexByte(string(b), ')')+1:]), " ")
	fields := strings.Fields(rest)
	if len(fields) < 20 {
		return 0, fmt.Errorf("/proc/%d/stat has too few fields", pid)
	}
	return strconv.ParseUint(fields[19], 10, 64)
}
