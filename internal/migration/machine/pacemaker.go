// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"ocf-oci/internal/command"
	"ocf-oci/internal/crmsyntax"
	"ocf-oci/internal/heartbeatconvert"
	"ocf-oci/internal/migration"
	"ocf-oci/internal/ngcpconfig"
	"ocf-oci/internal/pacemaker/mon"
)

var units = []string{"corosync.service", "pacemaker.service"}

// obtainable are the wanted packages that can be had: the first two must be.
func (m *Machine) obtainable(ctx context.Context) ([]string, error) {
	if _, err := m.manager.Simulate(ctx, wanted...); err == nil {
		return slices.Clone(wanted), nil
	}
	names := slices.Clone(wanted[:2])
	if _, err := m.manager.Simulate(ctx, names...); err != nil {
		return nil, err
	}
	for _, extra := range wanted[2:] {
		if _, err := m.manager.Simulate(ctx, append(slices.Clone(names), extra)...); err == nil {
			names = append(names, extra)
		}
	}
	return names, nil
}

func (m *Machine) prefetch(ctx context.Context, _ migration.Order, _ *migration.Journal, event func(string)) error {
	names, err := m.obtainable(ctx)
	if err != nil {
		return err
	}
	event("fetching " + strings.Join(names, " "))
	return m.manager.Fetch(ctx, names...)
}

// installPacemaker installs without starting anything: the configuration is not there yet.
func (m *Machine) installPacemaker(ctx context.Context, _ migration.Order, j *migration.Journal, event func(string)) error {
	names, err := m.obtainable(ctx)
	if err != nil {
		return err
	}
	plan, err := m.manager.Simulate(ctx, names...)
	if err != nil {
		return err
	}
	// Remembered before, so that an interrupted installation can be undone as well.
	for _, p := range plan.Install {
		if !slices.Contains(j.Added, p) {
			j.Added = append(j.Added, p)
		}
	}
	for _, p := range wanted[:2] {
		if !slices.Contains(j.Added, p) {
			j.Added = append(j.Added, p)
		}
	}
	if err := m.store.Write(*j); err != nil {
		return err
	}
	if _, err := m.run(ctx, "systemctl", append([]string{"mask", "--runtime"}, units...)...); err != nil {
		return fmt.Errorf("keep corosync and pacemaker from starting too early: %w", err)
	}
	event("installing " + strings.Join(names, " "))
	return m.manager.Install(ctx, names...)
}

// removePacemaker removes what step 5 brought.
func (m *Machine) removePacemaker(ctx context.Context, _ migration.Order, j *migration.Journal, event func(string)) error {
	installed, err := m.manager.Installed(ctx)
	if err != nil {
		return err
	}
	var names []string
	for _, p := range installed {
		if slices.Contains(j.Added, p.Name) {
			names = append(names, p.Name)
		}
	}
	event("removing " + strings.Join(names, " "))
	if err := m.manager.Purge(ctx, names...); err != nil {
		return err
	}
	if _, err := m.run(ctx, "systemctl", append([]string{"unmask", "--runtime"}, units...)...); err != nil {
		return fmt.Errorf("forget the mask of step 5: %w", err)
	}
	return setAsideCIB()
}

// configFile is where this node's ha.gcs and ha.crm belong.
func (m *Machine) configFile() string {
	roles, _ := os.ReadFile("/etc/default/ngcp-roles")
	return ngcpconfig.Layer(ngcpconfig.Dir, ngcpconfig.Type(roles), m.name)
}

// switched are the values of the new stack.
var switched = [][2]string{{"gcs", "corosync"}, {"crm", "pacemaker"}}

