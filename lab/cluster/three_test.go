// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"testing"
	"time"
)

// TestThreeNodesOnlineIn30s is the promise of issue 2, measured from nothing to a cluster with quorum.
func TestThreeNodesOnlineIn30s(t *testing.T) {
	begin := time.Now()
	c, _ := newLab(t, func(cfg *Config) { cfg.AssetTag = OracleCloud }, "vrouter1", "vrouter2", "vrouter3")
	created := time.Now()
	if err := c.Boot(within(t, time.Minute)); err != nil {
		t.Fatal(err)
	}
	booted := time.Now()
	times, err := c.Setup(within(t, 2*time.Minute), "virtualrouter", SetupOptions{Enable: true})
	if err != nil {
		t.Fatal(err)
	}
	total := time.Since(begin)
	t.Logf("created %v, booted %v, setup %+v, total %v", created.Sub(begin), booted.Sub(created), times, total)
	if total > 30*time.Second {
		t.Errorf("three nodes took %v to be online, want at most 30s", total)
	}
}
