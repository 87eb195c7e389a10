// SPDX-License-Identifier: Apache-2.0

package monit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ocf-oci/internal/command"
)

// CLI is monit's command line as another way to the daemon, for when its HTTP interface says something that this
// package cannot read. It tells less (no groups), is slower, and needs the same interface itself.
type CLI struct {
	File string   // control file
	Env  []string // of the command
}

func (c CLI) run(ctx context.Context, args ...string) ([]byte, error) {
	out, err := command.Run(ctx, command.Command{Name: "monit", Args: append([]string{"-c", c.File, "-B"}, args...), Env: append([]string{"HOME=/root"}, c.Env...)})
	if err == nil {
		return out.Stdout, nil
	}
	kind := Broken
	said := strings.ToLower(string(out.Stdout) + string(out.Stderr))
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		kind = Hung
	case strings.Contains(said, "not running"), strings.Contains(said, "cannot create socket"), strings.Contains(said, "connection refused"):
		kind = Down
	case strings.Contains(said, "unauthorized"), strings.Contains(said, "not authorized"), strings.Contains(said, "forbidden"):
		kind = Refused
	case strings.Contains(said, "no service"), strings.Contains(said, "not found"):
		kind = Unknown
	}
	return nil, &Error{Op: "asking monit by its command", Kind: kind, Err: err}
}

// Do has the daemon queue an action, service by service.
func (c CLI) Do(ctx context.Context, action Action, services ...string) error {
	for _, name := range services {
		if _, err := c.run(ctx, action.String(), name); err != nil {
			return err
		}
	}
	return nil
}

// Status asks for all services.
func (c CLI) Status(ctx context.Context) (Status, error) {
	text, err := c.run(ctx, "status")
	if err != nil {
		return Status{}, err
	}
	s, err := readStatus(text)
	if err != nil {
		return Status{}, &Error{Op: "reading the output of monit status", Kind: Garbled, Err: err}
	}
	return s, nil
}

// collectedForm is how "data collected" is printed, in local time and whole seconds.
const collectedForm = "Mon, 02 Jan 2006 15:04:05"

var titles = map[string]Type{"Process": Process, "File": File, "Directory": Directory, "Filesystem": Filesystem, "Device": Filesystem,
	"Remote Host": Host, "System": System, "Fifo": FIFO, "Program": Program, "Network": Network}

// readStatus reads "monit -B status": a title with the name in quotes for each service, and indented lines of a label
// and a value in columns.
func readStatus(text []byte) (Status, error) {
	s := Status{Groups: map[string][]string{}}
	var now *Service
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		line := lines.Text()
		if !strings.HasPrefix(line, " ") {
			now = nil
			title, rest, ok := strings.Cut(line, " '")
			kind, known := titles[title]
			if ok && known {
				s.Services = append(s.Services, Service{Name: strings.TrimSuffix(strings.TrimSpace(rest), "'"), Type: kind})
				now = &s.Services[len(s.Services)-1]
			} else if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "Monit" {
				s.Version = fields[1]
			}
			continue
		}
		label, value, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if now == nil || !ok {
			continue
		}
		now.read(label, strings.TrimSpace(value))
	}
	if len(s.Services) == 0 {
		return s, fmt.Errorf("there is no service in it: %.80q", text)
	}
	return s, nil
}

// read takes one line of a service.
func (s *Service) read(label, value string) {
	value, pending, _ := strings.Cut(value, " - ")
	for _, a := range []Action{Start, Stop, Restart, Monitor, Unmonitor} {
		if strings.HasPrefix(pending, a.String()+" pending") {
			s.Pending = a
		}
	}
	switch label {
	case "status":
		for _, k := range conditions {
			if strings.Contains(strings.ToLower(value), strings.ToLower(k.words)) {
				s.Condition |= k.bit
			}
		}
	case "monitoring status":
		switch strings.ToLower(value) {
		case "not monitored":
			s.Monitoring = NotMonitored
		case "initializing", "waiting":
			s.Monitoring = Initialising
		default:
			s.Monitoring = Monitored
		}
	case "monitoring mode":
		s.Passive = value == "passive"
	case "on reboot":
		s.NoStart = value == "nostart"
	case "pid":
		s.PID, _ = strconv.Atoi(value)
	case "data collected":
		// The last moment that it can have been, since the time has no fraction.
		if t, err := time.ParseInLocation(collectedForm, value, time.Local); err == nil {
			s.Collected = t.Add(time.Second - 1)
		}
	}
}
