// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

// Cluster is the set of nodes of one lab.
type Cluster struct {
	dir   string // the lab's folder + "/cluster"
	state labState
	nodes []*Node

	mu      sync.Mutex
	network Network
}

// Create prepares the nodes of a lab: roots mounted, files installed, nothing booted. A stale lab of the same name
// (its process dead) is removed first; a living one is an error with fs.ErrExist. On error nothing is left behind.
func Create(ctx context.Context, cfg Config) (*Cluster, error) {
	if err := cfg.complete(); err != nil {
		return nil, fmt.Errorf("create lab: %w", err)
	}
	if os.Geteuid() != 0 {
		return nil, fmt.Errorf("create lab %s: nodes need root (namespaces, mounts): run with sudo", cfg.Lab)
	}
	cgroups, err := cgroupRoot()
	if err != nil {
		return nil, fmt.Errorf("create lab %s: %w", cfg.Lab, err)
	}
	self, err := findProcess(os.Getpid())
	if err != nil {
		return nil, fmt.Errorf("create lab %s: %w", cfg.Lab, err)
	}
	if stale, err := Stale(cfg.Dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("create lab %s: %w", cfg.Lab, err)
	} else if stale {
		if err := Remove(ctx, cfg.Dir); err != nil {
			return nil, fmt.Errorf("create lab %s: remove its stale predecessor: %w", cfg.Lab, err)
		}
	}
	c := &Cluster{dir: filepath.Join(cfg.Dir, "cluster"), network: cfg.Network, state: labState{
		Lab: cfg.Lab, Owner: self, Cgroup: filepath.Join(cgroups, "ocf-lab", cfg.Lab),
		Root: cfg.Root, AssetTag: cfg.AssetTag, Password: cfg.Password, Daemons: cfg.Daemons,
	}}
	for _, n := range cfg.Nodes {
		c.state.Nodes = append(c.state.Nodes, nodeEntry{Name: n.Name, Address: n.Address, NetNS: n.NetNS})
	}
	if err := os.MkdirAll(cfg.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("create lab %s: %w", cfg.Lab, err)
	}
	if err := c.claim(); err != nil {
		return nil, fmt.Errorf("create lab %s: %w", cfg.Lab, err)
	}
	c.link()
	if err := c.prepare(ctx, cfg); err != nil {
		cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		return nil, errors.Join(fmt.Errorf("create lab %s: %w", cfg.Lab, err), c.Remove(cleanup))
	}
	return c, nil
}

// claim makes the folder together with its state: a folder without state, that nobody could remove, never exists.
func (c *Cluster) claim() error {
	next, err := os.MkdirTemp(filepath.Dir(c.dir), ".cluster.")
	if err != nil {
		return err
	}
	defer os.RemoveAll(next)
	if err := os.Chmod(next, 0o755); err != nil {
		return err
	}
	if err := writeJSON(filepath.Join(next, "cluster.json"), c.state); err != nil {
		return err
	}
	err = os.Rename(next, c.dir)
	if errors.Is(err, unix.EEXIST) || errors.Is(err, unix.ENOTEMPTY) {
		return fmt.Errorf("it exists already (%s), take it down first: %w", c.dir, fs.ErrExist)
	}
	return err
}

func (c *Cluster) prepare(ctx context.Context, cfg Config) error {
	var g errgroup.Group
	for i, n := range c.nodes {
		g.Go(func() error {
			if err := n.prepare(ctx, cfg, cfg.Nodes[i].Files); err != nil {
				return fmt.Errorf("prepare node %s: %w", n.name, err)
			}
			return nil
		})
	}
	return g.Wait()
}

// Open finds the nodes of a lab made by another process. dir is the lab's folder (BaseDir/NAME). An error with
// fs.ErrNotExist means that there is no such lab.
func Open(dir string) (*Cluster, error) {
	c := &Cluster{dir: filepath.Join(dir, "cluster")}
	if err := readJSON(filepath.Join(c.dir, "cluster.json"), &c.state); err != nil {
		return nil, fmt.Errorf("open lab: %w", err)
	}
	c.link()
	return c, nil
}

