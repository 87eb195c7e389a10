// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// process is a process that can be told from a later one with the same id.
type process struct {
	PID   int    `json:"pid"`
	Start uint64 `json:"start"` // clock ticks since boot, proc_pid_stat(5) field 22
}

// findProcess says which process has the id now.
func findProcess(pid int) (process, error) {
	start, _, err := procStat(pid)
	return process{PID: pid, Start: start}, err
}

func procStat(pid int) (start uint64, state string, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, "", fmt.Errorf("process %d: %w", pid, err)
	}
	// The second field, the name, may hold blanks and parentheses.
	i := strings.LastIndexByte(string(b), ')')
	f := strings.Fields(string(b[i+1:]))
	if i < 0 || len(f) < 20 {
		return 0, "", fmt.Errorf("process %d: cannot read its stat line %q", pid, b)
	}
	start, err = strconv.ParseUint(f[19], 10, 64)
	if err != nil {
		return 0, "", fmt.Errorf("process %d: start time %q: %w", pid, f[19], err)
	}
	return start, f[0], nil
}

// alive is true while the very process runs; a zombie is dead.
func (p process) alive() bool {
	if p.PID <= 0 {
		return false
	}
	start, state, err := procStat(p.PID)
	return err == nil && start == p.Start && state != "Z" && state != "X"
}

// wait returns when the process is dead, whoever its parent is.
func (p process) wait(ctx context.Context) error {
	fd, err := unix.PidfdOpen(p.PID, 0)
	if err != nil {
		return nil // no such process
	}
	defer unix.Close(fd)
	for p.alive() {
		// In slices, since poll(2) knows no context.
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 50)
		if n > 0 || (err != nil && err != unix.EINTR) {
			break
		}
		if ctx.Err() != nil {
			return fmt.Errorf("process %d still runs: %w", p.PID, context.Cause(ctx))
		}
	}
	return nil
}
