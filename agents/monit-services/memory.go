// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"ocf-oci/internal/ocf"
	"ocf-oci/internal/process"
	"ocf-oci/internal/state"
)

const (
	hangup    = unix.SIGHUP
	terminate = unix.SIGTERM
	kill      = unix.SIGKILL
)

// record is what this node remembers of a start, until the stop. /run is empty after a boot.
type record struct {
	Started   bool                    `json:"started"`           // false: a start has begun, and did not end well
	Backend   string                  `json:"backend,omitempty"` // who was told to start them: monit or systemd
	Processes map[string][]process.ID `json:"processes,omitempty"`
	// Down is when services were first seen down, in seconds on the boot-time clock.
	Down map[string]float64 `json:"down,omitempty"`
}

// memory is the file of one resource.
type memory struct {
	dir  *state.Dir
	file string
}

func remember(r *ocf.Request) memory {
	dir, err := state.Open(state.DefaultDir)
	if err != nil {
		panic(err) // the constant is an absolute path
	}
	return memory{dir, state.Name(r.Instance, "services")}
}

// read returns the record. An error comes with forgotten.
func (m memory) read() (record, mark, error) {
	var r record
	switch found, err := m.dir.Read(m.file, &r); {
	case err != nil:
		return record{}, forgotten, err
	case found == state.Absent:
		return record{}, notStarted, nil
	case r.Started:
		return r, isStarted, nil
	}
	return r, halfStarted, nil
}

func (m memory) write(r record) error { return m.dir.Write(m.file, r) }
func (m memory) forget() error        { return m.dir.Remove(m.file) }

// bootTime is the time since boot, which nobody can set.
func bootTime() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &t) // cannot fail since Linux 2.6.39
	return time.Duration(t.Nano())
}

// keep adds the processes that an older record knows and that were not seen now, but live: a service may lose its pidfile.
// What needs no process is kept unless the supervisor has just told how it is.
func (r *record) keep(older record, told bool) {
	for name, ids := range older.Processes {
		if _, seen := r.Processes[name]; !seen && len(ids) == 0 && !told {
			r.Processes[name] = nil
		}
		for _, id := range ids {
			if lives, err := id.Lives(); (lives || err != nil) && !slices.Contains(r.Processes[name], id) {
				r.Processes[name] = append(r.Processes[name], id)
			}
		}
	}
}

// update stores what a monitor has seen, unless a stop has been there meanwhile: its end must not be forgotten.
func (m memory) update(call *ocf.Call, before mark, next record) {
	if _, now, _ := m.read(); now == notStarted && before != notStarted {
		return
	}
	if err := m.write(next); err != nil {
		call.Log.Warn(err.Error())
	}
}

// processes lists the processes of members that live, none for those that need none.
func processes(members []member) map[string][]process.ID {
	all := map[string][]process.ID{}
	for _, m := range members {
		if len(m.ids) > 0 || m.counts && m.life == alive {
			all[m.name] = m.ids
		}
	}
	return all
}
