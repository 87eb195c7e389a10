// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ocf-oci/internal/imds"
)

// The tests below run the client in processes of its own, as agents do: this
// test binary, called with helperArg and a task.
const helperArg = "-oci-helper-process"

// task tells a helper process what to do.
type task struct {
	Endpoint, AuthEndpoint, Metadata, StateDir string
	Limit                                      time.Duration
	Do                                         string // "read", "move", "stop-then-move", "read-then-move"
}

// helperProcess does the task in the last argument and prints what came of it.
func helperProcess() {
	var what task
	if err := json.Unmarshal([]byte(os.Args[len(os.Args)-1]), &what); err != nil {
		panic(err)
	}
	opt := Options{Endpoint: what.Endpoint, AuthEndpoint: what.AuthEndpoint, StateDir: what.StateDir,
		IMDS: imds.New(imds.Options{BaseURL: what.Metadata, Timeout: 200 * time.Millisecond})}
	deadline := uptime() + what.Limit
	if what.Do == "stop-then-move" {
		asked := 0
		opt.Deadline = func() error {
			if asked++; asked == 2 {
				// As if the machine had been paused at the worst moment: TLS is
				// up, the request is signed, and the bytes are about to go.
				// Sent to this very thread, the signal stops it before the
				// system call returns.
				runtime.LockOSThread()
				_ = unix.Tgkill(os.Getpid(), unix.Gettid(), unix.SIGSTOP)
				runtime.UnlockOSThread()
			}
			if uptime() > deadline {
				return errLate
			}
			return nil
		}
	}
	// The context's clock goes on while the process is stopped, but nothing
	// guarantees that its timer fires before the write: leave it out.
	ctx, cancel := context.WithTimeout(context.Background(), what.Limit)
	if opt.Deadline != nil {
		ctx, cancel = context.WithCancel(context.Background())
	}
	defer cancel()
	client, err := New(ctx, opt)
	if err == nil && strings.HasPrefix(what.Do, "read") {
		_, err = client.Address(ctx, testPrivateIP)
	}
	if what.Do == "read-then-move" {
		time.Sleep(200 * time.Millisecond) // the network is cut meanwhile
	}
	if err == nil && strings.HasSuffix(what.Do, "move") {
		_, err = client.Move(ctx, Address{ID: testPrivateIP}, otherVNIC, "")
	}
	fmt.Printf("%s ambiguous=%v %v\n", KindOf(err), IsAmbiguous(err), err)
}

// helper starts a process with an environment of its own.
func (c *cloud) helper(what task, env ...string) (*exec.Cmd, *bytes.Buffer) {
	c.t.Helper()
	if what.Endpoint == "" {
		what.Endpoint = c.api.URL
	}
	what.AuthEndpoint, what.Metadata = c.auth.URL, c.metadata.URL+"/opc/v2"
	arg, err := json.Marshal(what)
	must(c.t, err)
	cmd := exec.Command("/proc/self/exe", helperArg, string(arg))
	// GORACE: a program built with -race otherwise takes a second to exit.
	cmd.Env = append(env, "SSL_CERT_FILE="+os.Getenv("SSL_CERT_FILE"), "GORACE=atexit_sleep_ms=0")
	out := &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = out, out
	must(c.t, cmd.Start())
	c.t.Cleanup(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
	return cmd, out
}

// The second process signs with the token that the first one got, with no HOME,
// no PATH and no other variable.
func TestSecondProcessIsWarm(t *testing.T) {
	c := newCloud(t)
	dir := stateDir(t)
	for i, want := range []int{1, 0} {
		cmd, out := c.helper(task{Do: "read", StateDir: dir, Limit: 5 * time.Second})
		if err := cmd.Wait(); err != nil || !strings.HasPrefix(out.String(), "unknown ambiguous=false <nil>") {
			t.Fatalf("process %d: %v %s", i, err, out)
		}
		if m, f, api := c.seen(); f != want || m != 3*want || api != 1 {
			t.Errorf("process %d: %d metadata, %d federation, %d API requests", i, m, f, api)
		}
	}
}

// Processes that start at once with a cold cache make one exchange.
func TestProcessesShareOneExchange(t *testing.T) {
	c := newCloud(t)
	dir := stateDir(t)
	c.set("auth", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(200 * time.Millisecond) // long enough for all to come
		c.serveAuth(w, r)
	})
	var wg sync.WaitGroup
	for range 6 {
		cmd, out := c.helper(task{Do: "read", StateDir: dir, Limit: 20 * time.Second})
		wg.Go(func() {
			if err := cmd.Wait(); err != nil || !strings.HasPrefix(out.String(), "unknown") {
				t.Errorf("%v %s", err, out)
			}
		})
	}
	wg.Wait()
	if _, f, api := c.seen(); f != 1 || api != 6 {
		t.Errorf("%d federation, %d API requests; want 1, 6", f, api)
	}
}

// When everything hangs, the process is gone right after its budget.
func TestProcessEndsWithItsBudget(t *testing.T) {
	c := newCloud(t)
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for _, part := range []string{"imds", "auth", "api"} {
		for _, p := range []string{"imds", "auth", "api"} {
			c.set(p, nil)
		}
		c.set(part, hang)
		var out *bytes.Buffer
		// The 300 ms more are for the process itself.
		err := promptly(t, time.Second, func(context.Context) error {
			var cmd *exec.Cmd
			cmd, out = c.helper(task{Do: "move", StateDir: stateDir(t), Limit: 700 * time.Millisecond})
			return cmd.Wait()
		})
		if want := fmt.Sprintf("transient ambiguous=%v", part == "api"); err != nil || !strings.HasPrefix(out.String(), want) {
			t.Errorf("%s hangs: %v %s", part, err, out)
		}
	}
}

// A process that is stopped right before its write, and continued after its
// deadline, sends nothing. One that is continued in time sends it.
func TestStoppedProcessSendsNothingLate(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]bool{"in time": false, "late": true} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t)
			url, received := plainServer(t)
			cmd, out := c.helper(task{Do: "stop-then-move", Endpoint: url, Limit: 2 * time.Second})
			waitStopped(t, cmd.Process.Pid)
			if got := received(); len(got) != 0 {
				t.Fatalf("the server got %q before the process stopped", got)
			}
			if late {
				time.Sleep(2100 * time.Millisecond)
			}
			must(t, cmd.Process.Signal(syscall.SIGCONT))
			must(t, cmd.Wait())
			if got := received(); (len(got) == 0) != late || strings.HasPrefix(out.String(), TooLate.String()) != late {
				t.Errorf("the server got %d bytes; %s", len(got), out)
			}
		})
	}
}

func waitStopped(t *testing.T, pid int) {
	t.Helper()
	for range 500 {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		must(t, err)
		if fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])); fields[0] == "T" {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the process did not stop itself")
}
