// SPDX-License-Identifier: Apache-2.0

package packages

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tree is a Debian release in build/trees, made when it is missing (a few minutes each).
func tree(t *testing.T, suite string) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join(repository, "build/trees", suite))
	if err != nil {
		t.Fatal(err)
	}
	run(t, repository+"/lab/debian-tree", suite, dir)
	return dir
}

// Fresh systems, on which apt finds the dependencies itself: the packages install, do what packaging/deb/tests/agents asks of them,
// and leave nothing when they are removed.
func TestFreshDebian(t *testing.T) {
	if os.Getenv("OCF_SOAK") == "" {
		t.Skip("make soak")
	}
	needsRoot(t)
	b := first(t)
	for _, suite := range []string{"bookworm", "trixie"} {
		t.Run(suite, func(t *testing.T) {
			root := overlay(t, tree(t, suite))
			for _, pkg := range packageNames {
				copyFile(t, b.deb(pkg), filepath.Join(root, "root", filepath.Base(b.deb(pkg))), 0o644)
			}
			copyFile(t, repository+"/packaging/deb/tests/agents", root+"/root/agents", 0o755)
			inside := func(line string) string {
				t.Helper()
				script := "mount -t proc proc /proc && mount --rbind /dev /dev && cd /root && export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C && " + line
				out, err := exec.Command("unshare", "--mount", "--pid", "--fork", "--propagation", "private", "chroot", root, "sh", "-c", script).CombinedOutput()
				if err != nil {
					t.Fatalf("%s: %v\n%s", line, err, tail(string(out)))
				}
				return string(out)
			}
			inside("apt-get update -qq")
			inside("apt-get install -y -qq --no-install-recommends pacemaker pacemaker-cli-utils pcs crmsh resource-agents iproute2 man-db libxml2-utils iputils-ping systemd")
			before := files(t, root)
			inside("apt-get install -y -qq --no-install-recommends ./resource-agents-oci_*.deb ./ngcp-ha_*.deb")
			t.Log(tail(inside("./agents")))
			if out := strings.TrimSpace(inside("systemctl is-enabled oci-vip-ready.timer")); out != "enabled" {
				t.Errorf("the timer is %s", out)
			}
			inside("apt-get purge -y -qq resource-agents-oci ngcp-ha")
			for _, f := range files(t, root) {
				if !slices.Contains(before, f) && !transient(f) {
					t.Errorf("left after the removal: %s", f)
				}
			}
		})
	}
}

// transient tells what the system's own programs write whenever they run.
func transient(name string) bool {
	for _, dir := range []string{"/var/cache/", "/var/log/", "/var/lib/dpkg/", "/var/lib/apt/", "/root/.", "/tmp/", "/run/", "/proc/", "/dev/", "/usr/lib/python3/", "/usr/share/pcsd/"} {
		if strings.HasPrefix(name, dir) {
			return true
		}
	}
	return false
}

func copyFile(t *testing.T, from, to string, mode os.FileMode) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// tail is the end of a long text.
func tail(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-60):], "\n")
}
