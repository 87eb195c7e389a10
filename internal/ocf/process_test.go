// SPDX-License-Identifier: Apache-2.0

package ocf_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestPanic(t *testing.T) {
	for _, what := range []string{"panic", "panic elsewhere", "goexit"} {
		for _, k := range kinds {
			t.Run(what+" "+k.name, func(t *testing.T) {
				t.Parallel()
				got := runAgent(t, k.action, append(slices.Clip(k.env), "OCF_RESKEY_do="+what)...)
				if r := got.reasons(); got.code != k.failure || len(r) != 1 || !strings.HasPrefix(r[0], "internal error in ") {
					t.Errorf("code %d, want %d: %q", got.code, k.failure, got.stderr)
				}
				if what != "goexit" && !strings.Contains(got.stderr, "boom at night") {
					t.Errorf("the cause is missing: %q", got.stderr)
				}
			})
		}
	}
}

// TestFileDescriptors runs the agent with 0, 1 and 2 closed, and with a pipe that
// has no reader.
func TestFileDescriptors(t *testing.T) {
	agent := filepath.Join(link(t), agentName)
	for _, c := range []struct {
		script string
		code   int
	}{
		{`exec "$0" monitor 0<&- 1>&- 2>&-`, 7},
		{`OCF_RESKEY_do=code exec "$0" stop 0<&- 1>&- 2>&-`, 1},
		{`exec "$0" meta-data 0<&- 2>&- >/dev/null`, 0},
		{`exec "$0" meta-data >/dev/full`, 1},
		{`{ sleep 0.2; "$0" meta-data; echo $? >"$1"; } | :; exit $(cat "$1")`, 1},
		{`{ sleep 0.2; "$0" monitor; echo $? >"$1"; } 2>&1 | :; exit $(cat "$1")`, 7},
		{`ulimit -n 16; exec "$0" monitor`, 7},
	} {
		cmd := exec.Command("sh", "-c", c.script, agent, filepath.Join(t.TempDir(), "code"))
		cmd.Env = []string{"PATH=/bin:/usr/bin"}
		if got := run(t, cmd); got.code != c.code {
			t.Errorf("%s: %d, want %d: %s", c.script, got.code, c.code, got.stderr)
		}
	}
}

// TestChildren checks what a child inherits, and that it dies with the agent,
// whose process group pacemaker kills, although it has a group of its own.
func TestChildren(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "child")
	cmd := agentCommand("start", "OCF_RESKEY_do=child", timeout(time.Minute), "OCF_RESKEY_CRM_meta_on_node=n1", "LANG=de_DE.UTF-8", "PATH=/opt/x:/bin",
		"OCF_RESKEY_message=(echo $$; echo $PATH $LC_ALL-$LANG $OCF_RESKEY_CRM_meta_on_node; grep Sig /proc/self/status) >"+file+".new; mv "+file+".new "+file+"; sleep 60; :")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var text []byte
	for begin := time.Now(); time.Since(begin) < 5*time.Second && len(text) == 0; time.Sleep(10 * time.Millisecond) {
		text, _ = os.ReadFile(file)
	}
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	lines := strings.Split(string(text), "\n")
	if len(lines) < 3 || lines[1] != "/opt/x:/bin:/sbin:/usr/sbin:/usr/bin C- n1" {
		t.Errorf("environment of the child: %q", lines)
	}
	// What this test itself was started with (make(1) may ignore signals) is inherited; nothing may be added.
	own, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	ignored := regexp.MustCompile(`SigIgn:\s*(\w+)`)
	if m, mine := ignored.FindStringSubmatch(string(text)), ignored.FindStringSubmatch(string(own)); m == nil || m[1] != mine[1] {
		t.Errorf("the child ignores signals: %s", text)
	}
	pid, err := strconv.Atoi(lines[0])
	if err != nil {
		t.Fatal(err)
	}
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		// Gone, or a zombie that nobody has reaped yet.
		stat, err := os.ReadFile("/proc/" + lines[0] + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			break
		}
		if time.Since(begin) > 2*time.Second {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			t.Fatal("the child outlives the agent")
		}
	}
}

// TestMetaDataTouchesNothing has strace watch for anything but reading.
func TestMetaDataTouchesNothing(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Fatal("strace is missing (Debian package strace)")
	}
	log := filepath.Join(t.TempDir(), "strace")
	cmd := exec.Command("strace", "-f", "-o", log, "-e",
		"trace=%network,%process,openat,open,creat,unlink,unlinkat,mkdir,mkdirat,rename,renameat2",
		filepath.Join(link(t), agentName), "meta-data")
	cmd.Env = []string{}
	if got := run(t, cmd); got.code != 0 || !strings.Contains(got.stdout, "</resource-agent>") {
		t.Fatalf("%d %s", got.code, got.stderr)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	suspicious := regexp.MustCompile(`socket\(|connect\(|O_WRONLY|O_RDWR|O_CREAT|creat\(|unlink|mkdir|rename`)
	for line := range strings.Lines(string(text)) {
		if suspicious.MatchString(line) || strings.Contains(line, "execve(") && !strings.Contains(line, agentName) {
			t.Errorf("meta-data does more than print: %s", line)
		}
	}
	if !strings.Contains(string(text), "execve(") {
		t.Error("strace saw nothing")
	}
}

// link makes a directory in which the test binary has the agent's name.
func link(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, agentName)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestSyslogStuck fills the queue of /dev/log, which nobody reads: an action is
// hardly later for that, and does not fail.
func TestSyslogStuck(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root for a mount namespace")
	}
	dir := t.TempDir()
	socket, keep := filepath.Join(dir, "log"), filepath.Join(dir, "keep")
	if err := os.Mkdir(keep, 0o700); err != nil {
		t.Fatal(err)
	}
	daemon, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer daemon.Close()
	client, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for err == nil {
		_ = client.SetWriteDeadline(time.Now().Add(20 * time.Millisecond))
		_, err = client.Write([]byte("full"))
	}
	for what, code := range map[string]int{"log": 0, "code": 1} {
		cmd := exec.Command("unshare", "--mount", "--propagation", "private", "sh", "-c", isolated, "sh", socket, keep, filepath.Join(link(t), agentName), "start")
		cmd.Env = []string{"PATH=/bin:/usr/bin", "HA_LOGFACILITY=daemon", "OCF_RESKEY_do=" + what, timeout(10 * time.Second)}
		if got := run(t, cmd); got.code != code || got.took > 2*time.Second {
			t.Errorf("%s: code %d after %v", what, got.code, got.took)
		}
	}
}

// TestFast: meta-data and a probe cost milliseconds of processor time, of which
// most is the start of the process.
func TestFast(t *testing.T) {
	for _, action := range []string{"meta-data", "monitor"} {
		best := time.Hour
		for range 10 {
			cmd := agentCommand(action)
			run(t, cmd)
			best = min(best, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
		}
		if best > 50*time.Millisecond {
			t.Errorf("%s takes %v at best", action, best)
		}
	}
}
