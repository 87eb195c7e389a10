// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDaemonsOnly is the light form: two labs of the same addresses side by side, clusters without systemd.
func TestDaemonsOnly(t *testing.T) {
	for _, lab := range []string{"one", "other"} {
		t.Run(lab, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			c, _ := newLab(t, func(cfg *Config) { cfg.Daemons = true }, "node1", "node2")
			if err := c.Boot(within(t, time.Minute)); err != nil {
				t.Fatal(err)
			}
			times, err := c.Setup(within(t, 90*time.Second), lab, SetupOptions{})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("online after %v: %+v", time.Since(begin), times)
			n := c.Node("node1")
			expect(t, n, "hostname; corosync-cmapctl -g totem.cluster_name | cut -d' ' -f4; crm_node -l | wc -l", "node1\n"+lab+"\n2")
			expect(t, n, "cat /sys/class/dmi/id/chassis_asset_tag 2>/dev/null || true", readDMI())
			if err := c.Node("node2").Freeze(within(t, 5*time.Second)); err != nil {
				t.Fatal(err)
			}
			if err := c.Node("node2").Crash(within(t, 20*time.Second)); err != nil {
				t.Fatal(err)
			}
			if err := c.Boot(within(t, time.Minute), "node2"); err != nil {
				t.Fatal(err)
			}
			if err := c.WaitOnline(within(t, time.Minute)); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// readDMI is the tag of the machine that the test runs on: without Config.AssetTag a node sees no other.
func readDMI() string {
	b, _ := os.ReadFile("/sys/class/dmi/id/chassis_asset_tag")
	return strings.TrimSpace(string(b))
}

// TestStaleLabIsRemoved: the process that made a lab dies by SIGKILL. Its nodes live on, a second lab of that name
// replaces them, and a living lab of the same name is refused.
func TestStaleLabIsRemoved(t *testing.T) {
	c, b := newLab(t, func(cfg *Config) { cfg.Daemons = true }, "node1")
	if err := c.Boot(within(t, time.Minute)); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(c.dir)
	cfg := Config{Lab: c.Lab(), Dir: dir, Daemons: true, Network: b, Nodes: []NodeConfig{{Name: "node1", Address: "10.0.0.11"}}}
	if _, err := Create(t.Context(), cfg); !errors.Is(err, fs.ErrExist) {
		t.Fatalf("a second lab of a living lab's name: %v, want fs.ErrExist", err)
	}
	if stale, err := Stale(dir); stale || err != nil {
		t.Fatalf("a living lab is stale: %v %v", stale, err)
	}
	if _, err := os.Stat(c.Node("node1").root()); err != nil || c.Node("node1").State() != Up {
		t.Fatalf("the refused lab disturbed the living one: %v", err)
	}
	killed := exec.Command("sleep", "100")
	if err := killed.Start(); err != nil {
		t.Fatal(err)
	}
	state := c.state
	var err error
	if state.Owner, err = findProcess(killed.Process.Pid); err != nil {
		t.Fatal(err)
	}
	_ = killed.Process.Kill()
	_ = killed.Wait()
	if err := writeJSON(filepath.Join(c.dir, "cluster.json"), state); err != nil {
		t.Fatal(err)
	}
	old := c.Node("node1").PID()
	if stale, err := Stale(dir); !stale || err != nil || old == 0 {
		t.Fatalf("a lab whose process is dead is not stale: %v %v, node %d", stale, err, old)
	}
	if err := b.Detach(t.Context(), "node1"); err != nil { // what the fabric's own sweep does
		t.Fatal(err)
	}
	next, err := Create(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if next.Node("node1").PID() != 0 {
		t.Error("the new lab's node runs before it was booted")
	}
	if p, err := findProcess(old); err == nil && p.alive() {
		t.Errorf("process %d of the stale lab still runs", old)
	}
}

// TestNodeOutlivesItsMaker: whoever made and booted the nodes may die; they run on and are found by name.
func TestNodeOutlivesItsMaker(t *testing.T) {
	if file := os.Getenv("OCF_LAB_TEST_MAKER"); file != "" {
		var cfg Config
		b, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(b, &cfg)
		}
		if err != nil {
			t.Fatal(err)
		}
		c, err := Create(t.Context(), cfg)
		if err == nil {
			err = c.Boot(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		p, _ := os.FindProcess(os.Getpid())
		_ = p.Kill()
		time.Sleep(time.Minute)
	}
	if os.Geteuid() != 0 {
		t.Skip("nodes need root: namespaces and mounts")
	}
	lab := labName()
	br := newBridge(t, lab, map[string]string{"node1": "10.0.0.11/24"})
	netns, err := br.Attach(t.Context(), "node1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = br.Detach(context.Background(), "node1") })
	dir := filepath.Join(testBase, lab)
	cfg, _ := json.Marshal(Config{Lab: lab, Dir: dir, Daemons: true, Nodes: []NodeConfig{{Name: "node1", Address: "10.0.0.11", NetNS: netns}}})
	file := filepath.Join(t.TempDir(), "lab.json")
	if err := os.WriteFile(file, cfg, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := Remove(context.Background(), dir); err != nil {
			t.Error(err)
		}
		_ = br.Detach(context.Background(), "node1")
		checkNothingLeft(t, lab)
	})
	maker := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestNodeOutlivesItsMaker$")
	maker.Env = append(os.Environ(), "OCF_LAB_TEST_MAKER="+file)
	if out, err := maker.CombinedOutput(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("the maker was not killed: %v %s", err, out)
	}
	c, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, c.Node("node1"), "sleep 0.5; hostname; cat /proc/1/comm", "node1\nsh")
	if stale, err := Stale(dir); !stale || err != nil {
		t.Errorf("its maker is dead, yet the lab is not stale: %v %v", stale, err)
	}
	// Two that remove it at the same time do not get in each other's way.
	removed := make(chan error)
	for range 2 {
		go func() { removed <- Remove(t.Context(), dir) }()
	}
	for range 2 {
		if err := <-removed; err != nil {
			t.Error(err)
		}
	}
}

// TestTrustStore: the lab's CA is in the bundle and in OpenSSL's folder, and nowhere on the host.
func TestTrustStore(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ocf-lab test CA"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	c, _ := newLab(t, func(cfg *Config) { cfg.Daemons, cfg.CA = true, ca }, "node1")
	if err := c.Boot(within(t, time.Minute)); err != nil {
		t.Fatal(err)
	}
	n := c.Node("node1")
	if err := n.Install(t.Context(), map[string]File{"/root/ca.pem": {Content: ca}}); err != nil {
		t.Fatal(err)
	}
	const verify = "openssl verify -no-CApath -no-CAstore -CAfile /etc/ssl/certs/ca-certificates.crt /root/ca.pem; openssl verify -no-CAfile -no-CAstore -CApath /etc/ssl/certs /root/ca.pem"
	expect(t, n, verify, "/root/ca.pem: OK\n/root/ca.pem: OK")
	if b, err := os.ReadFile("/etc/ssl/certs/ca-certificates.crt"); err == nil && strings.Contains(string(b), string(ca)) {
		t.Error("the host trusts the lab's CA")
	}
}
