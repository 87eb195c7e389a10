// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
)

// BaseDir holds one folder per lab.
const BaseDir = "/run/ocf-lab"

// OracleCloud is the DMI chassis asset tag by which an OCI instance is known.
const OracleCloud = "OracleCloud.com"

// DefaultPassword is hacluster's password in every node unless Config says otherwise.
const DefaultPassword = "ocf-lab"

// Config describes the nodes of one lab.
type Config struct {
	Lab      string          // name: letters, digits and dashes, at most 32
	Dir      string          // the lab's folder; default BaseDir/Lab. This package keeps to its subfolder "cluster"
	Nodes    []NodeConfig    // at least one
	Hosts    []string        // more /etc/hosts lines in every node ("192.0.2.10 iaas.ca-toronto-1.oraclecloud.com")
	CA       []byte          // PEM certificates to trust in every node; nil: none
	AssetTag string          // DMI chassis asset tag seen in the nodes; empty: DMI as the kernel has it
	Files    map[string]File // absolute path in the node -> what to install there, in every node
	Root     string          // tree below every node's overlay; default "/"
	Password string          // hacluster's; default DefaultPassword
	Units    []string        // systemd units enabled in every node besides pcsd.service ("monit.service")
	Daemons  bool            // no systemd: process 1 starts corosync and pacemakerd only. For tests that need no more
	Network  Network         // nil: NodeConfig.NetNS is used as it stands
}

// NodeConfig is one node.
type NodeConfig struct {
	Name    string          // host name, cluster node name
	Address string          // the address by which the nodes know each other (corosync ring, pcsd)
	NetNS   string          // path of the network namespace (/run/netns/X) when Config.Network is nil
	Files   map[string]File // in this node only; wins over Config.Files
}

// File is something installed into a node.
type File struct {
	Source  string      // path on the host; empty: Content is used
	Content []byte      // the bytes, when Source is empty
	Mode    fs.FileMode // permission bits; 0: those of Source, or 0644
}

// Network gives nodes their network namespace. Methods are called concurrently for different nodes.
type Network interface {
	// Attach is called before each boot: it makes the node's network namespace with its interfaces and returns the
	// namespace's path. It must succeed when the namespace is there already.
	Attach(ctx context.Context, node string) (netns string, err error)
	// Detach is called after every process of the node is dead (crash, shutdown, remove): it takes the interfaces
	// and the namespace away. It must succeed when they are gone already.
	Detach(ctx context.Context, node string) error
}

// A host name is a DNS label; the lab's name goes into paths and cgroups.
var nameRE = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$`)

// complete fills in defaults and says what is wrong with a configuration.
func (c *Config) complete() error {
	if !nameRE.MatchString(c.Lab) {
		return fmt.Errorf("lab name %q: use letters, digits and inner dashes, at most 32", c.Lab)
	}
	if c.Dir == "" {
		c.Dir = filepath.Join(BaseDir, c.Lab)
	}
	if c.Root == "" {
		c.Root = "/"
	}
	if c.Password == "" {
		c.Password = DefaultPassword
	}
	if len(c.Nodes) == 0 {
		return fmt.Errorf("lab %s has no nodes: name at least one", c.Lab)
	}
	seen := map[string]bool{}
	for _, n := range c.Nodes {
		if !nameRE.MatchString(n.Name) {
			return fmt.Errorf("node name %q: use letters, digits and inner dashes, at most 32", n.Name)
		}
		if seen[n.Name] {
			return fmt.Errorf("node name %s is used twice in lab %s", n.Name, c.Lab)
		}
		seen[n.Name] = true
		if n.Address == "" {
			return fmt.Errorf("node %s has no address: give the one its peers reach it by", n.Name)
		}
		if n.NetNS == "" && c.Network == nil {
			return fmt.Errorf("node %s has no network namespace: set NetNS, or Network for the whole lab", n.Name)
		}
	}
	for _, dir := range []string{c.Dir, c.Root} {
		// These characters separate options in overlayfs's mount data.
		if !filepath.IsAbs(dir) || strings.ContainsAny(dir, ",:\\\n") {
			return fmt.Errorf("folder %q must be absolute and without comma, colon or backslash", dir)
		}
	}
	return nil
}
