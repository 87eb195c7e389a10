// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestOtherRoots runs a cluster on each other tree named in OCF_LAB_ROOTS (folders made by debootstrap with systemd,
// dbus, pcs, pacemaker and corosync, as the soak run's version matrix makes them), separated by colons.
func TestOtherRoots(t *testing.T) {
	roots := filepath.SplitList(os.Getenv("OCF_LAB_ROOTS"))
	if len(roots) == 0 {
		t.Skip("OCF_LAB_ROOTS names no trees")
	}
	for _, root := range roots {
		t.Run(filepath.Base(root), func(t *testing.T) {
			c, _ := newLab(t, func(cfg *Config) { cfg.Root, cfg.AssetTag = root, OracleCloud }, "node1", "node2")
			begin := time.Now()
			if err := c.Boot(within(t, 2*time.Minute)); err != nil {
				t.Fatal(err)
			}
			node1, node2 := c.Node("node1"), c.Node("node2")
			t.Logf("booted in %v: %s", time.Since(begin), shell(t, node1, "systemctl is-system-running; systemctl --failed --no-legend; grep PRETTY /etc/os-release; pcs --version; pacemakerd --version | head -1; systemctl --version | head -1"))
			expect(t, node1, "systemctl is-system-running", "running")
			expect(t, node1, "cat /sys/class/dmi/id/chassis_asset_tag", OracleCloud)
			times, err := c.Setup(within(t, 3*time.Minute), "matrix", SetupOptions{Enable: true})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("online: %+v", times)
			if err := node2.Crash(within(t, 20*time.Second)); err != nil {
				t.Fatal(err)
			}
			if err := c.WaitOnline(within(t, time.Minute)); err != nil {
				t.Fatal(err)
			}
			if err := c.Boot(within(t, 2*time.Minute), "node2"); err != nil {
				t.Fatal(err)
			}
			if err := c.WaitOnline(within(t, time.Minute)); err != nil {
				t.Fatal(err)
			}
			if err := node1.WaitSettled(within(t, time.Minute)); err != nil {
				t.Fatal(err)
			}
		})
	}
}
