// SPDX-License-Identifier: Apache-2.0

// Package services lists the services of the HA group with their state, as ocf:ngcp:monit-services judges it: what runs
// is told by the processes, what the supervisor thinks of it by the supervisor. The parameters are those of the
// cluster's resource.
package services

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"ocf-oci/internal/monit"
	"ocf-oci/internal/process"
	"ocf-oci/internal/systemd"
)

// Life is whether a service runs; never guessed.
type Life string

// The three answers.
const (
	Up      Life = "up"
	Down    Life = "down"
	Unknown Life = "unknown"
)

// Service is one of the group.
type Service struct {
	Name    string `json:"name"`
	Life    Life   `json:"life"`
	State   string `json:"state"` // in the supervisor's words
	Failing bool   `json:"failing"`
	PID     int    `json:"pid,omitempty"`
	Good    bool   `json:"good"` // as it should be on this node
}

// Report is the group at one moment.
type Report struct {
	Supervisor string    `json:"supervisor"` // monit or systemd
	Group      string    `json:"group"`
	Expect     Life      `json:"expect"` // what should be on this node: up or down
	Services   []Service `json:"services"`
	Good       bool      `json:"good"`
}

// Judge marks what is good. A check that runs nothing (of a file) is good while it does not fail.
func (r *Report) Judge(expect Life) {
	r.Expect, r.Good = expect, len(r.Services) > 0
	for i, s := range r.Services {
		r.Services[i].Good = s.Life == expect && (expect == Down || !s.Failing)
		r.Good = r.Good && r.Services[i].Good
	}
}

// List asks the supervisor, within ctx. params are those of the resource; missing ones have the agent's defaults.
func List(ctx context.Context, env []string, params map[string]string) (Report, error) {
	group := or(params["group"], "ha")
	file := params["monit_control_file"]
	backend := or(params["backend"], "auto")
	if file == "" && backend != "systemd" {
		if found, err := monit.FindControlFile(); err == nil {
			file = found
		}
	}
	if backend == "systemd" || backend == "auto" && file == "" && params["monit_socket"] == "" && params["monit_url"] == "" {
		return ofSystemd(ctx, env, group, params["services"])
	}
	return ofMonit(ctx, file, group, params)
}

func or(text, other string) string {
	if strings.TrimSpace(text) == "" {
		return other
	}
	return strings.TrimSpace(text)
}

func words(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(" ,;\t\n", c) })
}

// ofMonit asks the daemon.
func ofMonit(ctx context.Context, file, group string, params map[string]string) (Report, error) {
	config := &monit.Config{}
	if file != "" {
		var err error
		if config, err = monit.ReadConfig(file); err != nil {
			return Report{}, fmt.Errorf("reading monit's configuration: %w", err)
		}
	}
	access := config.Access
	switch {
	case params["monit_url"] != "":
		access.Socket, access.URL = "", params["monit_url"]
	case params["monit_socket"] != "":
		access.Socket = params["monit_socket"]
	case access.Socket == "" && access.URL == "":
		access.Socket = firstExisting(monit.Sockets)
	}
	client, err := monit.NewClient(access)
	if err != nil {
		return Report{}, err
	}
	status, failed := client.Status(ctx)
	r := Report{Supervisor: "monit", Group: group}
	for _, name := range members(config, status, group, words(params["services"])) {
		r.Services = append(r.Services, ofDaemon(config, status, name, failed))
	}
	switch {
	case failed != nil && len(r.Services) == 0:
		return r, failed
	case len(r.Services) == 0:
		return r, fmt.Errorf("monit has no services in group %s; name the group with --group, or give services a line: group %[1]s", group)
	}
	return r, nil
}

func members(config *monit.Config, status monit.Status, group string, named []string) []string {
	if len(named) > 0 {
		return named
	}
	for name, list := range status.Groups {
		if strings.EqualFold(name, group) {
			return list
		}
	}
	return config.Group(group)
}

// ofDaemon is one service; failed is why the daemon could not be asked.
func ofDaemon(config *monit.Config, status monit.Status, name string, failed error) Service {
	definition, defined := config.Service(name)
	known, isKnown := status.Service(name)
	s := Service{Name: name, Life: Unknown, State: "unknown to monit"}
	switch {
	case failed != nil:
		s.State = failed.Error()
	case isKnown:
		s.State, s.Failing = known.Text(), known.Condition.Failed()
	}
	kind := definition.Type
	if isKnown {
		kind = known.Type
	}
	switch {
	case kind == monit.Process && defined:
		ids, err := definition.Processes()
		s.Life = lifeOf(len(ids) > 0, err)
		if len(ids) > 0 {
			s.PID = ids[0].PID
		}
	case kind == monit.Process && isKnown && known.PID > 0:
		_, living, err := process.Find(known.PID)
		s.Life, s.PID = lifeOf(living, err), known.PID
	case isKnown && known.Monitoring != monit.NotMonitored:
		s.Life = Up
	case isKnown:
		s.Life = Down
	}
	if isKnown && s.Life == Up && known.Monitoring == monit.NotMonitored {
		s.Failing = true // it runs, but nobody looks after it
	}
	return s
}

func lifeOf(living bool, err error) Life {
	switch {
	case err != nil:
		return Unknown
	case living:
		return Up
	}
	return Down
}

func firstExisting(files []string) string {
	for _, f := range files {
		if _, err := os.Lstat(f); err == nil {
			return f
		}
	}
	return ""
}

// ofSystemd asks for the units of the group's target.
func ofSystemd(ctx context.Context, env []string, group, named string) (Report, error) {
	r := Report{Supervisor: "systemd", Group: group}
	if !systemd.Running() {
		return r, errors.New("neither monit nor systemd runs the services of this node")
	}
	client := systemd.Client{Env: env}
	names := words(named)
	for i, n := range names {
		if !strings.Contains(n, ".") {
			names[i] = n + ".service"
		}
	}
	if len(names) == 0 {
		var err error
		if names, err = client.Wants(ctx, group+".target"); err != nil {
			return r, fmt.Errorf("there is no monit here, and systemd does not tell the services of %s.target: %w", group, err)
		}
	}
	units, err := client.Show(ctx, names...)
	if err != nil {
		return r, err
	}
	for _, u := range units {
		ids, err := u.Processes()
		s := Service{Name: u.ID, State: u.Text(), Failing: u.Active == "failed", Life: lifeOf(len(ids) > 0 || u.Active == "active" || u.Active == "reloading", err)}
		if len(ids) > 0 {
			s.PID = ids[0].PID
		}
		r.Services = append(r.Services, s)
	}
	if len(r.Services) == 0 {
		return r, fmt.Errorf("systemd has no services in %s.target", group)
	}
	return r, nil
}
