// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"syscall"
	"time"
)

// Remote reaches hosts by ssh, and this one by its shell.
type Remote struct {
	SSH   []string // the command that gets a host and a command line
	Local string   // this host's name
	Env   []string
}

// Run runs a command line on a host until it ends, or ctx does. The error says why there is no exit code of the command.
func (r Remote) Run(ctx context.Context, host, line string, stdout, stderr io.Writer) (int, error) {
	argv := append(append([]string{}, r.SSH...), host, line)
	if host == r.Local {
		argv = []string{"sh", "-c", line}
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env, cmd.Stdout, cmd.Stderr = r.Env, stdout, stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return NotReached, context.Cause(ctx)
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return exit.ExitCode(), nil
	case err != nil:
		return NotReached, err
	}
	return 0, nil
}
