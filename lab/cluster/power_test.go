// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"strings"
	"testing"
	"time"
)

// TestNodeThatEndsByItself: reboot(2) inside a node (pacemaker's panic) ends that node and nothing else, and its next
// boot finds a fresh network, as a real machine's does.
func TestNodeThatEndsByItself(t *testing.T) {
	c, b := newLab(t, func(cfg *Config) { cfg.Daemons = true }, "node1")
	if err := c.Boot(within(t, time.Minute)); err != nil {
		t.Fatal(err)
	}
	n := c.Node("node1")
	expect(t, n, "ip addr add 10.0.0.100/24 dev ens3; ip -br -4 addr show dev ens3 | tr -s ' ' | cut -d' ' -f2-", "UP 10.0.0.11/24 10.0.0.100/24")
	_ = n.Command(within(t, 10*time.Second), "systemctl", "--force", "--force", "reboot").Run()
	if err := n.WaitDown(within(t, 10*time.Second)); err != nil {
		t.Fatal(err)
	}
	if n.State() != Down || b.detached["node1"] != 0 {
		t.Fatalf("after its own reboot: %v, detached %d times", n.State(), b.detached["node1"])
	}
	if err := n.Boot(within(t, time.Minute)); err != nil {
		t.Fatal(err)
	}
	if got := shell(t, n, "ip -br -4 addr show dev ens3"); strings.Contains(got, "10.0.0.100") || !strings.Contains(got, "10.0.0.11/24") {
		t.Errorf("addresses after the reboot: %s", got)
	}
}

// TestBootFailureIsTold: a node that cannot boot says why, and can be removed.
func TestBootFailureIsTold(t *testing.T) {
	c, _ := newLab(t, func(cfg *Config) {
		cfg.Daemons, cfg.Network = true, nil
		cfg.Nodes[0].NetNS = "/run/netns/no-such-namespace"
	}, "node1")
	err := c.Boot(within(t, 20*time.Second))
	if err == nil || !strings.Contains(err.Error(), "no-such-namespace") || !strings.Contains(err.Error(), "node1") {
		t.Errorf("got %v", err)
	}
	if c.Node("node1").State() != Down {
		t.Error("a node that did not boot is up")
	}
}
