// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Node is one machine of a lab.
type Node struct {
	cluster    *Cluster
	name       string
	address    string
	fixedNetNS string
	dir        string // state, log, mounts
	group      cgroup
}

// State of a node.
type State int

// A node is Down before its first boot and after a crash or shutdown; Up includes still booting.
const (
	Down State = iota
	Up
	Frozen
)

func (s State) String() string { return [...]string{"down", "up", "frozen"}[s] }

// bootLimit is how long a node may take to boot, whatever the caller's context allows.
const bootLimit = 2 * time.Minute

var (
	//go:embed boot.sh
	bootScript string
	//go:embed daemons.sh
	daemonsScript string
)

// Name is the host name.
func (n *Node) Name() string { return n.name }

// Address is the one its peers reach it by.
func (n *Node) Address() string { return n.address }

// NetNS is the path of the node's network namespace: of the running boot, else of the last one.
func (n *Node) NetNS() string {
	if s, err := n.load(); err == nil && s.NetNS != "" {
		return s.NetNS
	}
	return n.fixedNetNS
}

// PID is process 1 of the node as the host sees it; 0 when the node is down.
func (n *Node) PID() int {
	if s, err := n.load(); err == nil && s.Init.alive() {
		return s.Init.PID
	}
	return 0
}

// State says what the node is now.
func (n *Node) State() State {
	if n.PID() == 0 {
		return Down
	}
	if frozen, err := n.group.events("frozen"); err == nil && frozen {
		return Frozen
	}
	return Up
}

func (n *Node) root() string      { return filepath.Join(n.dir, "root") }
func (n *Node) stateFile() string { return filepath.Join(n.dir, "node.json") }

func (n *Node) load() (s nodeState, err error) {
	err = readJSON(n.stateFile(), &s)
	return s, err
}

// Boot boots the node and returns when it has finished booting. A node that runs already is an error.
func (n *Node) Boot(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, bootLimit, fmt.Errorf("not up within %v", bootLimit))
	defer cancel()
	if err := n.Start(ctx); err != nil {
		return err
	}
	return n.Wait(ctx)
}

// Start begins to boot the node: Network.Attach, then process 1.
func (n *Node) Start(ctx context.Context) error {
	unlock, err := lock(ctx, filepath.Join(n.dir, "lock"))
	if err != nil {
		return fmt.Errorf("boot %s: %w", n.name, err)
	}
	defer unlock()
	if pid := n.PID(); pid != 0 {
		return fmt.Errorf("boot %s: it runs already (process %d)", n.name, pid)
	}
	// A node that ended by itself (poweroff, panic, killed daemon of the lab) left its network as it was.
	if old, err := n.load(); err != nil || old.Init.PID != 0 {
		if err := n.down(ctx); err != nil {
			return fmt.Errorf("boot %s: clear its last boot away: %w", n.name, err)
		}
	}
	if err := n.clear(ctx); err != nil {
		return fmt.Errorf("boot %s: %w", n.name, err)
	}
	state := nodeState{NetNS: n.fixedNetNS, Since: time.Now()}
	if net := n.cluster.net(); net != nil {
		if state.NetNS, err = net.Attach(ctx, n.name); err != nil {
			return fmt.Errorf("boot %s: attach its network: %w", n.name, err)
		}
	}
	if state.NetNS == "" {
		return fmt.Errorf("boot %s: no network namespace: the lab was made with a Network, give this process one with SetNetwork", n.name)
	}
	if state.Init, err = n.spawn(state.NetNS); err != nil {
		return fmt.Errorf("boot %s: %w", n.name, err)
	}
	if err := writeJSON(n.stateFile(), state); err != nil {
		return errors.Join(fmt.Errorf("boot %s: %w", n.name, err), n.clear(ctx))
	}
	return nil
}

