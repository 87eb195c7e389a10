// SPDX-License-Identifier: Apache-2.0

package packages

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func needsRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
}

// An empty root: nothing but what the packages bring. No Oracle Linux packages can be had here, so --nodeps; without a
// shell there are no scriptlets, those are TestScriptlets.
func TestRPMsInAnEmptyRoot(t *testing.T) {
	needsRoot(t)
	b := first(t)
	root := t.TempDir()
	options := []string{"--root", root, "--dbpath", "/var/lib/rpm", "--force-debian", "--nodeps", "--noscripts"}
	rpm := func(args ...string) string {
		t.Helper()
		return run(t, slices.Concat([]string{"rpm"}, options, args)...)
	}
	rpm("-i", b.rpm("resource-agents-oci"), b.rpm("ngcp-ha"))
	if out := rpm("-V", "resource-agents-oci", "ngcp-ha"); out != "" {
		t.Errorf("rpm -V: %s", out)
	}
	for _, p := range programs(t) {
		if out := run(t, "chroot", root, p, "--version"); !strings.Contains(out, version(t)) {
			t.Errorf("%s --version in the empty root: %q", p, out)
		}
	}
	for _, agent := range []string{"oci/IPaddr2", "oci/ping", "ngcp/monit-services"} {
		if out := run(t, "chroot", root, "/usr/lib/ocf/resource.d/"+agent, "meta-data"); !strings.Contains(out, "</resource-agent>") {
			t.Errorf("%s meta-data in the empty root: %q", agent, out)
		}
	}
	config := filepath.Join(root, "etc/ocf-oci/ready.conf")
	changed := "OPTIONS=--textfile /var/tmp/x.prom\n"
	if err := os.WriteFile(config, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	// Verification sees a change of the administrator, and an upgrade keeps it.
	if out, err := exec.Command("rpm", append(options, "-V", "resource-agents-oci")...).CombinedOutput(); err == nil || !strings.Contains(string(out), "c /etc/ocf-oci/ready.conf") {
		t.Errorf("rpm -V does not see a changed configuration: %v %q", err, out)
	}
	next := second(t)
	rpm("-U", next.rpm("resource-agents-oci"), next.rpm("ngcp-ha"))
	if got, err := os.ReadFile(config); err != nil || string(got) != changed {
		t.Errorf("after the upgrade %s is %q, %v", config, got, err)
	}
	if out := run(t, "chroot", root, "/usr/sbin/oci-vip", "--version"); !strings.Contains(out, next.version) {
		t.Errorf("oci-vip --version after the upgrade: %q", out)
	}
	rpm("-e", "resource-agents-oci", "ngcp-ha")
	if left := files(t, root); !slices.Equal(left, []string{"/etc/ocf-oci/ready.conf.rpmsave"}) {
		t.Errorf("left after the removal: %q", left)
	}
}

// files lists what is in a root but folders and rpm's own database.
func files(t *testing.T, root string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(root, func(name string, d os.DirEntry, err error) error {
		rel := strings.TrimPrefix(name, root)
		if err == nil && !d.IsDir() && !strings.HasPrefix(rel, "/var/lib/rpm/") {
			out = append(out, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The scriptlets with the real systemctl: in this machine's system below an overlay, in which nothing is written to it.
func TestScriptlets(t *testing.T) {
	needsRoot(t)
	b := first(t)
	root := overlay(t, "/")
	enabled := func() bool {
		out, _ := exec.Command("chroot", root, "systemctl", "is-enabled", "oci-vip-ready.timer").CombinedOutput()
		return strings.TrimSpace(string(out)) == "enabled"
	}
	rpm := func(args ...string) {
		t.Helper()
		if out := run(t, append([]string{"rpm", "--root", root, "--dbpath", "/var/lib/rpm", "--force-debian", "--nodeps"}, args...)...); strings.TrimSpace(out) != "" {
			t.Errorf("rpm %s says %q", strings.Join(args, " "), out)
		}
	}
	if enabled() {
		t.Fatal("the timer is enabled before the package is there")
	}
	rpm("-i", b.rpm("resource-agents-oci"))
	if !enabled() {
		t.Error("the timer is not enabled after the installation")
	}
	run(t, "chroot", root, "systemctl", "disable", "oci-vip-ready.timer")
	rpm("-U", "--force", b.rpm("resource-agents-oci")) // the same version stands for the next
	if enabled() {
		t.Error("an upgrade has enabled the timer again, which the administrator had disabled")
	}
	run(t, "chroot", root, "systemctl", "enable", "oci-vip-ready.timer")
	rpm("-e", "resource-agents-oci")
	if _, err := os.Lstat(root + "/etc/systemd/system/timers.target.wants/oci-vip-ready.timer"); err == nil {
		t.Error("the timer's link is left after the removal")
	}
}

// overlay is the tree lower, with what is written to it in memory.
func overlay(t *testing.T, lower string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=2g"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { run(t, "umount", dir) })
	for _, d := range []string{"upper", "work", "root"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	root := filepath.Join(dir, "root")
	if err := unix.Mount("overlay", root, "overlay", 0, "lowerdir="+lower+",upperdir="+dir+"/upper,workdir="+dir+"/work"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { run(t, "umount", root) })
	return root
}
