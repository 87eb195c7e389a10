// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const nodePath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Command prepares a command to run inside the node as root, with the environment of a fresh login (append to its Env
// for more). Wire its Stdin, Stdout and Stderr and run it as any exec.Cmd; its exit status is the command's own, and
// 137-like signal deaths are kept too. When ctx ends it is killed with the children it has in its process group.
// When the node is down the command fails with ErrDown at Start.
func (n *Node) Command(ctx context.Context, argv ...string) *exec.Cmd {
	cmd := n.enter(ctx, argv)
	cmd.SysProcAttr.Setpgid = true
	cmd.Cancel = func() error { return unix.Kill(-cmd.Process.Pid, unix.SIGKILL) }
	return cmd
}

// Terminal is Command for somebody at a terminal: it stays in the caller's process group, so that it may read from the
// terminal and gets its Ctrl-C, and the caller's TERM goes with it.
func (n *Node) Terminal(ctx context.Context, argv ...string) *exec.Cmd {
	cmd := n.enter(ctx, argv)
	if term := os.Getenv("TERM"); term != "" {
		cmd.Env = append(cmd.Env, "TERM="+term)
	}
	return cmd
}

// ErrDown is the error of a command for a node that does not run.
var ErrDown = errors.New("node is down")

// enterScript joins the node's exec group, so that a crash or freeze takes the command along, and then the node's
// namespaces. It joins after exec: a child cloned into a frozen group would stop before its exec, and with it the caller.
const enterScript = `echo 0 > "$0" || exit 125
pid=$1
shift
exec nsenter -t "$pid" -m -u -i -n -p -C -r -w -- "$@"`

func (n *Node) enter(ctx context.Context, argv []string) *exec.Cmd {
	pid := n.PID()
	args := append([]string{"-c", enterScript, filepath.Join(string(n.group), "exec", "cgroup.procs"), strconv.Itoa(pid)}, argv...)
	cmd := exec.CommandContext(ctx, "sh", args...)
	cmd.Env = []string{"PATH=" + nodePath, "HOME=/root", "USER=root", "LOGNAME=root", "SHELL=/bin/bash", "LANG=C.UTF-8"}
	cmd.Dir = "/"
	cmd.WaitDelay = 2 * time.Second // a grandchild that keeps the pipe open must not hold up the caller
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if pid == 0 {
		cmd.Err = fmt.Errorf("run %s in %s: %w: boot it first", strings.Join(argv, " "), n.name, ErrDown)
	}
	return cmd
}

// Output runs a command inside the node and returns its standard output. The error holds the command's standard error
// and wraps *exec.ExitError when it ran.
func (n *Node) Output(ctx context.Context, argv ...string) ([]byte, error) {
	return output(n.Command(ctx, argv...), n.name, argv)
}

func output(cmd *exec.Cmd, node string, argv []string) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.Bytes(), fmt.Errorf("on %s: %s: %w: %s", node, strings.Join(argv, " "), err, strings.TrimSpace(stderr.String()))
	}
	return stdout.Bytes(), nil
}

// Install copies files into the node, running or not (path in the node -> file). A program that runs is replaced, not
// overwritten.
func (n *Node) Install(ctx context.Context, files map[string]File) error {
	t := tree(n.root())
	if pid := n.PID(); pid != 0 {
		t = tree(fmt.Sprintf("/proc/%d/root", pid)) // with the node's own /run and /tmp
	}
	for name, f := range files {
		if err := t.install(ctx, name, f); err != nil {
			return fmt.Errorf("node %s: %w", n.name, err)
		}
	}
	return nil
}
