// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"ocf-oci/internal/ocf"
	"ocf-oci/internal/systemd"
)

// withSystemd are units run by systemd.
type withSystemd struct {
	settings
	call   *ocf.Call
	client systemd.Client
	last   []systemd.Unit // as they were when systemd last answered, or as far as it can be told without it
	silent bool           // it did not answer the last question
}

func (*withSystemd) name() string { return "systemd" }

// listed are the units of the parameter services.
func (s *withSystemd) listed() []string {
	var all []string
	for _, name := range s.services {
		if !strings.Contains(name, ".") {
			name += ".service"
		}
		all = append(all, name)
	}
	return all
}

func (s *withSystemd) unitNames(ctx context.Context) ([]string, *wrong) {
	if all := s.listed(); len(all) > 0 {
		return all, nil
	}
	all, err := s.client.Wants(ctx, s.target())
	switch {
	case errors.Is(err, systemd.ErrMissing):
		return nil, &wrong{reason: reasonNoSupervisor, code: ocf.ErrInstalled, args: []any{"no control file", s.target()}}
	case err != nil:
		return nil, &wrong{reason: reasonSystemd, code: ocf.ErrGeneric, again: true, args: []any{err}}
	case len(all) == 0:
		return nil, &wrong{reason: reasonNoMembers, code: ocf.ErrInstalled, args: []any{"systemd", s.target()}}
	}
	return all, nil
}

// patience is how long one question may take: a busy systemd answers within a second, a frozen one never. One that has
// just not answered gets less.
func (s *withSystemd) patience() time.Duration {
	if s.silent {
		return 500 * time.Millisecond
	}
	return min(max(s.call.Budget.Remaining()*15/100, 500*time.Millisecond), 5*time.Second)
}

func (s *withSystemd) look(ctx context.Context) (view, *wrong) {
	ctx, cancel := context.WithTimeout(ctx, s.patience())
	defer cancel()
	all, bad := s.unitNames(ctx)
	if bad == nil {
		units, err := s.client.Show(ctx, all...)
		if err == nil {
			s.last, s.silent = units, false
			return s.view(true), nil
		}
		bad = &wrong{reason: reasonSystemd, code: ocf.ErrGeneric, again: true, args: []any{err}}
	}
	s.silent = bad.again
	if len(s.last) == 0 && bad.again {
		s.last = s.alone()
	}
	return s.view(false), bad
}

// alone is what can be told of the units without systemd: what is linked to the target, what this node remembers, and
// the control groups.
func (s *withSystemd) alone() []systemd.Unit {
	note, _, _ := remember(s.call.Request).read() // an error was logged by the action
	names := s.listed()
	if len(names) == 0 {
		names = append(systemd.Linked(s.target()), sorted(note.Processes)...)
		slices.Sort(names)
		names = slices.Compact(names)
	}
	var units []systemd.Unit
	for _, name := range names {
		u := systemd.Unit{ID: name, Load: "loaded", Active: "inactive", Sub: "as far as can be told", ControlGroup: systemd.Group(name)}
		if ids, recorded := note.Processes[name]; recorded && len(ids) == 0 {
			u.Active = "active" // it had no process when it was started, and so does not show its end
		}
		units = append(units, u)
	}
	return units
}

func (s *withSystemd) view(answered bool) view {
	var v view
	for _, u := range s.last {
		v.members = append(v.members, unitMember(u, s.target(), answered))
	}
	return v
}

// unitMember says what a unit's state means.
func unitMember(u systemd.Unit, target string, answered bool) member {
	m := member{name: u.ID, text: u.Text(), counts: !u.Once, once: u.Once, missing: u.Load == "not-found"}
	if u.Load == "masked" && u.Active == "inactive" {
		m.missing = true
	}
	switch u.Active {
	case "active", "reloading", "activating":
		m.kept = true
	}
	m.settled = u.Active == "active"
	m.failing = u.Active == "failed"
	if u.Job != "" {
		m.pending = other
		switch u.Active {
		case "activating", "inactive", "failed":
			m.pending = toStart
		case "deactivating":
			m.pending = toStop
		}
	}
	ids, err := u.Processes()
	switch {
	case err != nil:
		m.life = unknown
	case len(ids) > 0:
		m.life, m.ids = alive, ids
	case u.Active == "active" || u.Active == "reloading": // a oneshot that remains, a timer
		if m.life = unknown; answered {
			m.life = alive
		}
	default:
		m.life = dead
	}
	if others := slices.DeleteFunc(slices.Clone(u.WantedBy), func(by string) bool { return by == target }); len(others) > 0 {
		m.atBoot = strings.Join(others, ", ") + " starts it as well: take it out of there"
	}
	return m
}

func (s *withSystemd) order(ctx context.Context, v verb, names []string) *wrong {
	ctx, cancel := context.WithTimeout(ctx, s.patience())
	defer cancel()
	var err error
	if v == toStop {
		err = s.client.Stop(ctx, names...)
	} else {
		err = s.start(ctx, names)
	}
	if err != nil {
		return &wrong{reason: reasonSystemd, code: ocf.ErrGeneric, again: true, args: []any{err}}
	}
	return nil
}

// start queues a start. What has failed too often would be refused.
func (s *withSystemd) start(ctx context.Context, names []string) error {
	var failed []string
	for _, u := range s.last {
		if u.Active == "failed" && slices.Contains(names, u.ID) {
			failed = append(failed, u.ID)
		}
	}
	if len(failed) > 0 {
		if err := s.client.Forget(ctx, failed...); err != nil {
			return err
		}
	}
	return s.client.Start(ctx, names...)
}

// endAlone has no program: systemd has run the unit's ExecStop already, or cannot.
func (s *withSystemd) endAlone(context.Context, string) (bool, error) { return false, nil }

// rescue: process 1 cannot be gone. If it does not answer, it starts nothing either.
func (s *withSystemd) rescue(context.Context, *wrong) daemon { return frozen }

func (s *withSystemd) silence() error { return nil }
