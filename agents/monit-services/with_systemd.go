// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"ocf-oci/internal/ocf"
	"ocf-oci/internal/systemd"
)

// withSystemd are units run by systemd.
type withSystemd struct {
	settings
	client systemd.Client
	last   []systemd.Unit // as they were when systemd last answered
}

func (*withSystemd) name() string { return "systemd" }

func (s *withSystemd) unitNames(ctx context.Context) ([]string, *wrong) {
	if len(s.services) > 0 {
		var all []string
		for _, name := range s.services {
			if !strings.Contains(name, ".") {
				name += ".service"
			}
			all = append(all, name)
		}
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

func (s *withSystemd) look(ctx context.Context) (view, *wrong) {
	all, bad := s.unitNames(ctx)
	if bad == nil {
		units, err := s.client.Show(ctx, all...)
		if err == nil {
			s.last = units
			return s.view(true), nil
		}
		bad = &wrong{reason: reasonSystemd, code: ocf.ErrGeneric, again: true, args: []any{err}}
	}
	return s.view(false), bad
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
	m := member{name: u.ID, text: u.Text(), counts: true, missing: u.Load == "not-found"}
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
	case answered && (u.Active == "active" || u.Active == "reloading"): // a oneshot that remains
		m.life = alive
	default:
		m.life = dead
	}
	if others := slices.DeleteFunc(slices.Clone(u.WantedBy), func(by string) bool { return by == target }); len(others) > 0 {
		m.atBoot = strings.Join(others, ", ") + " starts it as well: take it out of there"
	}
	return m
}

func (s *withSystemd) order(ctx context.Context, v verb, names []string) error {
	if v == toStop {
		return s.client.Stop(ctx, names...)
	}
	// What has failed too often would be refused.
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
