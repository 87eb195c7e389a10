// SPDX-License-Identifier: Apache-2.0

package monit

import (
	"strings"
	"time"
)

// Type is what a service is.
type Type int

// The types of services, as monit numbers them.
const (
	Filesystem Type = iota
	Directory
	File
	Process
	Host
	System
	FIFO
	Program
	Network
)

// Monitoring is whether monit looks after a service.
type Monitoring int

// The states of monitoring, as monit numbers them. Initialising is between a start and the first look.
const (
	NotMonitored Monitoring = iota
	Monitored
	Initialising
)

// Action is what monit is asked to do, or has queued for a service.
type Action int

// The actions, as monit numbers them.
const (
	Nothing   Action = 0
	Restart   Action = 2
	Stop      Action = 3
	Unmonitor Action = 5
	Start     Action = 6
	Monitor   Action = 7
)

// String is the word of the command line and of the HTTP interface.
func (a Action) String() string {
	switch a {
	case Restart:
		return "restart"
	case Stop:
		return "stop"
	case Unmonitor:
		return "unmonitor"
	case Start:
		return "start"
	case Monitor:
		return "monitor"
	default:
		return "nothing"
	}
}

// Condition is the set of checks of a service that have failed, empty if all is well.
type Condition uint64

// conditions are monit's own words for the bits, in its order.
var conditions = []struct {
	bit   Condition
	words string
}{
	{0x1, "Checksum failed"}, {0x2, "Resource limit matched"}, {0x4, "Timeout"}, {0x8, "Timestamp failed"},
	{0x10, "Size failed"}, {0x20, "Connection failed"}, {0x40, "Permission failed"}, {0x80, "UID failed"},
	{0x100, "GID failed"}, {0x200, "Does not exist"}, {0x400, "Invalid type"}, {0x800, "Data access error"},
	{0x1000, "Execution failed"}, {0x2000, "Filesystem flags failed"}, {0x4000, "ICMP failed"},
	{0x8000, "Content failed"}, {0x10000, "Monit instance failed"}, {0x20000, "Action done"}, {0x40000, "PID failed"},
	{0x80000, "PPID failed"}, {0x100000, "Heartbeat failed"}, {0x200000, "Status failed"},
}

// dead are the conditions under which a service does not do its work. The others (a resource limit, a changed PID) are
// alerts about one that does.
const dead Condition = 0x4 | 0x20 | 0x200 | 0x400 | 0x800 | 0x1000 | 0x4000 | 0x200000

// Failed tells whether the service does not do its work.
func (c Condition) Failed() bool { return c&dead != 0 }

// String lists the conditions in monit's words; "OK" for none.
func (c Condition) String() string {
	var all []string
	for _, k := range conditions {
		if c&k.bit != 0 {
			all = append(all, k.words)
		}
	}
	if len(all) == 0 {
		return "OK"
	}
	return strings.Join(all, ", ")
}

// Service is a service as the daemon sees it.
type Service struct {
	Name       string
	Type       Type
	Monitoring Monitoring
	Condition  Condition
	Message    string // monit's own message for it, often empty
	Pending    Action // queued, or being carried out
	NoStart    bool   // "onreboot nostart"
	Passive    bool   // "mode passive": monit only reports that it is down
	PID        int    // 0: no process, or not known
	Collected  time.Time
}

// Text is the service's state as "monit status" words it.
func (s Service) Text() string {
	text := s.Condition.String()
	switch {
	case s.Condition != 0 && s.Message != "":
		text += ": " + s.Message
	case s.Condition != 0:
	case s.Monitoring == NotMonitored:
		text = "Not monitored"
	case s.Monitoring == Initialising:
		text = "Initializing"
	}
	if s.Pending != Nothing {
		text += " - " + s.Pending.String() + " pending"
	}
	return text
}

// Status is everything that the daemon tells.
type Status struct {
	Version     string
	Incarnation string        // another one after a restart or reload
	Poll        time.Duration // between two cycles
	Services    []Service
	Groups      map[string][]string
}

// Service returns the service of that name.
func (s Status) Service(name string) (Service, bool) {
	for _, service := range s.Services {
		if service.Name == name {
			return service, true
		}
	}
	return Service{}, false
}
