// SPDX-License-Identifier: Apache-2.0

package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// need is a program that a lab runs, and the Debian package it comes in.
type need struct {
	path, packageName string
}

// hostNeeds run on this machine, nodeNeeds inside the nodes, whose file system is Options.Root or this machine's.
var (
	hostNeeds = []need{
		{"/usr/sbin/nft", "nftables"}, {"/usr/bin/nsenter", "util-linux"}, {"/usr/bin/unshare", "util-linux"},
	}
	daemonNeeds = []need{
		{"/usr/sbin/corosync", "corosync"}, {"/usr/sbin/pacemakerd", "pacemaker"}, {"/usr/sbin/crm_mon", "pacemaker-cli-utils"},
	}
	systemNeeds = []need{{"/lib/systemd/systemd", "systemd"}, {"/usr/sbin/pcs", "pcs"}}
)

// preflight names what is not installed, before anything is made.
func (o Options) preflight() error {
	missing := absent("/", hostNeeds)
	root := o.Root
	if root == "" {
		root = "/"
	}
	missing = append(missing, absent(root, daemonNeeds)...)
	if !o.Daemons {
		missing = append(missing, absent(root, systemNeeds)...)
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("not installed: %s (make setup installs what a lab needs)", strings.Join(missing, ", "))
}

func absent(root string, needs []need) []string {
	var missing []string
	for _, n := range needs {
		// A link may be absolute within another root.
		if _, err := os.Lstat(filepath.Join(root, n.path)); err != nil {
			missing = append(missing, fmt.Sprintf("%s (package %s)", filepath.Join(root, n.path), n.packageName))
		}
	}
	return missing
}
