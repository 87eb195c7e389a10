// SPDX-License-Identifier: Apache-2.0

package monit

import (
	"fmt"
	"os"
	"strconv"
	"strings"

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
