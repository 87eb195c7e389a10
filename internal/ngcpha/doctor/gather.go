// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"ocf-oci/internal/monit"
	"ocf-oci/internal/ngcpconfig"
	"ocf-oci/internal/pacemaker/cib"
)

// Files are where a node keeps what is looked at.
type Files struct {
	Corosync  string // /etc/corosync/corosync.conf
	NGCP      string // /etc/ngcp-config/config.yml
	OCF       string // /usr/lib/ocf/resource.d
	Heartbeat string // the program of Heartbeat 2
}

// DefaultFiles are those of Debian and Oracle Linux.
var DefaultFiles = Files{Corosync: "/etc/corosync/corosync.conf", NGCP: "/etc/ngcp-config/config.yml", OCF: "/usr/lib/ocf/resource.d", Heartbeat: "/usr/lib/heartbeat/heartbeat"}

// Gather looks at this machine. group is the services' group at monit.
func Gather(files Files, c *cib.CIB, name, group string) Node {
	n := Node{Name: name}
	cannot := func(err error) { n.Unreadable = append(n.Unreadable, err.Error()) }
	if text, err := os.ReadFile(files.Corosync); err == nil {
		conf := ParseCorosync(text)
		n.Corosync = &conf
	} else if !errors.Is(err, fs.ErrNotExist) {
		cannot(err)
	}
	if text, err := os.ReadFile(files.NGCP); err == nil {
		for key, value := range map[string]*string{"gcs": &n.GCS, "crm": &n.CRM} {
			if *value, _, err = ngcpconfig.Get(files.NGCP, text, "ha", key); err != nil {
				cannot(err)
			}
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		cannot(err)
	}
	if _, err := os.Stat(files.Heartbeat); err == nil {
		n.Heartbeat = true
	}
	n.Missing = missingAgents(files.OCF, c, cannot)
	n.AtBoot = startedAtBoot(c, group, cannot)
	return n
}

func missingAgents(dir string, c *cib.CIB, cannot func(error)) []string {
	var missing []string
	for _, p := range c.Primitives() {
		if p.Class != "ocf" || slices.Contains(missing, p.Agent()) {
			continue
		}
		if p.Provider == "pacemaker" && p.Type == "remote" {
			continue // built into pacemaker
		}
		info, err := os.Stat(filepath.Join(dir, p.Provider, p.Type))
		switch {
		case errors.Is(err, fs.ErrNotExist), err == nil && info.Mode().Perm()&0o111 == 0:
			missing = append(missing, p.Agent())
		case err != nil:
			cannot(fmt.Errorf("looking for agent %s: %w", p.Agent(), err))
		}
	}
	return missing
}

// startedAtBoot are the services that monit does not leave to the cluster. Only a cluster that has its services run by
// the monit agent is asked.
func startedAtBoot(c *cib.CIB, group string, cannot func(error)) []string {
	if !slices.ContainsFunc(c.Primitives(), func(p cib.Primitive) bool { return p.Type == "monit-services" }) {
		return nil
	}
	file, err := monit.FindControlFile()
	if err != nil {
		return nil // systemd runs them
	}
	config, err := monit.ReadConfig(file)
	if err != nil {
		cannot(fmt.Errorf("reading monit's configuration: %w", err))
		return nil
	}
	var started []string
	for _, name := range config.Group(group) {
		if d, ok := config.Service(name); ok && !d.NoStart && (d.Type == monit.Process || d.Type == monit.Program) {
			started = append(started, name)
		}
	}
	return started
}
