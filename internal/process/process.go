// SPDX-License-Identifier: Apache-2.0

// Package process tells whether a process lives, and signals it without ever hitting another one that got its number
// since (proc(5), pidfd_open(2)).
package process

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"ocf-oci/internal/plainfile"
)

// ID is one process for ever: its number together with the moment it began.
type ID struct {
	PID   int    `json:"pid"`
	Start uint64 `json:"start"` // clock ticks since boot
}

// Find returns the process that has a number now. It is false if there is none, or only a zombie. An error means that
// it cannot be told.
func Find(pid int) (ID, bool, error) {
	start, living, err := stat(pid)
	return ID{PID: pid, Start: start}, living, err
}

// stat reads the moment a process began, field 22 of /proc/PID/stat.
func stat(pid int) (start uint64, living bool, err error) {
	if pid <= 0 {
		return 0, false, nil
	}
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("looking for process %d: %w", pid, err)
	}
	// The second field, the name in parentheses, may hold anything.
	_, rest, ok := strings.Cut(string(text[max(0, strings.LastIndexByte(string(text), ')')):]), ") ")
	fields := strings.Fields(rest)
	if !ok || len(fields) < 20 {
		return 0, false, fmt.Errorf("looking for process %d: /proc/%d/stat has only %d fields", pid, pid, len(fields))
	}
	start, err = strconv.ParseUint(fields[19], 10, 64)
	if err != nil {
		return 0, false, fmt.Errorf("looking for process %d: %w", pid, err)
	}
	// Linux 2.6 to 6: Z zombie, X and x dead.
	return start, !strings.Contains("ZXx", fields[0]), nil
}

// Lives tells whether this very process still lives.
func (p ID) Lives() (bool, error) {
	start, living, err := stat(p.PID)
	return living && start == p.Start, err
}

// clockTicks is USER_HZ, in which /proc counts: 100 on every architecture that Linux's user space has seen since 2.6.
const clockTicks = 100

// Began is when the process began, by the wall clock as it is set now.
func (p ID) Began() time.Time {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &now) // cannot fail since Linux 2.6.39
	age := time.Duration(now.Nano()) - time.Duration(p.Start)*(time.Second/clockTicks)
	return time.Now().Add(-age).Round(0)
}

// Frozen tells whether the process is stopped (SIGSTOP), so that it answers nobody.
func (p ID) Frozen() bool {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(p.PID) + "/stat")
	if err != nil {
		return false
	}
	i := strings.LastIndexByte(string(text), ')')
	return i >= 0 && i+2 < len(text) && (text[i+2] == 'T' || text[i+2] == 't')
}

// Signal sends a signal to this very process; it is no error if it has ended. It refuses the processes that nobody
// means: number 1, ourselves, and kernel threads.
func (p ID) Signal(sig syscall.Signal) error {
	if p.PID <= 1 || p.PID == os.Getpid() {
		return fmt.Errorf("sending %v to process %d: that cannot be a service", sig, p.PID)
	}
	fd, err := unix.PidfdOpen(p.PID, 0)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sending %v to process %d: %w", sig, p.PID, err)
	}
	defer unix.Close(fd)
	// The number is pinned now; is it still the same process?
	if lives, err := p.Lives(); err != nil || !lives {
		return err
	}
	if exe, err := os.Readlink("/proc/" + strconv.Itoa(p.PID) + "/exe"); err != nil && errors.Is(err, fs.ErrNotExist) && exe == "" {
		if lives, _ := p.Lives(); lives {
			return fmt.Errorf("sending %v to process %d: that is a kernel thread", sig, p.PID)
		}
		return nil
	}
	if err := unix.PidfdSendSignal(fd, sig, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("sending %v to process %d: %w", sig, p.PID, err)
	}
	return nil
}

// pidFileLimit is more than any pidfile has.
const pidFileLimit = 1 << 16

// FromFile returns the process whose number is in a pidfile. It is false if there is no such file, no number in it, no
// such process, or if it is number 1, which cannot be a service. What is no regular file is an error.
func FromFile(path string) (ID, bool, error) {
	text, err := plainfile.Read(path, pidFileLimit)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
		return ID{}, false, nil
	}
	if err != nil {
		return ID{}, false, fmt.Errorf("reading the pidfile: %w", err)
	}
	first, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid == 1 {
		return ID{}, false, nil // empty for a moment while it is written
	}
	return Find(pid)
}

// Matching returns the processes whose command line matches, words joined by spaces. Our own process and its parents
// do not count: their command line may hold the very pattern.
func Matching(pattern *regexp.Regexp) ([]ID, error) {
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil || len(dirs) == 0 {
		return nil, fmt.Errorf("listing the processes: no /proc (%v)", err)
	}
	own := ancestors()
	var found []ID
	for _, dir := range dirs {
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil || own[pid] {
			continue
		}
		line, err := os.ReadFile(dir + "/cmdline")
		if err != nil || len(line) == 0 {
			continue // gone meanwhile, or a kernel thread
		}
		words := strings.TrimSpace(strings.ReplaceAll(string(line), "\x00", " "))
		if !pattern.MatchString(words) {
			continue
		}
		if id, living, err := Find(pid); err != nil {
			return nil, err
		} else if living {
			found = append(found, id)
		}
	}
	return found, nil
}

// ancestors are this process, its parent, and so on.
func ancestors() map[int]bool {
	all := map[int]bool{}
	for pid := os.Getpid(); pid > 0 && !all[pid]; {
		all[pid] = true
		text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err != nil {
			break
		}
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if len(fields) < 2 {
			break
		}
		pid, _ = strconv.Atoi(fields[1])
	}
	return all
}
