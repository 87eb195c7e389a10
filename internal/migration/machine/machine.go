// SPDX-License-Identifier: Apache-2.0

// Package machine carries out a migration's orders on the node where it runs: packages, units, files, Heartbeat's
// resource scripts, pacemaker's CIB. Everything can be lost at any instant and done again.
package machine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ocf-oci/internal/command"
	"ocf-oci/internal/migration"
	"ocf-oci/internal/packages"
)

// The files of both stacks.
const (
	haDir        = "/etc/ha.d"
	haresources  = haDir + "/haresources"
	corosyncConf = "/etc/corosync/corosync.conf"
	corosyncKey  = "/etc/corosync/authkey"
	clusterCRM   = "/etc/pacemaker/cluster.crm"
	cibDir       = "/var/lib/pacemaker/cib"
)

// wanted are the packages of the new stack; those after the first two only if they can be had.
var wanted = []string{"corosync", "pacemaker", "pacemaker-cli-utils", "resource-agents", "cluster-glue", "crmsh", "fping"}

// Machine is this node.
type Machine struct {
	name    string
	environ []string
	manager packages.Manager
	store   migration.Store
}

// Open is this node, with its package manager.
func Open(environ []string) (*Machine, error) {
	name, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("find the name of this node: %w", err)
	}
	name, _, _ = strings.Cut(strings.ToLower(name), ".")
	m, err := packages.Detect(environ)
	if err != nil {
		return nil, err
	}
	store, err := migration.OpenStore()
	if err != nil {
		return nil, err
	}
	return &Machine{name: name, environ: environ, manager: m, store: store}, nil
}

// Name is the node's name.
func (m *Machine) Name() string { return m.name }

// Store is where the node's journals are.
func (m *Machine) Store() migration.Store { return m.store }

// run runs a program of the system.
func (m *Machine) run(ctx context.Context, name string, args ...string) (string, error) {
	out, err := command.Run(ctx, command.Command{Name: name, Args: args, Env: append([]string{"LC_ALL=C"}, m.environ...)})
	return string(out.Stdout), err
}

// Carry carries an order out, once per run.
func (m *Machine) Carry(ctx context.Context, o migration.Order, event func(string)) error {
	unlock, err := m.store.Lock(ctx, "carry")
	if err != nil {
		return err
	}
	defer unlock()
	j, err := m.store.Journal()
	if err != nil {
		return err
	}
	if j.Direction != o.Direction && o.Verb != migration.Forget {
		j.Direction, j.Released, j.Taken = o.Direction, false, false
		if err := m.store.Write(j); err != nil {
			return err
		}
	}
	switch o.Verb {
	case migration.Do:
		return m.do(ctx, o, j, event)
	case migration.Undo:
		return m.undo(ctx, o, j, event)
	case migration.Release:
		return m.release(ctx, o, j, event)
	case migration.Ready:
		return m.ready(ctx, j, event)
	case migration.Take:
		return m.take(ctx, o, j, event)
	case migration.Await:
		return m.await(ctx, o, event)
	case migration.Forget:
		return m.forget(o, j)
	}
	return fmt.Errorf("order %q is unknown: are both nodes on the same version?", o.Verb)
}

func (m *Machine) do(ctx context.Context, o migration.Order, j migration.Journal, event func(string)) error {
	if !j.Steps[o.Step].Done.IsZero() {
		return nil
	}
	if _, begun := j.Steps[o.Step]; !begun {
		j.Steps[o.Step] = migration.Record{Begun: time.Now()}
		if err := m.store.Write(j); err != nil {
			return err
		}
	}
	steps := map[migration.Step]func(context.Context, migration.Order, *migration.Journal, func(string)) error{
		migration.Save: m.save, migration.Prefetch: m.prefetch, migration.Disarm: m.disarm, migration.RemoveHeartbeat: m.removeHeartbeat,
		migration.InstallPacemaker: m.installPacemaker, migration.SwitchConfig: m.switchConfig, migration.Rebuild: m.rebuild, migration.Start: m.start,
	}
	if err := steps[o.Step](ctx, o, &j, event); err != nil {
		return err
	}
	r := j.Steps[o.Step]
	r.Done = time.Now()
	j.Steps[o.Step] = r
	return m.store.Write(j)
}

func (m *Machine) undo(ctx context.Context, o migration.Order, j migration.Journal, event func(string)) error {
	if _, begun := j.Steps[o.Step]; !begun {
		return nil
	}
	steps := map[migration.Step]func(context.Context, migration.Order, *migration.Journal, func(string)) error{
		migration.Disarm: m.rearm, migration.RemoveHeartbeat: m.restoreHeartbeat, migration.InstallPacemaker: m.removePacemaker,
		migration.SwitchConfig: m.switchBack, migration.Rebuild: m.takeAway, migration.Start: m.stopPacemaker,
	}
	// What is being undone is no longer done, also if this is interrupted.
	r := j.Steps[o.Step]
	r.Done = time.Time{}
	j.Steps[o.Step] = r
	if err := m.store.Write(j); err != nil {
		return err
	}
	if f := steps[o.Step]; f != nil {
		if err := f(ctx, o, &j, event); err != nil {
			return err
		}
	}
	delete(j.Steps, o.Step)
	return m.store.Write(j)
}

// forget ends a run: after a rollback nothing is left of it but what was saved.
func (m *Machine) forget(o migration.Order, j migration.Journal) error {
	j.Released, j.Taken = false, false
	if o.Direction == migration.Backward {
		j = migration.Journal{}
	}
	return m.store.Write(j)
}

// retry tries until it works, ctx ends, or limit is over; the last error tells why not.
func retry(ctx context.Context, limit time.Duration, f func(context.Context) error) error {
	deadline := time.Now().Add(limit)
	for {
		err := f(ctx)
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("not within %s: %w", limit, err)
		}
		select {
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func saved(name string) string { return filepath.Join(migration.Dir, name) }
