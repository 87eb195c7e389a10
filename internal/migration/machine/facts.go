// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"ocf-oci/internal/heartbeatconvert"
	"ocf-oci/internal/migration"
	"ocf-oci/internal/monit"
	"ocf-oci/internal/ngcpconfig"
	"ocf-oci/internal/packages"
)

// Facts collects what this node knows of itself; it changes nothing.
func (m *Machine) Facts(ctx context.Context, q migration.Question) (migration.Facts, error) {
	f := migration.Facts{Node: m.name, Time: time.Now(), Free: map[string]uint64{}, Templates: templates()}
	var err error
	if f.Journal, err = m.store.Journal(); err != nil {
		return f, err
	}
	if err := m.stacks(ctx, &f); err != nil {
		return f, err
	}
	if err := m.addresses(ctx, &f); err != nil {
		return f, err
	}
	m.services(&f)
	if q.Direction == migration.Forward {
		m.obtain(ctx, &f)
	} else if err := checkSaved(); err != nil {
		f.SavedError = err.Error()
	}
	for _, dir := range []string{"/var", "/etc", "/usr"} {
		var st unix.Statfs_t
		if err := unix.Statfs(dir, &st); err == nil {
			f.Free[dir] = st.Bavail * uint64(st.Bsize)
		}
	}
	if q.Peer != "" {
		if err := migration.TrySSH(ctx, m.environ, q.Peer); err != nil {
			f.SSHError = err.Error()
		}
	}
	file := m.configFile()
	if text, err := os.ReadFile(file); err == nil {
		f.GCS, _, _ = ngcpconfig.Get(file, text, "ha", "gcs")
		f.CRM, _, _ = ngcpconfig.Get(file, text, "ha", "crm")
	}
	return f, nil
}

// stacks is what is installed and runs.
func (m *Machine) stacks(ctx context.Context, f *migration.Facts) error {
	installed, err := m.manager.Installed(ctx)
	if err != nil {
		return err
	}
	for _, p := range installed {
		switch {
		case isHeartbeat(p.Name):
			f.Heartbeat.Package = p.Name
		case p.Name == "pacemaker":
			f.Pacemaker.Package = p.Name
		}
	}
	f.Resources = m.resourceState(ctx)
	f.Heartbeat.Active = f.Resources != ""
	f.Pacemaker.Active = f.Pacemaker.Package != "" && m.active(ctx, "pacemaker.service")
	if f.Pacemaker.Active {
		if s, err := m.cluster(ctx); err == nil {
			for _, n := range s.Nodes {
				if n.Online {
					f.Pacemaker.Online = append(f.Pacemaker.Online, n.Name)
				}
			}
			for _, r := range s.Resources {
				if r.Failed {
					f.Pacemaker.Failed = append(f.Pacemaker.Failed, r.ID)
				}
			}
		}
	}
	return nil
}

// addresses are those of haresources, and what of them is here.
func (m *Machine) addresses(ctx context.Context, f *migration.Facts) error {
	here, err := present(ctx)
	if err != nil {
		return err
	}
	s, err := m.source()
	if err != nil {
		f.Untranslated = strings.Split(err.Error(), "\n")
		return nil
	}
	for _, n := range s.Config {
		if n.Name == "stonith" || n.Name == "stonith_host" {
			f.Fences = append(f.Fences, n.Text())
		}
		if n.Name == "node" {
			for _, a := range n.Args {
				f.Names = append(f.Names, strings.ToLower(a.Text))
			}
		}
	}
	r, err := heartbeatconvert.Convert(s)
	for _, e := range heartbeatconvert.Untranslatable(err) {
		f.Untranslated = append(f.Untranslated, e.Error())
	}
	if err != nil && len(f.Untranslated) == 0 {
		f.Untranslated = []string{err.Error()}
	}
	for _, x := range r.Findings {
		if x.Outcome != heartbeatconvert.Translated {
			f.Findings = append(f.Findings, x.String())
		}
	}
	for _, a := range r.Addresses {
		f.Shared = append(f.Shared, a.IP)
	}
	f.Held = held(r.Addresses, here)
	for _, dir := range []string{haDir, saved(savedConfig)} {
		if text, err := os.ReadFile(dir + "/haresources"); err == nil {
			sum := sha256.Sum256(text)
			f.Configuration = hex.EncodeToString(sum[:8])
			break
		}
	}
	return nil
}

// services asks monit, as ngcp-service summary does.
func (m *Machine) services(f *migration.Facts) {
	file, err := monit.FindControlFile()
	if err != nil {
		f.ServicesError = "monit's control file: " + err.Error()
		return
	}
	config, err := monit.ReadConfig(file)
	if err != nil {
		f.ServicesError = err.Error()
		return
	}
	client, err := monit.NewClient(config.Access)
	if err != nil {
		f.ServicesError = err.Error()
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	status, err := client.Status(ctx)
	if err != nil {
		f.ServicesError = err.Error()
		return
	}
	group := "ha"
	if s, err := m.source(); err == nil {
		for _, r := range resourcesOf(s) {
			if r.Script == "monit-services" && len(r.Args) == 1 {
				group = r.Args[0]
			}
		}
	}
	for _, s := range status.Services {
		ha := slices.Contains(status.Groups[group], s.Name)
		f.Services = append(f.Services, migration.Service{
			Name: s.Name, Text: s.Text(), HA: ha, Running: s.Monitoring == monit.Monitored && !s.Condition.Failed(),
			Bad: s.Monitoring == monit.Monitored && s.Condition.Failed(),
		})
	}
}

// obtain looks whether the packages can be had, without fetching them.
func (m *Machine) obtain(ctx context.Context, f *migration.Facts) {
	var err error
	if f.Packages, err = m.heartbeatPackages(ctx); err != nil {
		f.PackageError = err.Error()
	}
	names, err := m.obtainable(ctx)
	if err == nil {
		f.Plan, err = m.manager.Simulate(ctx, names...)
	}
	if err != nil {
		f.PlanError = err.Error()
	}
	if f.PackageError == "" && f.PlanError == "" && len(f.Packages) > 0 && f.Journal.Steps[migration.Save].Done.IsZero() {
		if err := m.canSave(ctx, f.Packages); err != nil {
			f.PackageError = err.Error()
		}
	}
}

// canSave saves into a folder that is thrown away: only that proves that the very version can be had.
func (m *Machine) canSave(ctx context.Context, list []packages.Package) error {
	dir, err := os.MkdirTemp("", "ngcp-ha-preflight-")
	if err != nil {
		return fmt.Errorf("make a folder to try it: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	return m.manager.Save(ctx, dir, list)
}
