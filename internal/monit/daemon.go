// SPDX-License-Identifier: Apache-2.0

package monit

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"ocf-oci/internal/process"
)

// Daemon returns the daemon's process by its pidfile. It is false if none runs.
func (c *Config) Daemon() (process.ID, bool, error) {
	for _, file := range c.PIDFiles() {
		id, living, err := process.FromFile(file)
		if err != nil {
			return process.ID{}, false, fmt.Errorf("looking for the monit daemon: %w", err)
		}
		if !living {
			continue
		}
		// An old file may name any process by now.
		name, err := os.ReadFile("/proc/" + strconv.Itoa(id.PID) + "/comm")
		if err == nil && strings.HasPrefix(strings.TrimSpace(string(name)), "monit") {
			return id, true, nil
		}
	}
	return process.ID{}, false, nil
}

// slack is how much a process may seem younger than its pidfile: clocks are read to the hundredth, and set a little.
const slack = 5 * time.Second

// Doubtful tells whether a process is younger than the pidfile that names it: then the service may have died without
// taking its pidfile away, and its number is another's now. A clock that was set back since looks the same.
func (d Definition) Doubtful(id process.ID) bool {
	if d.PidFile == "" {
		return false
	}
	info, err := os.Stat(d.PidFile)
	return err == nil && id.Began().After(info.ModTime().Add(slack))
}

// Processes returns the processes of a service that live now, as monit itself would find them. It needs no daemon.
func (d Definition) Processes() ([]process.ID, error) {
	switch {
	case d.PidFile != "":
		id, living, err := process.FromFile(d.PidFile)
		if err != nil || !living {
			return nil, err
		}
		return []process.ID{id}, nil
	case d.Matching != "":
		pattern, err := compile(d.Matching)
		if err != nil {
			return nil, fmt.Errorf("service %s: matching %q: %w", d.Name, d.Matching, err)
		}
		return process.Matching(pattern)
	}
	return nil, nil
}
