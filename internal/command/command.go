// SPDX-License-Identifier: Apache-2.0

// Package command runs an external program with a deadline. The program gets a
// process group of its own, and when its time is over the whole group is
// killed, so that nothing it started stays behind.
package command

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// DefaultLimit is how many bytes of each output stream are kept by default.
const DefaultLimit = 1 << 20

// drain is how long output is still read from descendants of a program that
// has ended itself.
const drain = 200 * time.Millisecond

// Command is a program to run.
type Command struct {
	Name  string   // looked up in PATH of Env, completed by the system's directories, unless it has a slash
	Args  []string // without the program's name
	Env   []string // "NAME=value"; nil is an empty environment, not the caller's
	Dir   string   // working directory; empty: the caller's
	Stdin string   // empty: /dev/null
	Limit int      // bytes kept of each stream; 0: DefaultLimit

	Credential *syscall.Credential // who runs it; nil: as the caller
}

// Output is what a program wrote and how it ended.
type Output struct {
	Stdout, Stderr []byte
	Truncated      bool // one of the streams was longer than the limit
	ExitCode       int  // -1 if it was killed or did not start
}

// Error says that a program could not be run, was killed, or ended with an exit
// code other than 0.
type Error struct {
	Command  string // the program and its arguments
	ExitCode int    // -1 if it was killed or did not start
	Stderr   string // the last line that it wrote there
	Err      error  // exec.ErrNotFound, context.DeadlineExceeded, *exec.ExitError ...
}

func (e *Error) Error() string {
	text := fmt.Sprintf("running %q: %v", e.Command, e.Err)
	if e.Stderr != "" {
		text += ": " + e.Stderr
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// Run runs a program to its end, or until ctx ends. It returns an *Error unless
// the exit code is 0; the output is valid in both cases.
func Run(ctx context.Context, c Command) (Output, error) {
	fail := func(out Output, err error) (Output, error) {
		return out, &Error{
			Command:  strings.Join(append([]string{c.Name}, c.Args...), " "),
			ExitCode: out.ExitCode, Stderr: lastLine(out.Stderr), Err: err,
		}
	}
	none := Output{ExitCode: -1}
	path, err := lookup(c.Name, c.Env)
	if err != nil {
		return fail(none, err)
	}
	if err := ctx.Err(); err != nil {
		return fail(none, err)
	}
	limit := c.Limit
	if limit == 0 {
		limit = DefaultLimit
	}
	stdout, stderr := &bounded{limit: limit}, &bounded{limit: limit}
	cmd := exec.CommandContext(ctx, path, c.Args...)
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = c.Env, c.Dir, stdout, stderr
	if cmd.Env == nil {
		cmd.Env = []string{}
	}
	if c.Stdin != "" {
		cmd.Stdin = strings.NewReader(c.Stdin)
	}
	// The group is no longer our own, so whoever kills ours (pacemaker, on a
	// timeout) would miss the child; the parent death signal catches that.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL, Credential: c.Credential}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = drain

	// The kernel sends the death signal when the *thread* that forked ends.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err = cmd.Run()
	out := Output{Stdout: stdout.bytes(), Stderr: stderr.bytes(), Truncated: stdout.cut || stderr.cut, ExitCode: -1}
	if cmd.ProcessState != nil {
		out.ExitCode = cmd.ProcessState.ExitCode()
	}
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay) && out.ExitCode == 0:
		return out, nil
	case ctx.Err() != nil && out.ExitCode == -1:
		return fail(out, context.Cause(ctx))
	default:
		return fail(out, err)
	}
}

// lastLine returns the last line with text in it.
func lastLine(b []byte) string {
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
