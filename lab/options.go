// SPDX-License-Identifier: Apache-2.0

package lab

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"ocf-oci/lab/cluster"
)

// DefaultName is the name of a lab that nobody named.
const DefaultName = "lab"

// ErrOptions marks an error that lies in the caller's Options.
var ErrOptions = errors.New("unusable option")

// nameRE keeps namespace, cgroup and socket names (108 bytes) short and readable.
var nameRE = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?$`)

// Options say what lab to bring up.
type Options struct {
	Name     string   `json:"name"` // default DefaultName
	Nodes    int      `json:"nodes"`
	Scenario Scenario `json:"scenario"` // default Router
	// Latency is added to every answer of the API; Propagation is the time until the network follows the API.
	Latency     time.Duration `json:"latency"`
	Propagation time.Duration `json:"propagation"`
	// Root is the tree below every node's file system; default "/".
	Root string `json:"root,omitempty"`
	// Bin is the folder with the programs to install in the nodes and with ocf-lab itself; default: the folder of
	// the running program.
	Bin string `json:"bin"`
	// Files are installed in every node besides those programs (absolute path in the node).
	Files map[string]cluster.File `json:"files,omitempty"`
	// Cluster forms the cluster too; see SetupCluster.
	Cluster bool `json:"cluster"`
	// Daemons boots nodes without systemd: corosync and pacemakerd only, no pcsd.
	Daemons bool `json:"daemons,omitempty"`
	// Progress gets a line for each step; nil is silent.
	Progress io.Writer `json:"-"`
}

// complete fills in defaults and refuses what cannot work.
func (o *Options) complete() error {
	if o.Name == "" {
		o.Name = DefaultName
	}
	if !nameRE.MatchString(o.Name) {
		return fmt.Errorf("%w: lab name %q: use up to 24 small letters, digits and inner dashes", ErrOptions, o.Name)
	}
	if o.Scenario == "" {
		o.Scenario = Router
	}
	if _, err := topology(o.Scenario, o.Nodes); err != nil {
		return fmt.Errorf("%w: %w", ErrOptions, err)
	}
	if o.Latency < 0 || o.Propagation < 0 {
		return fmt.Errorf("%w: latency %v and propagation %v must not be negative", ErrOptions, o.Latency, o.Propagation)
	}
	if o.Bin == "" {
		self, err := os.Executable()
		if err != nil {
			return fmt.Errorf("find the folder of this program: %w", err)
		}
		o.Bin = filepath.Dir(self)
	}
	if _, err := os.Stat(filepath.Join(o.Bin, "ocf-lab")); err != nil {
		return fmt.Errorf("the lab's daemon is ocf-lab, which is not in %s (make build puts it into build/bin): %w", o.Bin, err)
	}
	if o.Root != "" {
		if st, err := os.Stat(o.Root); err != nil || !st.IsDir() {
			return fmt.Errorf("%w: root %s must be a folder with a whole system in it: %w", ErrOptions, o.Root, orNotDir(err))
		}
	}
	return nil
}

func orNotDir(err error) error {
	if err == nil {
		return fmt.Errorf("not a folder")
	}
	return err
}

// installed maps the programs of a build to their places in a node.
var installed = map[string]string{
	"IPaddr2":        "/usr/lib/ocf/resource.d/oci/IPaddr2",
	"ping":           "/usr/lib/ocf/resource.d/oci/ping",
	"monit-services": "/usr/lib/ocf/resource.d/ngcp/monit-services",
	"oci-vip":        "/usr/sbin/oci-vip",
	"ngcp-ha":        "/usr/sbin/ngcp-ha",
}

// programs are the files to install in every node: what Bin has of our programs, then Files.
func (o Options) programs() map[string]cluster.File {
	files := map[string]cluster.File{}
	for name, path := range installed {
		source := filepath.Join(o.Bin, name)
		if st, err := os.Stat(source); err == nil && st.Mode().IsRegular() {
			files[path] = cluster.File{Source: source, Mode: 0o755}
		}
	}
	for path, f := range o.Files {
		files[path] = f
	}
	return files
}
