// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ocf-oci/internal/heartbeat"
	"ocf-oci/internal/heartbeatconvert"
	"ocf-oci/internal/migration"
)

// heartbeatUnit is the same in every package of it.
const heartbeatUnit = "heartbeat.service"

// source reads Heartbeat's configuration: what was saved once it was saved, since /etc/ha.d goes.
func (m *Machine) source() (heartbeatconvert.Source, error) {
	dir := haDir
	if j, err := m.store.Journal(); err == nil && !j.Steps[migration.Save].Done.IsZero() {
		dir = saved(savedConfig)
	} else if !exists(haresources) && exists(saved(savedConfig)) {
		dir = saved(savedConfig)
	}
	return heartbeatconvert.Read(heartbeatconvert.Input{Dir: dir}) // cluster-glue, which step 5 installs, has st-null
}

// shared are the addresses in haresources with their interfaces.
func (m *Machine) shared() ([]heartbeatconvert.Address, error) {
	s, err := m.source()
	if err != nil {
		return nil, err
	}
	r, err := heartbeatconvert.Convert(s)
	return r.Addresses, err
}

// disarm takes haresources away, so that stopping Heartbeat stops no resource.
func (m *Machine) disarm(_ context.Context, _ migration.Order, _ *migration.Journal, _ func(string)) error {
	if err := os.Remove(haresources); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("take haresources away: %w", err)
	}
	return nil
}

// rearm brings haresources back and starts Heartbeat, if it is installed.
func (m *Machine) rearm(ctx context.Context, o migration.Order, _ *migration.Journal, event func(string)) error {
	if err := m.restoreConfig(ctx, o.Held); err != nil {
		return err
	}
	return m.startHeartbeat(ctx, event)
}

func (m *Machine) startHeartbeat(ctx context.Context, event func(string)) error {
	if _, err := m.run(ctx, "systemctl", "unmask", "--runtime", heartbeatUnit); err != nil {
		return fmt.Errorf("allow Heartbeat's start: %w", err)
	}
	_, _ = m.run(ctx, "systemctl", "reset-failed", heartbeatUnit)
	if _, err := m.run(ctx, "systemctl", "start", heartbeatUnit); err != nil {
		return fmt.Errorf("start Heartbeat: %w", err)
	}
	// With its peer dead it waits for initdead before it is settled.
	limit := time.Minute
	if s, err := m.source(); err == nil {
		if d, ok := heartbeat.Last(s.Config, "initdead"); ok {
			if t, err := heartbeat.ParseTime(d.Args[0].Text); err == nil {
				limit += 2 * t
			}
		}
	}
	event("waiting until Heartbeat has settled (initdead)")
	return retry(ctx, limit, func(ctx context.Context) error {
		state := m.resourceState(ctx)
		if !slices.Contains([]string{"local", "all", "foreign", "none"}, state) {
			return fmt.Errorf("heartbeat has not settled: its resources are %q", state)
		}
		return nil
	})
}

// resourceState is Heartbeat's word for what it has: local, foreign, all, none, transition; empty if it does not run.
func (m *Machine) resourceState(ctx context.Context) string {
	out, err := m.run(ctx, "cl_status", "rscstatus")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(out)
}

// removeHeartbeat stops it and removes its package with all configuration, which was saved.
func (m *Machine) removeHeartbeat(ctx context.Context, _ migration.Order, j *migration.Journal, event func(string)) error {
	if err := checkSaved(); err != nil {
		return fmt.Errorf("nothing is removed, since there would be no way back: %w", err)
	}
	if exists(haresources) {
		// A rollback that was turned round has brought it back, without resources, or before Heartbeat ran again.
		if runs := m.active(ctx, heartbeatUnit) || m.resourceState(ctx) != ""; runs && !withheld() {
			return errors.New("haresources is there again, and stopping Heartbeat would stop its resources: who restored it?")
		}
		if err := os.Remove(haresources); err != nil {
			return fmt.Errorf("take haresources away: %w", err)
		}
	}
	if err := m.stopHeartbeat(ctx, event); err != nil {
		return err
	}
	if state := m.resourceState(ctx); state != "" {
		return fmt.Errorf("heartbeat still runs after it was stopped (its resources are %q)", state)
	}
	var names []string
	for _, p := range j.Saved {
		if isHeartbeat(p.Name) {
			names = append(names, p.Name)
		}
	}
	if err := m.manager.Purge(ctx, names...); err != nil {
		return err
	}
	return m.clearConfig(ctx, event)
}

// stopLimit is how long Heartbeat may take to stop: two seconds as a rule. It waits for ever for the end of a resource
// transition that it has lost track of (seen with 3.0.6 when its peer left at once after it had come).
const stopLimit = time.Minute