func (c *Cluster) link() {
	for _, e := range c.state.Nodes {
		c.nodes = append(c.nodes, &Node{
			cluster: c, name: e.Name, address: e.Address, fixedNetNS: e.NetNS,
			dir: filepath.Join(c.dir, e.Name), group: cgroup(filepath.Join(c.state.Cgroup, e.Name)),
		})
	}
}

// SetNetwork gives the cluster the Network whose Attach and Detach later boots and crashes call.
func (c *Cluster) SetNetwork(n Network) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.network = n
}

func (c *Cluster) net() Network {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.network
}

// Lab is the lab's name.
func (c *Cluster) Lab() string { return c.state.Lab }

// Nodes lists the nodes in the order of Config.
func (c *Cluster) Nodes() []*Node { return slices.Clone(c.nodes) }

// Node finds a node by its host name; nil when there is none.
func (c *Cluster) Node(name string) *Node {
	for _, n := range c.nodes {
		if n.name == name {
			return n
		}
	}
	return nil
}

// Boot boots the named nodes, or all, in parallel and returns when each has finished booting.
func (c *Cluster) Boot(ctx context.Context, names ...string) error {
	nodes := c.nodes
	if len(names) > 0 {
		nodes = nil
		for _, name := range names {
			n := c.Node(name)
			if n == nil {
				return fmt.Errorf("boot %s: lab %s has no such node", name, c.state.Lab)
			}
			nodes = append(nodes, n)
		}
	}
	return each(nodes, func(n *Node) error { return n.Boot(ctx) })
}

// each runs f for all nodes at once and joins the errors.
func each(nodes []*Node, f func(*Node) error) error {
	errs := make([]error, len(nodes))
	var wg sync.WaitGroup
	for i, n := range nodes {
		wg.Go(func() { errs[i] = f(n) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Remove ends every process of the lab's nodes and takes away their mounts, cgroups and folder, and (with a Network)
// their network namespaces. Removed already is fine; it can be called again after an error.
func (c *Cluster) Remove(ctx context.Context) error {
	unlock, err := lockFolder(ctx, c.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("remove lab %s: %w", c.state.Lab, err)
	}
	defer unlock()
	// Another process may have removed it while this one waited.
	if _, err := os.Stat(filepath.Join(c.dir, "cluster.json")); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := each(c.nodes, func(n *Node) error { return n.remove(ctx) }); err != nil {
		return fmt.Errorf("remove lab %s: %w", c.state.Lab, err)
	}
	if err := cgroup(c.state.Cgroup).remove(); err != nil {
		return fmt.Errorf("remove lab %s: %w", c.state.Lab, err)
	}
	if left, err := mountsBelow(c.dir); err != nil || len(left) > 0 {
		return fmt.Errorf("remove lab %s: mounts left: %v (%w)", c.state.Lab, left, errors.Join(err, fs.ErrExist))
	}
	if err := os.RemoveAll(c.dir); err != nil {
		return fmt.Errorf("remove lab %s: %w", c.state.Lab, err)
	}
	// The folder itself goes when nobody else keeps something in it, the common cgroup when no lab is left.
	_ = os.Remove(filepath.Dir(c.dir))
	_ = os.Remove(filepath.Dir(c.state.Cgroup))
	return nil
}

// Remove removes the nodes of the lab in the folder dir; no such lab is fine.
func Remove(ctx context.Context, dir string) error {
	c, err := Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return c.Remove(ctx)
}

// Stale tells whether the process that created the lab in the folder dir is dead. An error with fs.ErrNotExist means
// that there is no such lab.
func Stale(dir string) (bool, error) {
	c, err := Open(dir)
	if err != nil {
		return false, err
	}
	return !c.state.Owner.alive(), nil
}

// Sweep removes every stale lab below base and returns their folders.
func Sweep(ctx context.Context, base string) ([]string, error) {
	entries, err := os.ReadDir(base)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("sweep stale labs: %w", err)
	}
	var gone []string
	var errs []error
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		dir := filepath.Join(base, e.Name())
		stale, err := Stale(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil && stale {
			if err = Remove(ctx, dir); err == nil {
				gone = append(gone, dir)
			}
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	return gone, errors.Join(errs...)
}