func (m *Machine) switchConfig(_ context.Context, _ migration.Order, j *migration.Journal, event func(string)) error {
	if !exists(ngcpconfig.Dir) {
		event("no " + ngcpconfig.Dir + " on this node: nothing to switch")
		return nil
	}
	file := m.configFile()
	text, err := os.ReadFile(file)
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return fmt.Errorf("read config.yml: %w", err)
	}
	if len(j.Config) == 0 {
		for _, kv := range switched {
			v, ok, err := ngcpconfig.Get(file, text, "ha", kv[0])
			if err != nil {
				return err
			}
			j.Config = append(j.Config, migration.Setting{File: file, Key: kv[0], Value: v, Present: ok, NoFile: missing})
		}
		if err := m.store.Write(*j); err != nil {
			return err
		}
	}
	for _, kv := range switched {
		if text, err = ngcpconfig.Set(file, text, "ha", kv[0], kv[1]); err != nil {
			return err
		}
	}
	event(fmt.Sprintf("%s: ha.gcs corosync, ha.crm pacemaker", file))
	return writeConfig(file, text)
}

func (m *Machine) switchBack(_ context.Context, _ migration.Order, j *migration.Journal, event func(string)) error {
	for _, s := range j.Config {
		text, err := os.ReadFile(s.File)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read config.yml: %w", err)
		}
		if s.Present {
			text, err = ngcpconfig.Set(s.File, text, "ha", s.Key, s.Value)
		} else {
			text, err = ngcpconfig.Unset(s.File, text, "ha", s.Key)
		}
		if err != nil {
			return err
		}
		if err := writeConfig(s.File, text); err != nil {
			return err
		}
		event(fmt.Sprintf("%s: ha.%s as it was", s.File, s.Key))
	}
	for _, s := range j.Config {
		if text, err := os.ReadFile(s.File); err == nil && s.NoFile && strings.TrimSpace(string(text)) == "" {
			_ = os.Remove(s.File) // step 6 made it
		}
	}
	return nil
}

// rebuild has the site's templates make the files, or converts; either way the result is checked.
func (m *Machine) rebuild(ctx context.Context, _ migration.Order, _ *migration.Journal, event func(string)) error {
	s, err := m.source()
	if err != nil {
		return err
	}
	r, err := heartbeatconvert.Convert(s)
	if err != nil {
		return err
	}
	if templates() {
		event("ngcpcfg build")
		if _, err := m.run(ctx, "ngcpcfg", "build"); err != nil {
			return fmt.Errorf("build the configuration from templates: %w", err)
		}
	} else {
		for path, f := range map[string]struct {
			content []byte
			mode    fs.FileMode
		}{corosyncConf: {[]byte(r.Corosync), 0o644}, clusterCRM: {[]byte(r.Cluster), 0o644}, corosyncKey: {r.AuthKey, 0o400}} {
			if f.content == nil {
				continue
			}
			if err := replaceFile(path, f.content, f.mode); err != nil {
				return err
			}
		}
		event("converted haresources and ha.cf")
	}
	return m.checkBuilt(ctx, r)
}

func templates() bool {
	_, err := exec.LookPath("ngcpcfg")
	return err == nil
}

// checkBuilt refuses files that are missing, broken, or without one of the addresses.
func (m *Machine) checkBuilt(ctx context.Context, r heartbeatconvert.Result) error {
	text, err := os.ReadFile(clusterCRM)
	if err != nil {
		return fmt.Errorf("cluster.crm was not built: %w", err)
	}
	if _, err := crmsyntax.Parse(clusterCRM, text, crmsyntax.Options{Agents: crmsyntax.OCFRoot("/usr/lib/ocf")}); err != nil {
		return err
	}
	for _, a := range r.Addresses {
		if !hasAddress(string(text), a.IP) {
			return fmt.Errorf("%s does not have the shared address %s of haresources", clusterCRM, a.IP)
		}
	}
	conf, err := os.ReadFile(corosyncConf)
	if err != nil {
		return fmt.Errorf("corosync.conf was not built: %w", err)
	}
	for _, n := range r.Nodes {
		if !regexp.MustCompile(`(?m)^\s*name:\s*` + regexp.QuoteMeta(n.Name) + `\s*$`).Match(conf) {
			return fmt.Errorf("%s does not have node %s", corosyncConf, n.Name)
		}
	}
	if _, err := m.run(ctx, "corosync", "-t"); err != nil {
		return fmt.Errorf("corosync refuses %s: %w", corosyncConf, err)
	}
	return nil
}

