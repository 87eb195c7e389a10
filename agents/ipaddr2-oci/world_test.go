// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test binary be the agent when it is called by the agent's name.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "IPaddr2" {
		main()
	}
	os.Exit(m.Run())
}

// original is the agent that this one can replace.
const original = "/usr/lib/ocf/resource.d/heartbeat/IPaddr2"

// worldSetup makes, in fresh network and mount namespaces, a node with eth0 (10.0.0.1/24, 2001:db8::1/64, with a
// neighbour in the namespace "peer" that has 10.0.0.9 and 2001:db8::9) and eth1 (10.1.0.1/24, nobody at the other end). /run and the
// directories of the cluster are the test's own, so that no other test's files are seen.
const worldSetup = `set -e
mount -t tmpfs tmpfs /run
mkdir -m 755 /run/world /run/resource-agents
sysctl -qw net.ipv4.conf.all.promote_secondaries=1
ip link set lo up
ip netns add peer
ip link add eth0 type veth peer name e0 netns peer
ip link add eth1 type veth peer name e1 netns peer
for l in lo e0 e1; do ip -n peer link set $l up; done
for l in eth0 eth1; do ip link set $l up; done
ip addr add 10.0.0.1/24 brd 10.0.0.255 dev eth0
ip addr add 10.1.0.1/24 dev eth1
ip -6 addr add 2001:db8::1/64 dev eth0 nodad
ip -n peer addr add 10.0.0.9/24 dev e0
ip -n peer -6 addr add 2001:db8::9/64 dev e0 nodad
`

// insideWorld runs the calling test again, alone, in such a world, and is true in there. The world ends with it.
func insideWorld(t *testing.T, needs ...string) bool {
	t.Helper()
	const marker = "IPADDR2_TEST_WORLD"
	if os.Getenv(marker) == t.Name() {
		return true
	}
	t.Parallel() // worlds do not know each other
	if os.Getuid() != 0 {
		t.Skip("needs root for network and mount namespaces")
	}
	for _, file := range needs {
		if _, err := os.Stat(file); err != nil {
			t.Skipf("needs %s: %v", file, err)
		}
	}
	out, err := inWorld("^"+regexp.QuoteMeta(t.Name())+"$", marker+"="+t.Name())
	if err != nil {
		t.Fatalf("in the world: %v\n%s", err, out)
	}
	t.Logf("%s", out)
	return false
}

// inWorld runs tests of this binary in a world of their own and returns what they print.
func inWorld(run string, env ...string) (string, error) {
	args := []string{"-n", "-m", "--propagation", "private", "--", "sh", "-c", worldSetup + "\nexec \"$0\" \"$@\"", os.Args[0], "-test.run=" + run}
	if testing.Verbose() {
		args = append(args, "-test.v")
	}
	cmd := exec.Command("unshare", args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err == nil && strings.Contains(string(out), "no tests to run") {
		err = fmt.Errorf("no test is called %s", run)
	}
	return string(out), err
}

// install gives the agent under test its name, and returns its path.
func install(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := "/run/world/bin/IPaddr2"
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		if out, err := exec.Command("install", "-m", "755", self, path).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	return path
}

// instance is one resource instance of one of the agents.
type instance struct {
	agent string
	env   []string
}

func newInstance(agent string, parameters ...string) *instance {
	i := &instance{agent: agent}
	i.env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "OCF_ROOT=/usr/lib/ocf", "OCF_RA_VERSION_MAJOR=1", "OCF_RA_VERSION_MINOR=1",
		"OCF_RESOURCE_INSTANCE=vip", "OCF_RESOURCE_TYPE=IPaddr2", "OCF_EXIT_REASON_PREFIX=ocf-exit-reason:",
		"OCF_RESKEY_CRM_meta_timeout=20000", "HA_LOGFACILITY=none"}
	for _, p := range parameters {
		i.set(p)
	}
	return i
}

// set sets name=value; a name in capitals is an environment variable, any other a parameter.
func (i *instance) set(assignment string) {
	name, _, _ := strings.Cut(assignment, "=")
	if strings.ToUpper(name) != name {
		assignment, name = "OCF_RESKEY_"+assignment, "OCF_RESKEY_"+name
	}
	i.env = slices.DeleteFunc(i.env, func(e string) bool { return strings.HasPrefix(e, name+"=") })
	i.env = append(i.env, assignment)
}

// ran is what an action did.
type ran struct {
	code   int
	stderr string
	took   time.Duration
}

func (r ran) String() string {
	return fmt.Sprintf("code %d after %v\n%s", r.code, r.took.Round(time.Millisecond), r.stderr)
}

// run runs an action. "monitor" is recurring, "probe" is not.
func (i *instance) run(t *testing.T, action string, more ...string) ran {
	t.Helper()
	one := &instance{agent: i.agent, env: slices.Clone(i.env)}
	switch action {
	case "probe":
		action = "monitor"
	case "monitor":
		one.set("CRM_meta_interval=10000")
	}
	for _, m := range more {
		one.set(m)
	}
	cmd := exec.Command(one.agent, action)
	cmd.Env = one.env
	file, err := os.CreateTemp("/run/world", "stderr") // a pipe would be kept open by the original's children
	if err != nil {
		t.Fatal(err)
	}
	defer os.Remove(file.Name())
	defer file.Close()
	cmd.Stderr = file
	began := time.Now()
	ended := cmd.Run()
	stderr, err := os.ReadFile(file.Name())
	r := ran{code: cmd.ProcessState.ExitCode(), stderr: string(stderr), took: time.Since(began)}
	if r.code < 0 || err != nil {
		t.Fatalf("%s: %v, %v", action, ended, err)
	}
	return r
}

// want fails the test unless the action ends with this code.
func (i *instance) want(t *testing.T, code int, action string, more ...string) ran {
	t.Helper()
	r := i.run(t, action, more...)
	if r.code != code {
		t.Errorf("%s %v: want %d, got %v", action, more, code, r)
	}
	if i.agent != original && (r.code != 0) != strings.Contains(r.stderr, "ocf-exit-reason:") {
		t.Errorf("%s: code %d and its exit reason do not fit: %s", action, r.code, r.stderr)
	}
	return r
}

// sh runs a command line and returns what it printed.
func sh(t *testing.T, line string) string {
	t.Helper()
	out, err := exec.Command("sh", "-c", line).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", line, err, out)
	}
	return string(out)
}
