// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"

	"ocf-oci/internal/monit"
	"ocf-oci/internal/ocf"
	"ocf-oci/internal/process"
)

// monitServices are services run by monit.
type monitServices struct {
	settings
	call    *ocf.Call
	config  *monit.Config // never nil; empty if there is no control file
	client  *monit.Client
	hung    bool       // it did not answer the last question
	command *monit.CLI // second way of asking; nil if there is no control file
}

func (*monitServices) name() string { return "monit" }

// withMonit reads monit's configuration. With a reason why monit cannot be asked, the supervisor may still be of use:
// it is nil only if nothing is known.
func withMonit(call *ocf.Call, s settings, file string) (supervisor, *wrong) {
	m := &monitServices{settings: s, call: call, config: &monit.Config{}}
	if file != "" {
		config, err := monit.ReadConfig(file)
		switch {
		case errors.Is(err, fs.ErrPermission):
			return nil, &wrong{reason: reasonConfig, code: ocf.ErrPerm, args: []any{err}}
		case err != nil:
			return nil, &wrong{reason: reasonConfig, code: ocf.ErrInstalled, args: []any{err}}
		}
		m.config, m.command = config, &monit.CLI{File: file, Env: call.Environ()}
	}
	access := m.config.Access
	switch {
	case s.url != "":
		access.Socket, access.URL = "", s.url
	case s.socket != "":
		access.Socket = s.socket
	case access.Socket == "" && access.URL == "":
		access.Socket = existing(monit.Sockets)
	}
	if access.Socket == "" && access.URL == "" {
		if file == "" {
			return nil, &wrong{reason: reasonNoSupervisor, code: ocf.ErrInstalled, args: []any{"no control file " + strings.Join(monit.ControlFiles, ", "), "backend=systemd"}}
		}
		return m, m.noInterface()
	}
	client, err := monit.NewClient(access)
	if err != nil {
		return m, &wrong{reason: reasonAddress, code: ocf.ErrInstalled, args: []any{err}}
	}
	m.client = client
	return m, nil
}

// patience is how long one question to the daemon may take: it answers within milliseconds, whatever it is doing. A
// daemon that has just not answered gets less.
func (m *monitServices) patience() time.Duration {
	if m.hung {
		return 500 * time.Millisecond
	}
	return min(max(m.call.Budget.Remaining()*15/100, 500*time.Millisecond), 3*time.Second)
}

// look asks the daemon, or failing that its command, and the machine's processes.
func (m *monitServices) look(ctx context.Context) (view, *wrong) {
	if m.client == nil {
		return m.view(monit.Status{}, false), m.noInterface()
	}
	status, err := m.status(ctx)
	if err != nil {
		return m.view(monit.Status{}, false), m.trouble(err)
	}
	v := m.view(status, true)
	if len(v.members) == 0 {
		return v, &wrong{reason: reasonNoMembers, code: ocf.ErrInstalled, args: []any{"monit", m.group}}
	}
	return v, nil
}

func (m *monitServices) noInterface() *wrong {
	return &wrong{reason: reasonNoInterface, code: ocf.ErrInstalled, args: []any{m.config.File}}
}

func (m *monitServices) status(ctx context.Context) (monit.Status, error) {
	once, cancel := context.WithTimeout(ctx, m.patience())
	defer cancel()
	status, err := m.client.Status(once)
	m.hung = err != nil && monit.KindOf(err) == monit.Hung
	if err == nil || m.command == nil {
		return status, err
	}
	if helps(err) {
		again, cancel := context.WithTimeout(ctx, m.patience())
		defer cancel()
		if other, err2 := m.command.Status(again); err2 == nil {
			return other, nil
		}
	}
	return status, err
}

// helps tells whether monit's own command may fare better: not if nobody is there, and not with a wrong password, which
// it takes from the same file.
func helps(err error) bool {
	var e *monit.Error
	if errors.As(err, &e) && e.Kind == monit.Refused {
		return e.Code == http.StatusForbidden
	}
	return monit.KindOf(err) != monit.Down && monit.KindOf(err) != monit.Hung
}

// trouble turns an error of the client into a reason.
func (m *monitServices) trouble(err error) *wrong {
	switch monit.KindOf(err) {
	case monit.Down:
		return &wrong{reason: reasonDown, code: ocf.ErrGeneric, again: true, args: []any{err}}
	case monit.Hung:
		return &wrong{reason: reasonHung, code: ocf.ErrGeneric, again: true, args: []any{err}}
	case monit.Refused:
		return &wrong{reason: reasonRefused, code: ocf.ErrGeneric, args: []any{err, or(m.config.File, "monit's control file, which was not found")}}
	}
	return &wrong{reason: reasonGarbled, code: ocf.ErrGeneric, again: true, args: []any{err}}
}

func or(text, fallback string) string {
	if text == "" {
		return fallback
	}
	return text
}

