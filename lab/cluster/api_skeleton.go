// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"os/exec"
	"time"
)

// Cluster is the set of nodes of one lab.
type Cluster struct{}

// Node is one machine of a lab.
type Node struct{}

// SetupOptions tunes Setup.
type SetupOptions struct{ Enable bool }

// Times says how long each part of Setup took.
type Times struct{ Auth, Setup, Start, Online time.Duration }

// State of a node.
type State int

var errSkeleton = errors.New("lab/cluster: being written")

// Create prepares roots; boots nothing.
func Create(ctx context.Context, cfg Config) (*Cluster, error) { return nil, errSkeleton }

// Open finds the nodes of a lab made by another process (dir: the lab's folder).
func Open(dir string) (*Cluster, error) { return nil, errSkeleton }

// SetNetwork gives an opened cluster its Network.
func (c *Cluster) SetNetwork(n Network) {}

// Node by name; nil when there is none.
func (c *Cluster) Node(name string) *Node { return nil }

// Nodes in the order of Config.
func (c *Cluster) Nodes() []*Node { return nil }

// Boot boots all nodes (or those named) in parallel until up.
func (c *Cluster) Boot(ctx context.Context, names ...string) error { return errSkeleton }

// Setup makes a pacemaker cluster of all nodes with pcs.
func (c *Cluster) Setup(ctx context.Context, clusterName string, opt SetupOptions) (Times, error) {
	return Times{}, errSkeleton
}

// Remove everything of the lab's nodes.
func (c *Cluster) Remove(ctx context.Context) error { return errSkeleton }

// Stale tells whether the process that made the lab in dir is dead.
func Stale(dir string) (bool, error) { return false, errSkeleton }

// Remove removes what the state in the lab's folder lists.
func Remove(ctx context.Context, dir string) error { return errSkeleton }

// Name of the node.
func (n *Node) Name() string { return "" }

// PID of the node's process 1 as the host sees it; 0 when down.
func (n *Node) PID() int { return 0 }

// State of the node now.
func (n *Node) State() State { return 0 }

// Boot boots and waits until up.
func (n *Node) Boot(ctx context.Context) error { return errSkeleton }

// Command runs inside the node: own process group, killed with ctx.
func (n *Node) Command(ctx context.Context, argv ...string) *exec.Cmd { return nil }

// Terminal is Command for an interactive terminal (stays in the caller's process group).
func (n *Node) Terminal(ctx context.Context, argv ...string) *exec.Cmd { return nil }

// Output runs a command and returns stdout; the error carries stderr.
func (n *Node) Output(ctx context.Context, argv ...string) ([]byte, error) { return nil, errSkeleton }

// Install copies files into the node, running or not.
func (n *Node) Install(ctx context.Context, files map[string]File) error { return errSkeleton }

// Crash kills everything at once, then Network.Detach.
func (n *Node) Crash(ctx context.Context) error { return errSkeleton }

// Freeze stops every process.
func (n *Node) Freeze(ctx context.Context) error { return errSkeleton }

// Thaw continues.
func (n *Node) Thaw(ctx context.Context) error { return errSkeleton }

// Shutdown powers the node off in an orderly way, then Network.Detach.
func (n *Node) Shutdown(ctx context.Context) error { return errSkeleton }

// CrmMon is crm_mon's XML.
func (n *Node) CrmMon(ctx context.Context) ([]byte, error) { return nil, errSkeleton }

// CIB is cibadmin's XML.
func (n *Node) CIB(ctx context.Context) ([]byte, error) { return nil, errSkeleton }

// WaitSettled waits until the cluster has nothing left to do.
func (n *Node) WaitSettled(ctx context.Context) error { return errSkeleton }
