// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"ocf-oci/internal/monit"
	"ocf-oci/internal/ocf"
	"ocf-oci/internal/process"
	"ocf-oci/internal/systemd"
)

// life is whether a service runs, by its processes. It is never guessed.
type life int

const (
	unknown life = iota
	dead
	alive
)

// verb is an order to the supervisor.
type verb int

const (
	nothing verb = iota
	toStart
	toStop
	other
)

// member is one of the services.
type member struct {
	name string
	text string // its state in the supervisor's words
	life life
	ids  []process.ID // that live; empty for what has no process of its own
	// doubt: the process is younger than its pidfile, so that it may be somebody else's. It counts as the service's,
	// as it does for monit, but gets no signal.
	doubt bool

	counts  bool      // something that runs; not a mere check of a file
	once    bool      // runs to its end when it is started, and is forgotten then if that was well
	missing bool      // the supervisor does not know it
	kept    bool      // the supervisor looks after it, and starts it again if need be, unless
	passive bool      // it only reports that it is down
	settled bool      // the supervisor has seen how it is since it was last started
	failing bool      // it runs or not, but does not do its work
	pending verb      // queued at the supervisor
	seen    time.Time // when the supervisor looked at it last; zero: now
	atBoot  string    // why it would be started without the cluster
}

// view is the services at one moment. The processes in it are true even when the supervisor could not be asked.
type view struct {
	members []member
}

// daemon is what is known of a supervisor that could not be asked.
type daemon int

const (
	gone    daemon = iota // there is none: it will start nothing
	frozen                // it lies still; orders wait in its socket, and come first when it goes on
	deaf                  // it lives and does not answer
	hostile               // it lives and does not obey
)

// supervisor is who runs the services.
type supervisor interface {
	name() string
	// look returns the services. If the supervisor could not be asked, the view holds what the machine tells.
	look(ctx context.Context) (view, *wrong)
	// order only queues. The reason why it did not says with again whether the same order may be taken later.
	order(ctx context.Context, v verb, names []string) *wrong
	// endAlone runs the stop program of a service without the supervisor, and is false if there is none.
	endAlone(ctx context.Context, name string) (bool, error)
	// rescue tries to make a supervisor that lives obey again, and tells what is known of it.
	rescue(ctx context.Context, order *wrong) daemon
	// silence ends a supervisor that is deaf, so that it cannot start services again.
	silence() error
}

// choose finds who runs the services on this node. Who was told to start them has to end them, whatever was installed or
// removed since: auto holds at the start.
func choose(call *ocf.Call, s settings, note record) (supervisor, *wrong) {
	if s.backend == "auto" && (note.Backend == "monit" || note.Backend == "systemd") {
		s.backend = note.Backend
	}
	useMonit := s.backend == "monit"
	file := s.controlFile
	if s.backend != "systemd" && file == "" {
		found, err := monit.FindControlFile()
		if err == nil {
			file = found
		}
	}
	if s.backend == "auto" {
		useMonit = file != "" || s.socket != "" || s.url != "" || existing(monit.Sockets) != ""
	}
	if useMonit {
		return withMonit(call, s, file)
	}
	if !systemd.Running() {
		return nil, &wrong{reason: reasonNoSupervisor, code: ocf.ErrInstalled, args: []any{
			"no control file " + strings.Join(monit.ControlFiles, ", "), s.target()}}
	}
	return &withSystemd{settings: s, call: call, client: systemd.Client{Env: call.Environ()}}, nil
}

// target is the systemd target that stands for the group.
func (s settings) target() string { return s.group + ".target" }

// existing returns the first of the files that exists.
func existing(files []string) string {
	for _, f := range files {
		if _, err := os.Lstat(f); err == nil {
			return f
		}
	}
	return ""
}

// judged are the members that decide. A group that only has checks is judged by them.
func (v view) judged() []member {
	var all []member
	for _, m := range v.members {
		if m.counts {
			all = append(all, m)
		}
	}
	if len(all) == 0 {
		return v.members
	}
	return all
}

// list names members with their state.
func list(members []member) string {
	var all []string
	for _, m := range members {
		text := m.text
		if m.life == dead && !strings.Contains(strings.ToLower(text), "exist") {
			text = strings.TrimPrefix(text+", no process", ", ")
		}
		if m.life == alive && len(m.ids) > 0 {
			text = strings.TrimPrefix(fmt.Sprintf("%s, process %d", text, m.ids[0].PID), ", ")
		}
		all = append(all, m.name+" ("+text+")")
	}
	return strings.Join(all, ", ")
}
