// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Crash takes the node's power away: every process dies at once, then Network.Detach. What was in memory (/run, /tmp)
// is lost; what was written to the root is kept for the next Boot. A node that is down is no error.
func (n *Node) Crash(ctx context.Context) error {
	unlock, err := lock(ctx, filepath.Join(n.dir, "lock"))
	if err != nil {
		return fmt.Errorf("crash %s: %w", n.name, err)
	}
	defer unlock()
	if err := n.down(ctx); err != nil {
		return fmt.Errorf("crash %s: %w", n.name, err)
	}
	return nil
}

// Shutdown powers the node off in an orderly way (services are stopped), then as Crash. When ctx ends before the node
// is off, the error says so and the node is still shutting down.
func (n *Node) Shutdown(ctx context.Context) error {
	if n.State() == Frozen {
		return fmt.Errorf("shut down %s: it is frozen: thaw it first", n.name)
	}
	if n.PID() != 0 && !n.cluster.state.Daemons {
		// systemctl's own end depends on how far process 1 is; only process 1's death counts.
		out, err := n.Command(ctx, "systemctl", "poweroff").CombinedOutput()
		if werr := n.WaitDown(ctx); werr != nil {
			return fmt.Errorf("shut down %s: %w (systemctl poweroff: %v %s)", n.name, werr, err, out)
		}
	}
	return n.Crash(ctx)
}

// Freeze stops every process of the node, commands sent into it included; the network keeps its addresses.
func (n *Node) Freeze(ctx context.Context) error { return n.setFrozen(ctx, true) }

// Thaw continues a frozen node.
func (n *Node) Thaw(ctx context.Context) error { return n.setFrozen(ctx, false) }

func (n *Node) setFrozen(ctx context.Context, frozen bool) error {
	unlock, err := lock(ctx, filepath.Join(n.dir, "lock"))
	if err != nil {
		return fmt.Errorf("freeze %s: %w", n.name, err)
	}
	defer unlock()
	if n.PID() == 0 {
		return fmt.Errorf("freeze or thaw %s: it is down", n.name)
	}
	if err := n.group.freeze(ctx, frozen); err != nil {
		return fmt.Errorf("freeze %s: %w", n.name, err)
	}
	return nil
}

// clear ends what runs and removes the node's inner groups. They are made anew at each boot: Linux 6.18 kills what is
// cloned into a group that was once killed by cgroup.kill.
func (n *Node) clear(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, 20*time.Second, errors.New("its processes do not die"))
	defer cancel()
	if err := n.group.kill(ctx); err != nil {
		return err
	}
	return n.group.prune()
}

// down is clear, then the network, then the state file.
func (n *Node) down(ctx context.Context) error {
	if err := n.clear(ctx); err != nil {
		return err
	}
	state, err := n.load()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if net := n.cluster.net(); net != nil {
		if err := net.Detach(ctx, n.name); err != nil {
			return fmt.Errorf("detach its network: %w", err)
		}
	}
	return writeJSON(n.stateFile(), nodeState{NetNS: state.NetNS, Since: time.Now()})
}

// remove takes the whole node away; done already is fine. The caller holds the lab's lock.
func (n *Node) remove(ctx context.Context) error {
	if err := os.MkdirAll(n.dir, 0o755); err != nil {
		return fmt.Errorf("remove node %s: %w", n.name, err)
	}
	unlock, err := lock(ctx, filepath.Join(n.dir, "lock"))
	if err != nil {
		return fmt.Errorf("remove node %s: %w", n.name, err)
	}
	defer unlock()
	if err := n.down(ctx); err != nil {
		return fmt.Errorf("remove node %s: %w", n.name, err)
	}
	if err := unmountBelow(n.dir); err != nil {
		return fmt.Errorf("remove node %s: %w", n.name, err)
	}
	if err := n.group.remove(); err != nil {
		return fmt.Errorf("remove node %s: %w", n.name, err)
	}
	if err := os.RemoveAll(n.dir); err != nil {
		return fmt.Errorf("remove node %s: %w", n.name, err)
	}
	return nil
}
