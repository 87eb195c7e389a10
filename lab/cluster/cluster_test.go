// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	if os.Geteuid() == 0 {
		if err := sweep(); err != nil {
			fmt.Println("sweep:", err)
		}
	}
	os.Exit(m.Run())
}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// shell runs a shell line in the node and returns its output.
func shell(t *testing.T, n *Node, line string) string {
	t.Helper()
	out, err := n.Output(within(t, 30*time.Second), "sh", "-c", line)
	if err != nil {
		t.Errorf("%v", err)
	}
	return strings.TrimSpace(string(out))
}

func expect(t *testing.T, n *Node, line, want string) {
	t.Helper()
	if got := shell(t, n, line); got != want {
		t.Errorf("%s on %s: got %q, want %q", line, n.Name(), got, want)
	}
}

// TestCluster is the life of a lab: boot, pcs cluster setup, crash, return, freeze, thaw, power off.
func TestCluster(t *testing.T) {
	hostName := hostView(t)
	c, b := newLab(t, func(cfg *Config) {
		cfg.AssetTag = OracleCloud
		cfg.Units = []string{"monit.service"}
		cfg.Hosts = []string{"192.0.2.10 iaas.example.test"}
	}, "alpha", "beta")
	alpha, beta := c.Node("alpha"), c.Node("beta")

	begin := time.Now()
	if err := c.Boot(within(t, time.Minute)); err != nil {
		t.Fatal(err)
	}
	t.Logf("two nodes booted in %v", time.Since(begin))
	t.Run("machine", func(t *testing.T) { testMachine(t, alpha) })
	t.Run("exec", func(t *testing.T) { testExec(t, alpha) })

	times, err := c.Setup(within(t, 90*time.Second), "virtualrouter", SetupOptions{Enable: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("cluster online: %+v", times)
	t.Run("settled", func(t *testing.T) { testSettled(t, c) })
	t.Run("crash and return", func(t *testing.T) { testCrash(t, c, b) })
	t.Run("freeze and thaw", func(t *testing.T) { testFreeze(t, c) })

	t.Run("shutdown", func(t *testing.T) {
		expect(t, beta, "systemctl stop pacemaker && systemctl is-active pacemaker; true", "inactive")
		if err := beta.Shutdown(within(t, 40*time.Second)); err != nil {
			t.Fatal(err)
		}
		if beta.State() != Down {
			t.Errorf("state after shutdown: %v", beta.State())
		}
	})
	t.Run("host untouched", func(t *testing.T) {
		if got := hostView(t); got != hostName {
			t.Errorf("the host changed from %q to %q", hostName, got)
		}
	})
}

// hostView is what a careless node would change on its host.
func hostView(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("sh", "-c", "hostname; cat /proc/sys/kernel/hostname /proc/sys/fs/nr_open /proc/sys/kernel/pid_max /proc/sys/net/ipv4/ip_forward; ls -A /dev /run/systemd | md5sum; ls /dev/shm | grep -c qb-; true").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// testMachine: what an administrator would take for granted on a real machine.
func testMachine(t *testing.T, n *Node) {
	expect(t, n, "systemctl is-system-running", "running")
	expect(t, n, "hostname; uname -n; cat /proc/1/comm", "alpha\nalpha\nsystemd")
	expect(t, n, "cat /sys/class/dmi/id/chassis_asset_tag", OracleCloud)
	expect(t, n, "getent hosts iaas.example.test beta", "192.0.2.10      iaas.example.test\n10.0.0.12       beta")
	expect(t, n, "ls /sys/class/net | grep -v bonding_masters", "ens3\nlo")
	expect(t, n, "journalctl -q -b --no-pager -u pcsd -n 50 | grep -c Started", "1")
	expect(t, n, "systemctl is-enabled pcsd; systemctl is-active pcsd corosync monit || true", "enabled\nactive\ninactive\nactive")
	expect(t, n, "ls -A /var/lib/pacemaker/cib; test -e /etc/corosync/corosync.conf || test -e /var/lib/pcsd/known-hosts || echo none", "none")
	// systemd-tmpfiles makes .ssh; all else would be the host's.
	expect(t, n, "ls -A /home; ls -A /root | grep -v '^.ssh$'; true", "")
	// An interface asked for before it is there must be seen when it comes.
	expect(t, n, "test -e /sys/class/net/late0 || echo no; ip link add late0 type bridge; cat /sys/class/net/late0/operstate; ip link del late0", "no\ndown")
	expect(t, n, "sysctl -qw net.ipv4.ip_forward=1 && cat /proc/sys/net/ipv4/ip_forward", "1")
	for _, forbidden := range []string{"echo 1 > /proc/sys/kernel/panic", "echo b > /proc/sysrq-trigger"} {
		expect(t, n, "("+forbidden+") 2>/dev/null && echo possible || echo refused", "refused")
	}
	begin := time.Now()
	expect(t, n, "getent hosts nowhere.example.test || echo unknown", "unknown")
	if took := time.Since(begin); took > time.Second {
		t.Errorf("an unknown name took %v to look up: name servers are asked", took)
	}
}

// testExec: a command in a node is like one on the host.
func testExec(t *testing.T, n *Node) {
	for line, want := range map[string]int{"exit 0": 0, "exit 7": 7, "exit 190": 190} {
		cmd := n.Command(within(t, 10*time.Second), "sh", "-c", line)
		if _ = cmd.Run(); cmd.ProcessState.ExitCode() != want {
			t.Errorf("%s: exit status %d, want %d", line, cmd.ProcessState.ExitCode(), want)
		}
	}
	cmd := n.Command(within(t, 10*time.Second), "sh", "-c", "cat; pwd; env | sort | cut -d= -f1; echo err >&2")
	cmd.Stdin = strings.NewReader("in\n")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if want := "in\n/\nHOME\nLANG\nLOGNAME\nPATH\nPWD\nSHELL\nUSER\n"; string(out) != want || stderr.String() != "err\n" || err != nil {
		t.Errorf("got %q, %q, %v; want %q", out, stderr.String(), err, want)
	}
	terminal := n.Terminal(within(t, 10*time.Second), "sh", "-c", "exit 9")
	if _ = terminal.Run(); terminal.ProcessState.ExitCode() != 9 {
		t.Errorf("exit status %d from a terminal's command, want 9", terminal.ProcessState.ExitCode())
	}
	// The end of the context ends the command's children too.
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := n.Command(ctx, "sh", "-c", "sleep 987 & sleep 987").Run(); err == nil {
		t.Error("a command outlived its context")
	}
	expect(t, n, "sleep 0.1; pgrep -fc '^sleep 987' || true", "0")
	// Files come and go while the node runs; a running program can be replaced.
	tool := map[string]File{"/usr/local/bin/tool": {Content: []byte("#!/bin/sh\necho one\n"), Mode: 0o755}, "/run/x/y": {Content: []byte("here")}}
	for range 2 {
		if err := n.Install(within(t, 10*time.Second), tool); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, n, "tool; cat /run/x/y; stat -c %a /usr/local/bin/tool", "one\nhere755")
	if _, err := os.Stat("/usr/local/bin/tool"); err == nil {
		t.Error("the tool was installed on the host")
	}
}

func testSettled(t *testing.T, c *Cluster) {
	n := c.Node("alpha")
	expect(t, n, "pcs property set stonith-enabled=false && pcs resource create idle ocf:pacemaker:Dummy && echo created", "created")
	if err := n.WaitSettled(within(t, 30*time.Second)); err != nil {
		t.Fatal(err)
	}
	mon, err := n.CrmMon(within(t, 10*time.Second))
	if err != nil || !strings.Contains(string(mon), `<resource id="idle" resource_agent="ocf:pacemaker:Dummy" role="Started"`) {
		t.Errorf("after WaitSettled the resource does not run: %v %s", err, mon)
	}
	cib, err := n.CIB(within(t, 10*time.Second))
	if err != nil || !strings.Contains(string(cib), `type="Dummy"`) || strings.Contains(string(cib), "dc-deadtime") {
		t.Errorf("the CIB lacks the resource or still has dc-deadtime: %v %s", err, cib)
	}
}

func testCrash(t *testing.T, c *Cluster, b *bridge) {
	alpha, beta := c.Node("alpha"), c.Node("beta")
	shell(t, beta, "echo kept > /etc/kept; echo kept > /var/lib/kept; echo lost > /run/lost; sync")
	waiting := beta.Command(within(t, 30*time.Second), "sleep", "100")
	if err := waiting.Start(); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if err := beta.Crash(within(t, 20*time.Second)); err != nil {
		t.Fatal(err)
	}
	t.Logf("crashed in %v", time.Since(begin))
	if err := waiting.Wait(); err == nil {
		t.Error("a command outlived the crash of its node")
	}
	if err := beta.Command(t.Context(), "true").Run(); !errors.Is(err, ErrDown) {
		t.Errorf("command in a crashed node: %v, want ErrDown", err)
	}
	if beta.State() != Down || b.detached["beta"] != 1 {
		t.Errorf("after the crash: %v, detached %d times", beta.State(), b.detached["beta"])
	}
	if err := c.WaitOnline(within(t, 30*time.Second)); err != nil {
		t.Fatal(err)
	}
	t.Logf("alpha alone after %v", time.Since(begin))
	begin = time.Now()
	// A later process finds the lab by its folder.
	again, err := Open(filepath.Dir(c.dir))
	if err != nil {
		t.Fatal(err)
	}
	again.SetNetwork(b)
	if err := again.Boot(within(t, time.Minute), "beta"); err != nil {
		t.Fatal(err)
	}
	t.Logf("back up after %v", time.Since(begin))
	if err := c.WaitOnline(within(t, 60*time.Second)); err != nil {
		t.Fatal(err)
	}
	t.Logf("back in the cluster after %v", time.Since(begin))
	expect(t, beta, "cat /etc/kept /var/lib/kept; test -e /run/lost || echo gone", "kept\nkept\ngone")
	if alpha.State() != Up || b.attached["beta"] != 2 {
		t.Errorf("alpha %v; beta attached %d times, want 2", alpha.State(), b.attached["beta"])
	}
	if err := beta.Boot(within(t, 10*time.Second)); err == nil {
		t.Error("a running node was booted a second time")
	}
}

func testFreeze(t *testing.T, c *Cluster) {
	alpha, beta := c.Node("alpha"), c.Node("beta")
	shell(t, beta, "(while :; do date +%s%N >> /run/ticks; sleep 0.05; done) > /dev/null 2>&1 & until test -s /run/ticks; do sleep 0.05; done")
	if err := beta.Freeze(within(t, 5*time.Second)); err != nil {
		t.Fatal(err)
	}
	if beta.State() != Frozen {
		t.Errorf("state of a frozen node: %v", beta.State())
	}
	ticks := func() string {
		out, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(beta.PID()), "root/run/ticks"))
		if err != nil {
			t.Error(err)
		}
		return string(out)
	}
	before := ticks()
	if out, err := beta.Output(within(t, 500*time.Millisecond), "true"); err == nil {
		t.Errorf("a command ran in a frozen node: %s", out)
	}
	if after := ticks(); after != before || before == "" {
		t.Errorf("a frozen node went on: %q then %q", before, after)
	}
	if err := beta.Thaw(within(t, 5*time.Second)); err != nil {
		t.Fatal(err)
	}
	if err := c.WaitOnline(within(t, 60*time.Second)); err != nil {
		t.Fatal(err)
	}
	if alpha.State() != Up || beta.State() != Up {
		t.Errorf("after the thaw: %v %v", alpha.State(), beta.State())
	}
}