// hasAddress tells whether an address stands in a text, however an IPv6 address is written there: 10.0.0.1 is not in
// "ip=10.0.0.10".
func hasAddress(text string, a netip.Addr) bool {
	words := strings.FieldsFunc(text, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF:.", r) })
	return slices.ContainsFunc(words, func(word string) bool {
		found, err := netip.ParseAddr(word)
		return err == nil && found == a
	})
}

func (m *Machine) takeAway(_ context.Context, _ migration.Order, _ *migration.Journal, _ func(string)) error {
	for _, path := range []string{corosyncConf, corosyncKey, clusterCRM} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("take away what step 7 built: %w", err)
		}
	}
	return nil
}

// setAsideCIB moves an old CIB away: it could start resources, or win over the peer's.
func setAsideCIB() error {
	names, err := filepath.Glob(cibDir + "/*")
	if err != nil || len(names) == 0 {
		return nil
	}
	to := saved("old-cib")
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	for _, n := range names {
		// Not a rename: the two folders may be on different disks.
		text, err := os.ReadFile(n)
		if err == nil {
			err = os.WriteFile(filepath.Join(to, filepath.Base(n)), text, 0o600)
		}
		if err == nil {
			err = os.Remove(n)
		}
		if err != nil {
			return fmt.Errorf("set an old CIB aside: %w", err)
		}
	}
	return nil
}

// start starts both daemons. The first node loads the configuration and holds it; the second one joins.
func (m *Machine) start(ctx context.Context, o migration.Order, j *migration.Journal, event func(string)) error {
	if !m.active(ctx, "pacemaker.service") && !j.Taken {
		if err := setAsideCIB(); err != nil {
			return err
		}
	}
	for _, verb := range [][]string{{"unmask", "--runtime"}, {"daemon-reload"}, {"enable"}, {"start"}} {
		args := verb
		if verb[0] != "daemon-reload" {
			args = append(slices.Clone(verb), units...)
		}
		if _, err := m.run(ctx, "systemctl", args...); err != nil {
			return fmt.Errorf("systemctl %s: %w", strings.Join(args, " "), err)
		}
	}
	event("waiting for pacemaker")
	err := retry(ctx, 2*time.Minute, func(ctx context.Context) error {
		s, err := m.cluster(ctx)
		if err != nil {
			return err
		}
		for _, n := range s.Nodes {
			if strings.EqualFold(n.Name, m.name) && n.Online && !n.Pending {
				return nil
			}
		}
		return errors.New("this node is not online in the cluster yet")
	})
	if err != nil || !o.Held {
		return err
	}
	return m.hold(ctx, event)
}

