// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestTreeStaysInside: absolute links and parent references in a node's root lead nowhere outside of it.
func TestTreeStaysInside(t *testing.T) {
	outside, inside := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "precious"), []byte("host"), 0o644); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{"abs": outside, "up": "../../../../../../" + outside, "etc": "/real/etc"} {
		if err := os.Symlink(target, filepath.Join(inside, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(inside, "real/etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	root := tree(inside)
	for _, link := range []string{"/abs", "/up"} {
		if err := root.text(link+"/precious", "node"); err == nil {
			t.Errorf("%s: written through a link to nowhere", link)
		}
		if b, err := root.read(link + "/precious"); err == nil {
			t.Errorf("%s: read %q from outside", link, b)
		}
		if err := root.empty(link); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
		if err := root.remove(link + "/precious"); err != nil {
			t.Error(err)
		}
	}
	if b, err := os.ReadFile(filepath.Join(outside, "precious")); string(b) != "host" {
		t.Errorf("the file outside: %q %v", b, err)
	}
	// An absolute link that leads somewhere inside is followed there.
	if err := root.text("/etc/new/hosts", "node"); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(inside, "real/etc/new/hosts")); string(b) != "node" {
		t.Errorf("written through an inner link: %q %v", b, err)
	}
	if b, err := root.read("/etc/new/hosts"); string(b) != "node" || err != nil {
		t.Errorf("read back: %q %v", b, err)
	}
	if names, err := root.list("/etc/new"); err != nil || strings.Join(names, " ") != "hosts" {
		t.Errorf("left in the folder: %v %v", names, err)
	}
}

func TestFilesOnly(t *testing.T) {
	for in, want := range map[string]string{
		"passwd: files\nhosts:          files dns\nnetworks: files\n": "passwd: files\nhosts: files\nnetworks: files\n",
		"hosts: mymachines resolve [!UNAVAIL=return] files dns":       "hosts: files",
		"": "\nhosts: files\n",
	} {
		if got := filesOnly(in); got != want {
			t.Errorf("filesOnly(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestUnescapeOctal(t *testing.T) {
	for in, want := range map[string]string{`/a\040b`: "/a b", `/a\134`: `/a\`, `/plain`: "/plain", `/end\04`: `/end\04`} {
		if got := unescapeOctal(in); got != want {
			t.Errorf("unescapeOctal(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestConfigRefusals(t *testing.T) {
	good := func() Config {
		return Config{Lab: "lab", Nodes: []NodeConfig{{Name: "node1", Address: "10.0.0.1", NetNS: "/run/netns/x"}}}
	}
	c := good()
	if err := c.complete(); err != nil || c.Dir != BaseDir+"/lab" || c.Root != "/" || c.Password != DefaultPassword {
		t.Errorf("defaults: %+v %v", c, err)
	}
	for name, spoil := range map[string]func(*Config){
		"lab name with a slash": func(c *Config) { c.Lab = "a/b" },
		"empty lab name":        func(c *Config) { c.Lab = "" },
		"no nodes":              func(c *Config) { c.Nodes = nil },
		"node twice":            func(c *Config) { c.Nodes = append(c.Nodes, c.Nodes[0]) },
		"node name with a dot":  func(c *Config) { c.Nodes[0].Name = "../x" },
		"no address":            func(c *Config) { c.Nodes[0].Address = "" },
		"no namespace":          func(c *Config) { c.Nodes[0].NetNS = "" },
		"relative folder":       func(c *Config) { c.Dir = "lab" },
		"colon in the root":     func(c *Config) { c.Root = "/a:b" },
	} {
		c := good()
		spoil(&c)
		if err := c.complete(); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// TestOverlayOfMountsAndPrivateFolders: a disk mounted in the lower tree is seen, people's folders are not, and nothing
// that is written reaches the lower tree.
func TestOverlayOfMountsAndPrivateFolders(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounts need root")
	}
	lower, other := t.TempDir(), t.TempDir()
	for _, f := range []string{lower + "/usr/tool", lower + "/root/.oci/config", lower + "/var/hidden", other + "/lib/data", other + "/tmp/private"} {
		if err := os.MkdirAll(filepath.Dir(f), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f, []byte("host"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Mount(other, lower+"/var", "", unix.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	n := &Node{name: "n", dir: t.TempDir()}
	t.Cleanup(func() {
		for _, dir := range []string{n.dir, lower} {
			if err := unmountBelow(dir); err != nil {
				t.Error(err)
			}
		}
	})
	var st unix.Statfs_t
	if err := unix.Statfs(other, &st); err != nil || st.Type == unix.TMPFS_MAGIC {
		t.Skip("the temporary folder is in memory: no disk to mount")
	}
	if err := n.mountRoot(lower); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"usr/tool": "host", "var/lib/data": "host", "var/hidden": "", "root/.oci/config": "", "var/tmp/private": ""} {
		b, err := os.ReadFile(filepath.Join(n.root(), name))
		if string(b) != want || (err != nil) != (want == "") {
			t.Errorf("%s in the node: %q %v, want %q", name, b, err, want)
		}
		if err := tree(n.root()).text("/"+name, "node"); err != nil {
			t.Error(err)
		}
	}
	for _, f := range []string{lower + "/usr/tool", lower + "/root/.oci/config", other + "/lib/data", other + "/tmp/private"} {
		if b, err := os.ReadFile(f); string(b) != "host" {
			t.Errorf("%s on the host: %q %v", f, b, err)
		}
	}
}
