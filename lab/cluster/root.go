// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

// prepare mounts the node's root and makes it a machine of its own: nothing of the host's cluster, names or
// services is left, and only what a cluster node runs is enabled.
func (n *Node) prepare(ctx context.Context, cfg Config, files map[string]File) error {
	if err := os.Mkdir(n.dir, 0o755); err != nil {
		return err
	}
	if err := writeJSON(n.stateFile(), nodeState{NetNS: n.fixedNetNS, Since: time.Now()}); err != nil {
		return err
	}
	if err := n.mountRoot(cfg.Root); err != nil {
		return err
	}
	t := tree(n.root())
	steps := []func() error{
		func() error { return t.forget(cfg.Daemons) },
		func() error { return t.identity(n, cfg) },
		func() error { return t.units(cfg.Units) },
		func() error { return t.trust(ctx, cfg.CA) },
		func() error { return t.password(ctx, cfg.Password) },
		func() error { return t.pcsdCertificate(ctx, n.name) },
	}
	for _, step := range steps {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		if err := step(); err != nil {
			return err
		}
	}
	all := maps.Clone(cfg.Files)
	if all == nil {
		all = map[string]File{}
	}
	maps.Copy(all, files)
	return n.Install(ctx, all)
}

// forget removes what the lower tree knows of a cluster, of its host and of what it mounts and starts.
func (t tree) forget(daemons bool) error {
	for _, dir := range []string{
		"/var/lib/pacemaker/cib", "/var/lib/pacemaker/pengine", "/var/lib/pacemaker/blackbox", "/var/lib/pacemaker/cores",
		"/var/lib/pcsd", "/var/lib/corosync", "/var/log/pacemaker", "/var/log/corosync", "/var/log/cluster", "/var/log/pcsd",
		"/var/log/journal", "/var/lib/systemd/timers", "/etc/sysctl.d", "/etc/modules-load.d",
		"/etc/systemd/system", "/etc/systemd/network", "/etc/systemd/system.conf.d", "/etc/systemd/journald.conf.d",
		"/etc/rc0.d", "/etc/rc1.d", "/etc/rc2.d", "/etc/rc3.d", "/etc/rc4.d", "/etc/rc5.d", "/etc/rc6.d", "/etc/rcS.d",
	} {
		if err := t.empty(dir); err != nil {
			return err
		}
	}
	for _, file := range []string{
		"/etc/corosync/corosync.conf", "/etc/corosync/authkey", "/etc/pacemaker/authkey", "/etc/fstab", "/etc/crypttab",
		"/etc/sysctl.conf", "/etc/modules", "/etc/resolv.conf", "/etc/machine-id", "/var/lib/dbus/machine-id",
		"/etc/hostname", "/etc/hosts", "/.dockerenv",
		"/usr/sbin/policy-rc.d", // an image's, so that packages start nothing: in a node they do
	} {
		if err := t.remove(file); err != nil {
			return err
		}
	}
	if _, err := t.read("/lib/systemd/systemd"); err != nil && !daemons {
		return fmt.Errorf("the node's root has no systemd: install package systemd there: %w", err)
	}
	return nil
}

// identity gives the machine its names and the look-up files: everything comes from files, since a look-up that goes to a
// name server would hang until its time-out.
func (t tree) identity(n *Node, cfg Config) error {
	hosts := strings.Builder{}
	hosts.WriteString("127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n")
	for _, other := range cfg.Nodes {
		fmt.Fprintf(&hosts, "%s %s\n", other.Address, other.Name)
	}
	for _, line := range cfg.Hosts {
		hosts.WriteString(line + "\n")
	}
	// Without a machine-id systemd takes the boot for the first one and enables units by preset.
	id := sha256.Sum256(fmt.Appendf(nil, "ocf-lab %s %s %d %d", cfg.Lab, n.name, os.Getpid(), time.Now().UnixNano()))
	machine := hex.EncodeToString(id[:16]) + "\n"
	nsswitch, err := t.read("/etc/nsswitch.conf")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for name, content := range map[string]string{
		"/etc/hostname":      n.name + "\n",
		"/etc/hosts":         hosts.String(),
		"/etc/resolv.conf":   "# No name server: names come from /etc/hosts.\n",
		"/etc/nsswitch.conf": filesOnly(string(nsswitch)),
		"/etc/machine-id":    machine,
		"/etc/fstab":         "# A lab node mounts nothing.\n",
	} {
		if err := t.text(name, content); err != nil {
			return err
		}
	}
	return nil
}

var hostsLineRE = regexp.MustCompile(`(?m)^hosts:.*$`)

// filesOnly makes an nsswitch.conf look up host names in files only.
func filesOnly(nsswitch string) string {
	if hostsLineRE.MatchString(nsswitch) {
		return hostsLineRE.ReplaceAllString(nsswitch, "hosts: files")
	}
	return nsswitch + "\nhosts: files\n"
}

// trust adds certificates as update-ca-certificates(8) would: the local file, the bundle, and the name and hash links
// of OpenSSL's folder. Running that program itself rebuilds everything and takes seconds per node.
func (t tree) trust(ctx context.Context, ca []byte) error {
	if len(ca) == 0 {
		return nil
	}
	const bundle, local = "/etc/ssl/certs/ca-certificates.crt", "/usr/local/share/ca-certificates/ocf-lab.crt"
	if block, _ := pem.Decode(ca); block == nil {
		return errors.New("trust the lab's CA: Config.CA holds no PEM block")
	}
	old, err := t.read(bundle)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := t.text(local, string(ca)); err != nil {
		return err
	}
	if err := t.text(bundle, strings.TrimRight(string(old), "\n")+"\n"+strings.TrimLeft(string(ca), "\n")); err != nil {
		return err
	}
	if err := t.symlink(local, "/etc/ssl/certs/ocf-lab.pem"); err != nil {
		return err
	}
	out, err := exec.CommandContext(ctx, "chroot", string(t), "openssl", "x509", "-noout", "-subject_hash", "-in", local).Output()
	if err != nil {
		return nil // no openssl program there: then nothing uses its folder of hashes
	}
	return t.symlink("ocf-lab.pem", "/etc/ssl/certs/"+strings.TrimSpace(string(out))+".0")
}

// password sets hacluster's. Few rounds: pcs checks it on every host auth, and it guards nothing but the lab.
func (t tree) password(ctx context.Context, password string) error {
	cmd := exec.CommandContext(ctx, "chroot", string(t), "chpasswd", "-c", "SHA512", "-s", "1000")
	cmd.Env = []string{"PATH=" + nodePath}
	cmd.Stdin = strings.NewReader("hacluster:" + password + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("set hacluster's password (does the node's root have package pacemaker?): %w: %s", err, out)
	}
	return nil
}