// stopHeartbeat stops it, by force if need be: it has no resources any more. Where it feeds a watchdog that would reboot
// the node.
func (m *Machine) stopHeartbeat(ctx context.Context, event func(string)) error {
	limited, cancel := context.WithTimeout(ctx, stopLimit)
	defer cancel()
	_, err := m.run(limited, "systemctl", "stop", heartbeatUnit)
	if err == nil || !exists("/lib/systemd/system/"+heartbeatUnit) {
		return nil
	}
	if ctx.Err() != nil || limited.Err() == nil {
		return fmt.Errorf("stop Heartbeat: %w", err)
	}
	if s, serr := m.source(); serr != nil {
		return fmt.Errorf("heartbeat does not stop within %s, and whether it has a watchdog cannot be read: %w", stopLimit, serr)
	} else if _, watched := heartbeat.Last(s.Config, "watchdog"); watched {
		return fmt.Errorf("heartbeat does not stop within %s, and has a watchdog, which would reboot this node if it were killed: see what it waits for (cl_status rscstatus), then run this again", stopLimit)
	}
	event(fmt.Sprintf("Heartbeat has not stopped within %s (its resources are %q): it is ended by force", stopLimit, m.resourceState(ctx)))
	if _, err := m.run(ctx, "systemctl", "kill", "--signal=KILL", heartbeatUnit); err != nil {
		return fmt.Errorf("end Heartbeat by force: %w", err)
	}
	limited, cancel = context.WithTimeout(ctx, stopLimit)
	defer cancel()
	if _, err := m.run(limited, "systemctl", "stop", heartbeatUnit); err != nil {
		return fmt.Errorf("stop Heartbeat, whose processes were ended: %w", err)
	}
	_, _ = m.run(ctx, "systemctl", "reset-failed", heartbeatUnit) // that it was killed is no failure
	return nil
}

// clearConfig removes from /etc/ha.d what was saved and belongs to no package that is still there.
func (m *Machine) clearConfig(ctx context.Context, event func(string)) error {
	want, err := readManifest()
	if err != nil {
		return err
	}
	removed := 0
	for name := range want {
		below, ok := cutDir(name, savedConfig)
		path := filepath.Join(haDir, below)
		if !ok || !exists(path) {
			continue
		}
		if _, err := m.run(ctx, "dpkg-query", "-S", path); err == nil {
			continue
		}
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("remove Heartbeat's configuration: %w", err)
		}
		removed++
	}
	event(fmt.Sprintf("removed %d files of configuration that the package left", removed))
	return nil
}

// restoreHeartbeat installs the saved packages without starting anything, and brings /etc/ha.d back without resources.
func (m *Machine) restoreHeartbeat(ctx context.Context, _ migration.Order, j *migration.Journal, event func(string)) error {
	if err := checkSaved(); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(saved(savedPackages), "*.deb"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("no package of Heartbeat is in %s", saved(savedPackages))
	}
	if err := m.restoreConfig(ctx, true); err != nil {
		return err
	}
	if _, err := m.run(ctx, "systemctl", "mask", "--runtime", heartbeatUnit); err != nil {
		return fmt.Errorf("keep Heartbeat from starting too early: %w", err)
	}
	if err := m.manager.Install(ctx, files...); err != nil {
		return err
	}
	if _, err := m.run(ctx, "systemctl", "unmask", "--runtime", heartbeatUnit); err != nil {
		return fmt.Errorf("allow Heartbeat's start: %w", err)
	}
	verb := "disable"
	if j.Enabled {
		verb = "enable"
	}
	if _, err := m.run(ctx, "systemctl", verb, heartbeatUnit); err != nil {
		return fmt.Errorf("%s Heartbeat as it was: %w", verb, err)
	}
	event(fmt.Sprintf("installed %d saved packages", len(files)))
	return m.restoreConfig(ctx, true)
}

// resourcesOf lists the resources of haresources in their order.
func resourcesOf(s heartbeatconvert.Source) []heartbeat.Resource {
	var all []heartbeat.Resource
	for _, g := range s.Groups {
		all = append(all, g.Resources...)
	}
	return all
}

// script runs a resource script as Heartbeat's ResourceManager would.
func (m *Machine) script(ctx context.Context, r heartbeat.Resource, action string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for _, dir := range []string{haDir + "/resource.d", "/etc/init.d"} {
		path := filepath.Join(dir, r.Script)
		if exists(path) {
			_, err := m.run(ctx, path, append(slices.Clone(r.Args), action)...)
			if err != nil {
				return fmt.Errorf("%s %s: %w", r.Text, action, err)
			}
			return nil
		}
	}
	return fmt.Errorf("%s %s: no script %s in %s/resource.d or /etc/init.d", r.Text, action, r.Script, haDir)
}

// held tells which of the addresses this node has.
func held(shared []heartbeatconvert.Address, here []netip.Addr) []netip.Addr {
	var got []netip.Addr
	for _, a := range shared {
		if slices.Contains(here, a.IP) {
			got = append(got, a.IP)
		}
	}
	return got
}