// view joins what the daemon says, what its control file says and what processes live.
func (m *monitServices) view(status monit.Status, answered bool) view {
	names := m.services
	if len(names) == 0 {
		for group, members := range status.Groups {
			if strings.EqualFold(group, m.group) {
				names = members
			}
		}
	}
	if len(names) == 0 {
		names = m.config.Group(m.group)
	}
	var v view
	for _, name := range names {
		definition, defined := m.config.Service(name)
		service, known := status.Service(name)
		one := member{name: name, counts: true, text: "unknown"}
		if defined {
			one.counts = runsSomething(definition.Type)
		}
		if answered {
			one.missing = !known
			one.text = "unknown to monit"
		}
		if known {
			one.fill(service)
		}
		// What the control file says comes true at boot, and an older daemon does not tell.
		if boots := known && !service.NoStart; boots && !defined || defined && !definition.NoStart {
			one.atBoot = "monit starts it at boot: give it \"onreboot nostart\""
		}
		one.life, one.ids = m.life(one, definition, defined, service, known, answered)
		one.doubt = len(one.ids) > 0 && definition.Doubtful(one.ids[0])
		v.members = append(v.members, one)
	}
	return v
}

// runsSomething tells services from checks of files, directories and the like.
func runsSomething(t monit.Type) bool { return t == monit.Process || t == monit.Program }

// fill takes over what the daemon says.
func (m *member) fill(s monit.Service) {
	m.text, m.counts = s.Text(), runsSomething(s.Type)
	m.kept, m.settled, m.failing = s.Monitoring != monit.NotMonitored, s.Monitoring == monit.Monitored, s.Condition.Failed()
	m.seen, m.passive = s.Collected, s.Passive
	switch s.Pending {
	case monit.Nothing:
	case monit.Start:
		m.pending = toStart
	case monit.Stop:
		m.pending = toStop
	default:
		m.pending = other
	}
}

// life tells whether a service runs. A process is asked for itself, as the daemon's data may be old; what has none of
// its own runs as long as the daemon looks after it.
func (m *monitServices) life(one member, d monit.Definition, defined bool, s monit.Service, known, answered bool) (life, []process.ID) {
	kind := s.Type
	if !known {
		kind = d.Type
	}
	if kind == monit.Process && defined {
		ids, err := d.Processes()
		switch {
		case err != nil:
			m.call.Log.Warn(err.Error())
			return unknown, nil
		case len(ids) > 0:
			return alive, ids
		}
		return dead, nil
	}
	switch {
	case known && kind == monit.Process: // defined where we cannot read it
		id, living, err := process.Find(s.PID)
		switch {
		case err != nil:
			return unknown, nil
		case living:
			return alive, []process.ID{id}
		case s.Monitoring == monit.Initialising, s.Monitoring == monit.NotMonitored && s.PID == 0:
			return unknown, nil
		}
		return dead, nil
	case known && one.kept:
		return alive, nil
	case known, answered:
		return dead, nil
	}
	return unknown, nil
}

// order has the daemon queue an action.
func (m *monitServices) order(ctx context.Context, v verb, names []string) *wrong {
	if m.client == nil {
		return m.noInterface()
	}
	action := monit.Start
	if v == toStop {
		action = monit.Stop
	}
	once, cancel := context.WithTimeout(ctx, m.patience())
	defer cancel()
	err := m.client.Do(once, action, names...)
	if err == nil {
		return nil
	}
	// Without a daemon the command would carry out the action by itself, and a daemon that comes would undo it.
	if _, living, _ := m.config.Daemon(); m.command != nil && helps(err) && living {
		again, cancel := context.WithTimeout(ctx, m.patience())
		defer cancel()
		if m.command.Do(again, action, names...) == nil {
			return nil
		}
	}
	return m.trouble(err)
}

func (m *monitServices) endAlone(ctx context.Context, name string) (bool, error) {
	d, ok := m.config.Service(name)
	if !ok || d.Stop == nil {
		return false, nil
	}
	return true, d.Stop.Run(ctx, name, "Stop")
}

// rescue looks for the daemon. One that lives but cannot be talked to (its socket was removed, its control file was
// changed) opens its interface anew on a hangup signal, as "monit reload" sends it; one that lies still must not get
// it, since that would throw away the orders that wait in its socket.
func (m *monitServices) rescue(ctx context.Context, why *wrong) daemon {
	id, living, err := m.config.Daemon()
	switch {
	case err != nil:
		m.call.Log.Warn(err.Error())
		return hostile
	case !living && (why.reason == reasonRefused || why.reason == reasonGarbled || why.reason == reasonHung):
		return hostile // something answers, but its number is not known
	case !living:
		return gone
	case id.Frozen():
		return frozen
	}
	if err := m.config.Check(ctx); err != nil {
		m.call.Log.Warn(err.Error())
	} else if err := id.Signal(hangup); err != nil {
		m.call.Log.Warn(err.Error())
	} else {
		m.call.Log.Warn("monit was told to read its control file again, because: " + why.text())
	}
	if why.reason == reasonHung {
		return deaf
	}
	return hostile
}

// silence kills a daemon that does not answer. Its services live on.
func (m *monitServices) silence() error {
	id, living, err := m.config.Daemon()
	if err != nil || !living {
		return err
	}
	return id.Signal(kill)
}

// names of the members.
func names(members []member) []string {
	var all []string
	for _, m := range members {
		all = append(all, m.name)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
