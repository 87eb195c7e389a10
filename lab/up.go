// SPDX-License-Identifier: Apache-2.0

package lab

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"ocf-oci/lab/fabric"
)

// downLimit bounds the removal of a lab.
const downLimit = 90 * time.Second

// Up removes stale labs, starts a lab and returns when its nodes have booted (and, with Options.Cluster, form a
// cluster). When it fails, or ctx ends first, nothing of the lab is left. A lab of that name that is alive is
// an error (fs.ErrExist).
func Up(ctx context.Context, o Options) (*Lab, error) {
	if os.Geteuid() != 0 {
		return nil, fmt.Errorf("bring up a lab: it needs root for namespaces and mounts: run with sudo")
	}
	if err := o.complete(); err != nil {
		return nil, fmt.Errorf("bring up lab %s: %w", o.Name, err)
	}
	if err := o.preflight(); err != nil {
		return nil, fmt.Errorf("bring up lab %s: %w", o.Name, err)
	}
	out := o.Progress
	if out == nil {
		out = io.Discard
	}
	var lock *os.File
	f := folderOf(o.Name)
	err := withBase(func() error {
		if err := sweep(ctx, out); err != nil {
			return err
		}
		var err error
		lock, err = f.make(o)
		return err
	})
	if errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("bring up lab %s: %w", o.Name, err)
	}
	err = start(ctx, f, o, lock, out)
	lock.Close() // the daemon has its own copy
	if err == nil {
		var l *Lab
		if l, err = Open(o.Name); err == nil {
			return l, nil
		}
	}
	fmt.Fprintf(out, "removing what there is of lab %s\n", o.Name)
	// The caller's context may be what ended it.
	cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), downLimit)
	defer cancel()
	err = fmt.Errorf("bring up lab %s: %w", o.Name, err)
	if derr := Down(cleanup, o.Name); !errors.Is(derr, fs.ErrNotExist) {
		err = errors.Join(err, derr)
	}
	return nil, err
}

// make makes the lab's folder with its state and returns the lock, held.
func (f folder) make(o Options) (*os.File, error) {
	f.clear()
	if err := os.Mkdir(string(f), 0o755); errors.Is(err, fs.ErrExist) {
		return nil, refusal{fmt.Sprintf("take lab %s down first (ocf-lab down --name %[1]s), or use another --name: there is one of that name", o.Name), fs.ErrExist}
	} else if err != nil {
		return nil, fmt.Errorf("make the lab's folder: %w", err)
	}
	s := State{Options: o, Created: time.Now(), Namespaces: []string{o.Name + "-vcn"}}
	t, err := topology(o.Scenario, o.Nodes)
	for _, m := range t.machines() {
		s.Namespaces = append(s.Namespaces, o.Name+"-"+m.Name)
	}
	for _, ns := range s.Namespaces {
		if _, serr := os.Lstat(fabric.NamespacePath(ns)); serr == nil {
			err = refusal{fmt.Sprintf("use another --name: there is a network namespace %s already, which is no lab's", ns), fs.ErrExist}
		}
	}
	var lock *os.File
	if err == nil {
		lock, err = lockFile(f.path("lock"), lockMake)
	}
	if err == nil {
		err = f.save(s)
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(string(f)))
	}
	return lock, nil
}

// clear removes the folder of an up that was killed before it had made anything: it has no state, so Down would not
// know it. The caller holds the base lock. A folder with anything else in it stays.
func (f folder) clear() {
	if _, err := f.load(); !errors.Is(err, fs.ErrNotExist) {
		return
	}
	for _, name := range []string{"lock", "state.json.next", ""} {
		_ = os.Remove(f.path(name))
	}
}

// start runs the daemon and passes on its progress until it is ready.
func start(ctx context.Context, f folder, o Options, lock *os.File, out io.Writer) error {
	log, err := os.Create(f.path("daemon.log"))
	if err != nil {
		return fmt.Errorf("make the daemon's log: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(filepath.Join(o.Bin, "ocf-lab"), "serve", "--name", o.Name)
	cmd.Stderr, cmd.ExtraFiles, cmd.Dir = log, []*os.File{lock}, "/"
	// A session of its own: Ctrl-C is for us, who then end the daemon in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start the daemon: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the daemon: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Signal(syscall.SIGTERM) })
	defer stop()
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		var p progress
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			return fmt.Errorf("the daemon said %q: %w", lines.Text(), err)
		}
		switch {
		case p.Ready:
			return nil
		case p.Error != "":
			err = errors.New(p.Error)
		default:
			fmt.Fprintln(out, p.Step)
		}
	}
	werr := cmd.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err == nil {
		err = fmt.Errorf("the daemon ended (%v): %s", werr, lastLine(f.path("daemon.log")))
	}
	return err
}

func lastLine(path string) string {
	b, _ := os.ReadFile(path)
	b = bytes.TrimSpace(b)
	if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
		b = b[i+1:]
	}
	return string(b)
}
