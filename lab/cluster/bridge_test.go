// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// bridge is a Network for tests: one switch in a namespace of its own, one veth per node, made by iproute2.
type bridge struct {
	lab       string
	addresses map[string]string // node -> prefix on ens3

	mu       sync.Mutex
	attached map[string]int // how often each node was attached
	detached map[string]int
}

func newBridge(t *testing.T, lab string, addresses map[string]string) *bridge {
	t.Helper()
	b := &bridge{lab: lab, addresses: addresses, attached: map[string]int{}, detached: map[string]int{}}
	ctx := t.Context()
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", b.lab).Run() })
	b.must(t, ctx, "ip netns add %s", lab)
	b.must(t, ctx, "ip -n %s link add br0 type bridge", lab)
	b.must(t, ctx, "ip -n %s link set br0 up", lab)
	return b
}

func (b *bridge) ip(ctx context.Context, format string, args ...any) error {
	argv := strings.Fields(fmt.Sprintf(format, args...))
	if out, err := exec.CommandContext(ctx, argv[0], argv[1:]...).CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w: %s", argv, err, out)
	}
	return nil
}

func (b *bridge) must(t *testing.T, ctx context.Context, format string, args ...any) {
	t.Helper()
	if err := b.ip(ctx, format, args...); err != nil {
		t.Fatal(err)
	}
}

func (b *bridge) Attach(ctx context.Context, node string) (string, error) {
	ns, port := b.lab+"-"+node, "p-"+node
	for _, line := range []string{
		"ip netns add " + ns,
		"ip -n " + ns + " link set lo up",
		fmt.Sprintf("ip -n %s link add %s type veth peer name ens3 netns %s", b.lab, port, ns),
		fmt.Sprintf("ip -n %s link set %s master br0 up", b.lab, port),
		fmt.Sprintf("ip -n %s addr add %s dev ens3", ns, b.addresses[node]),
		"ip -n " + ns + " link set ens3 up",
	} {
		if err := b.ip(ctx, "%s", line); err != nil {
			return "", err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.attached[node]++
	return "/run/netns/" + ns, nil
}

func (b *bridge) Detach(ctx context.Context, node string) error {
	ns := b.lab + "-" + node
	if _, err := os.Stat("/run/netns/" + ns); err != nil {
		return nil
	}
	// The namespace lives on while a frozen or dying process is in it; the interface must be gone at once.
	if err := b.ip(ctx, "ip -n %s link del p-%s", b.lab, node); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.detached[node]++
	return b.ip(ctx, "ip netns del %s", ns)
}

// testBase keeps these tests' labs apart from those that somebody made with ocf-lab.
const testBase = BaseDir + "-test"

// sweep removes what a killed test run left: labs, and the namespaces of newBridge.
func sweep() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	gone, err := Sweep(ctx, testBase)
	for _, dir := range gone {
		lab := filepath.Base(dir)
		namespaces, _ := filepath.Glob("/run/netns/" + lab + "-*")
		own, _ := filepath.Glob("/run/netns/" + lab)
		for _, p := range append(namespaces, own...) {
			err = errors.Join(err, exec.CommandContext(ctx, "ip", "netns", "del", filepath.Base(p)).Run())
		}
		fmt.Println("removed stale lab", dir)
	}
	return err
}

var labs atomic.Int64

// labName is a name that no other lab on this machine has.
func labName() string { return fmt.Sprintf("ct%d-%d", os.Getpid(), labs.Add(1)) }

// newLab makes a lab of the named nodes that the test's end removes, checking that nothing is left of it.
func newLab(t *testing.T, change func(*Config), names ...string) (*Cluster, *bridge) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("nodes need root: namespaces and mounts")
	}
	lab := labName()
	cfg := Config{Lab: lab, Dir: filepath.Join(testBase, lab)}
	addresses := map[string]string{}
	for i, name := range names {
		address := fmt.Sprintf("10.0.0.%d", 11+i)
		cfg.Nodes = append(cfg.Nodes, NodeConfig{Name: name, Address: address})
		addresses[name] = address + "/24"
	}
	b := newBridge(t, lab, addresses)
	cfg.Network = b
	if change != nil {
		change(&cfg)
	}
	c, err := Create(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := c.Remove(ctx); err != nil {
			t.Errorf("remove: %v", err)
		}
		checkNothingLeft(t, lab)
	})
	return c, b
}

// checkNothingLeft looks for the lab's name where a lab leaves traces: mounts (of every process), cgroups,
// namespaces, folders, and processes in its cgroup.
func checkNothingLeft(t *testing.T, lab string) {
	t.Helper()
	infos, _ := filepath.Glob("/proc/[0-9]*/mountinfo")
	for _, f := range infos {
		if b, err := os.ReadFile(f); err == nil && strings.Contains(string(b), "/"+lab+"/") {
			t.Errorf("%s still has mounts of %s", f, lab)
		}
	}
	groups, _ := filepath.Glob("/proc/[0-9]*/cgroup")
	for _, f := range groups {
		b, err := os.ReadFile(f)
		if err != nil || !strings.Contains(string(b), "/ocf-lab/"+lab) {
			continue
		}
		// A dead process whose parent has not asked for its status yet is no process of the lab any more.
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(f)))
		if p, err := findProcess(pid); err == nil && p.alive() {
			t.Errorf("process %d of %s still runs", pid, lab)
		}
	}
	root, err := cgroupRoot()
	if err != nil {
		t.Error(err)
	}
	left, _ := filepath.Glob("/run/netns/" + lab + "-*")
	for _, p := range append(left, filepath.Join(root, "ocf-lab", lab), filepath.Join(testBase, lab)) {
		if _, err := os.Stat(p); err == nil {
			t.Errorf("%s is left", p)
		}
	}
}