// spawn starts process 1. It belongs to no terminal and session of the caller, so it outlives the caller.
func (n *Node) spawn(netns string) (process, error) {
	machine := filepath.Join(string(n.group), "machine")
	for _, dir := range []string{machine, filepath.Join(string(n.group), "exec")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return process{}, fmt.Errorf("make cgroup: %w", err)
		}
	}
	group, err := os.OpenFile(machine, unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		return process{}, fmt.Errorf("open cgroup: %w", err)
	}
	defer group.Close()
	log, err := os.OpenFile(n.bootLog(), os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return process{}, fmt.Errorf("open boot log: %w", err)
	}
	defer log.Close()
	args := []string{"--net=" + netns, "--", "unshare", "--cgroup", "--", "sh", "-c", bootScript, "boot", n.root(), n.cluster.state.AssetTag}
	cmd := exec.Command("nsenter", append(args, n.initArgv()...)...)
	cmd.Env = []string{"PATH=" + nodePath}
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Setsid:      true,
		Cloneflags:  syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC,
		UseCgroupFD: true,
		CgroupFD:    int(group.Fd()),
	}
	if err := cmd.Start(); err != nil {
		return process{}, fmt.Errorf("start process 1: %w", err)
	}
	p, err := findProcess(cmd.Process.Pid)
	go func() { _ = cmd.Wait() }() // reap it; who wants to know watches the process, not its parent
	return p, err
}

// initArgv is what becomes process 1 once the root is entered. The dropped capabilities are those with which a node
// could change the host: its clock, modules, raw memory and I/O ports.
func (n *Node) initArgv() []string {
	argv := []string{"setpriv", "--bounding-set", "-sys_time,-sys_module,-sys_rawio", "env", "-i", "PATH=" + nodePath, "container=lab"}
	if n.cluster.state.Daemons {
		return append(argv, "sh", "-c", daemonsScript, "init", n.name)
	}
	return append(argv, "/lib/systemd/systemd", "--log-target=journal", "--show-status=no")
}

// Wait returns when a started node has finished booting: systemd has reached its target, be it with failed units
// ("degraded"; systemctl --failed tells), or the daemons' process 1 works.
func (n *Node) Wait(ctx context.Context) error {
	state, err := n.load()
	if err != nil {
		return fmt.Errorf("wait for %s: %w", n.name, err)
	}
	for tick := time.NewTicker(50 * time.Millisecond); ; {
		if !state.Init.alive() {
			tick.Stop()
			return fmt.Errorf("boot %s: process 1 ended: %s", n.name, n.bootLogTail())
		}
		if n.up(ctx, state.Init.PID) {
			tick.Stop()
			return nil
		}
		select {
		case <-ctx.Done():
			tick.Stop()
			return fmt.Errorf("boot %s: %w; %s", n.name, context.Cause(ctx), n.bootLogTail())
		case <-tick.C:
		}
	}
}

func (n *Node) up(ctx context.Context, pid int) bool {
	if n.cluster.state.Daemons {
		_, err := os.Stat(fmt.Sprintf("/proc/%d/root/run/booted", pid))
		return err == nil
	}
	exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil || filepath.Base(exe) != "systemd" {
		return false
	}
	if _, err := os.Stat(fmt.Sprintf("/proc/%d/root/run/systemd/private", pid)); err != nil {
		return false // systemctl would fail
	}
	out, _ := n.Command(ctx, "systemctl", "is-system-running", "--wait").Output()
	s := strings.TrimSpace(string(out))
	return s == "running" || s == "degraded"
}

func (n *Node) bootLog() string { return filepath.Join(n.dir, "boot.log") }

func (n *Node) bootLogTail() string {
	b, err := os.ReadFile(n.bootLog())
	if err != nil || len(b) == 0 {
		return "nothing in " + n.bootLog()
	}
	if len(b) > 2000 {
		b = b[len(b)-2000:]
	}
	return fmt.Sprintf("%s says: %s", n.bootLog(), strings.TrimSpace(string(b)))
}

// WaitDown returns when process 1 of the node is dead; at once when the node is down.
func (n *Node) WaitDown(ctx context.Context) error {
	s, err := n.load()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.Init.wait(ctx); err != nil {
		return fmt.Errorf("wait for the end of %s: %w", n.name, err)
	}
	return nil
}
