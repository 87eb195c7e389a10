// SPDX-License-Identifier: Apache-2.0

package ocf_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ocf-oci/internal/command"
	"ocf-oci/internal/ocf"
	"ocf-oci/metadata"
)

// agentName is the name under which the test binary is a resource agent.
const agentName = "TestAgent"

var reasonTest = ocf.NewReason("test-reason", "it is %s", "mend it")

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == agentName {
		os.Exit(ocf.Main(testAgent(), os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// testAgent does what its parameter "do" says, in every action.
func testAgent() *ocf.Agent {
	parameter := func(name, def string) metadata.Parameter {
		return metadata.Parameter{Name: name, Default: def, HasDefault: true, Short: name, Long: name}
	}
	a := &ocf.Agent{
		Meta: &metadata.Agent{
			Name: agentName, Provider: "oci", Version: "1", Short: "Test", Long: "Test.",
			Parameters: append(metadata.TraceParameters(), parameter("do", ""), parameter("file", ""), parameter("level", "info"),
				parameter("message", "default message"), parameter("code", "1"), parameter("host_list", "")),
		},
		Handlers: map[string]ocf.Handler{},
		Late:     map[string]ocf.Result{"promote": {Code: ocf.FailedPromoted, Text: "promotion took too long"}},
	}
	for _, name := range []string{"start", "stop", "monitor", "migrate_to", "migrate_from", "reload-agent", "validate-all", "promote"} {
		a.Handlers[name] = do
		a.Meta.Actions = append(a.Meta.Actions, metadata.Action{Name: name, Timeout: 10 * time.Second})
	}
	a.Meta.Actions = append(a.Meta.Actions, metadata.Action{Name: "meta-data", Timeout: 5 * time.Second})
	return a
}

func do(ctx context.Context, call *ocf.Call) ocf.Result {
	switch call.Get("do") {
	case "ok":
		return ocf.OK()
	case "code":
		n, _ := strconv.Atoi(call.Get("code"))
		return reasonTest.Result(ocf.Code(n), "broken\nhere")
	case "wait": // obeys its context
		<-ctx.Done()
		return reasonTest.Result(ocf.ErrGeneric, errors.Unwrap(context.Cause(ctx)))
	case "hang": // in a system call that nothing interrupts
		var pipe [2]int
		_ = unix.Pipe(pipe[:])
		_, _ = unix.Read(pipe[0], make([]byte, 1))
	case "panic":
		panic("boom\nat night")
	case "panic elsewhere":
		call.Go(func() { panic("boom\nat night") })
		<-ctx.Done()
	case "goexit":
		runtime.Goexit()
	case "log":
		levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "err": slog.LevelError, "crit": ocf.LevelCritical}
		call.Log.Log(ctx, levels[call.Get("level")], call.Get("message"))
		return ocf.OK()
	case "log and hang": // with a log that hangs, too
		for {
			call.Log.Error(strings.Repeat("x", 1000))
		}
	case "trace":
		call.Log.Log(ctx, ocf.LevelTrace, "netlink", "op", "RTM_NEWADDR", "address", "10.0.0.1/24", "session_token", "eyJh.secret")
		call.Log.With("vnic", "ocid1").WithGroup("api").Debug("request", "op", "GetVnic", "header", "Authorization: Bearer abc.def")
		return ocf.OK()
	case "effects": // one after another, each only inside the budget
		file, err := os.OpenFile(call.Get("file"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			return reasonTest.Result(ocf.ErrGeneric, err)
		}
		for !call.Budget.Expired() {
			_, _ = file.WriteString(time.Now().Format(time.RFC3339Nano) + "\n")
			time.Sleep(10 * time.Millisecond)
		}
		return reasonTest.Result(ocf.ErrGeneric, "late")
	case "child": // tells its pid, then waits for a child's end
		_, err := command.Run(ctx, command.Command{Name: "sh", Args: []string{"-c", call.Get("message")}, Env: call.Environ()})
		return reasonTest.Result(ocf.ErrGeneric, err)
	}
	return ocf.NotRunningQuiet()
}

// ended is how an agent's process ended.
type ended struct {
	code           int
	stdout, stderr string
	took           time.Duration
}

// agentCommand prepares the test agent as a process of its own: environment
// exactly env, process group of its own, as pacemaker does.
func agentCommand(action string, env ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	cmd := &exec.Cmd{Path: self, Args: []string{agentName, action}, Env: env}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

func runAgent(t *testing.T, action string, env ...string) ended {
	t.Helper()
	return run(t, agentCommand(action, env...))
}

func run(t *testing.T, cmd *exec.Cmd) ended {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if cmd.Stdout == nil {
		cmd.Stdout = &stdout
	}
	if cmd.Stderr == nil {
		cmd.Stderr = &stderr
	}
	begin := time.Now()
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return ended{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String(), time.Since(begin)}
}

// reasons returns the exit reasons in an agent's stderr.
func (e ended) reasons() []string {
	var all []string
	for line := range strings.Lines(e.stderr) {
		if text, ok := strings.CutPrefix(line, "ocf-exit-reason:"); ok {
			all = append(all, strings.TrimSuffix(text, "\n"))
		}
	}
	return all
}