// hold loads cluster.crm so that nothing starts. First with all resources stopped, until the peer, which pacemaker has
// never seen, is fenced (by st-null); then in maintenance mode, which also a reload of cluster.crm keeps.
func (m *Machine) hold(ctx context.Context, event func(string)) error {
	text, err := os.ReadFile(clusterCRM)
	if err != nil {
		return err
	}
	cfg, err := crmsyntax.Parse(clusterCRM, text, crmsyntax.Options{Agents: crmsyntax.OCFRoot("/usr/lib/ocf")})
	if err != nil {
		return err
	}
	setProperty(cfg, "stop-all-resources", "true")
	setProperty(cfg, "maintenance-mode", "false")
	live, err := m.run(ctx, "cibadmin", "--query")
	if err != nil {
		return fmt.Errorf("read the CIB: %w", err)
	}
	cib, err := cfg.ReplaceIn([]byte(live))
	if err != nil {
		return err
	}
	out, err := command.Run(ctx, command.Command{Name: "cibadmin", Args: []string{"--replace", "--scope", "configuration", "--xml-pipe"}, Env: m.environ, Stdin: string(cib)})
	if err != nil {
		return fmt.Errorf("load %s: %w %s", clusterCRM, err, out.Stderr)
	}
	event("loaded " + clusterCRM + "; nothing is started yet")
	err = retry(ctx, time.Minute, func(ctx context.Context) error {
		s, err := m.cluster(ctx)
		if err != nil {
			return err
		}
		for _, n := range s.Nodes {
			if n.Unclean {
				return fmt.Errorf("pacemaker has not settled the state of %s, which it has not seen yet", n.Name)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := m.property(ctx, "maintenance-mode", "true"); err != nil {
		return err
	}
	return m.property(ctx, "stop-all-resources", "false")
}

// setProperty sets a cluster option in a parsed configuration.
func setProperty(cfg *crmsyntax.Configuration, name, value string) {
	config := cfg.Element().SelectElement("crm_config")
	if config == nil {
		config = cfg.Element().CreateElement("crm_config")
	}
	set := config.SelectElement("cluster_property_set")
	if set == nil {
		set = config.CreateElement("cluster_property_set")
		set.CreateAttr("id", "cib-bootstrap-options")
	}
	for _, nv := range set.SelectElements("nvpair") {
		if nv.SelectAttrValue("name", "") == name {
			nv.CreateAttr("value", value)
			return
		}
	}
	nv := set.CreateElement("nvpair")
	nv.CreateAttr("id", "cib-bootstrap-options-"+name)
	nv.CreateAttr("name", name)
	nv.CreateAttr("value", value)
}

// property sets a cluster option in the live CIB.
func (m *Machine) property(ctx context.Context, name, value string) error {
	if _, err := m.run(ctx, "crm_attribute", "--type", "crm_config", "--name", name, "--update", value); err != nil {
		return fmt.Errorf("set %s=%s: %w", name, value, err)
	}
	return nil
}

func (m *Machine) cluster(ctx context.Context) (mon.State, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return mon.Query(ctx, m.environ)
}

// stopPacemaker stops both daemons.
func (m *Machine) stopPacemaker(ctx context.Context, _ migration.Order, _ *migration.Journal, _ func(string)) error {
	for _, u := range []string{"pacemaker.service", "corosync.service"} {
		if !exists("/lib/systemd/system/" + u) {
			continue
		}
		if _, err := m.run(ctx, "systemctl", "disable", u); err != nil {
			return fmt.Errorf("disable %s: %w", u, err)
		}
		if _, err := m.run(ctx, "systemctl", "stop", u); err != nil {
			return fmt.Errorf("stop %s: %w", u, err)
		}
	}
	return nil
}

// await waits until this node and its stack are well.
func (m *Machine) await(ctx context.Context, o migration.Order, event func(string)) error {
	if o.Direction == migration.Backward {
		return retry(ctx, 2*time.Minute, func(ctx context.Context) error {
			if state := m.resourceState(ctx); state == "" || state == "transition" {
				return fmt.Errorf("heartbeat has not settled: its resources are %q", state)
			}
			if o.Alone {
				return nil
			}
			out, err := m.run(ctx, "cl_status", "nodestatus", o.Peer)
			if err != nil || strings.TrimSpace(out) != "active" {
				return fmt.Errorf("heartbeat does not see %s: %s", o.Peer, strings.TrimSpace(out))
			}
			return nil
		})
	}
	event("waiting until the cluster has settled")
	return retry(ctx, 3*time.Minute, func(ctx context.Context) error {
		s, err := m.cluster(ctx)
		if err != nil {
			return err
		}
		for _, n := range s.Nodes {
			if !o.Alone && !n.Online {
				return fmt.Errorf("%s is not online", n.Name)
			}
		}
		for _, r := range s.Resources {
			if len(r.Path) > 0 && (r.Path[0].ID == "g_vips" || r.Path[0].ID == "g_ngcp") && (r.Role != "Started" || r.Failed) {
				return fmt.Errorf("%s is %s", r.ID, r.Role)
			}
		}
		return nil
	})
}
