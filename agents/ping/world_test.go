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
	if filepath.Base(os.Args[0]) == "ping" {
		main()
	}
	os.Exit(m.Run())
}

// original is the agent that this one replaces.
const original = "/usr/lib/ocf/resource.d/pacemaker/ping"

// worldSetup makes, in fresh network and mount namespaces, a node with a link to a peer that has 10.99.0.1 to .20 and
// fd00:99::1 to ::3; every other address is silent. /run, the name service and attrd_updater are the test's own.
const worldSetup = `set -e
mount -t tmpfs tmpfs /run
mkdir -m 755 /run/world
printf '%s\n' '#!/bin/sh' 'echo "$*" | sed "s/^/node=$OCF_RESKEY_CRM_meta_on_node /" >>"${ATTRD_LOG:-/dev/null}"' 'eval "${ATTRD_DO:-exit 0}"' >/run/world/attrd_updater
chmod 755 /run/world/attrd_updater
mount --bind /run/world/attrd_updater /usr/sbin/attrd_updater
printf '10.99.0.2 two.world\nfd00:99::2 six.world\n' >/run/world/hosts
printf 'nameserver 127.0.0.53\noptions timeout:5 attempts:2\n' >/run/world/resolv.conf
mount --bind /run/world/hosts /etc/hosts
mount --bind /run/world/resolv.conf /etc/resolv.conf
ip link set lo up
ip netns add peer
ip link add v0 type veth peer name v1 netns peer
ip addr add 10.99.0.254/23 dev v0
ip -6 addr add fd00:99::fe/64 dev v0 nodad
ip link set v0 up
ip -n peer link set v1 up
ip -n peer link set lo up
for i in $(seq 1 20); do ip -n peer addr add 10.99.0.$i/23 dev v1; done
for i in 1 2 3; do ip -n peer -6 addr add fd00:99::$i/64 dev v1 nodad; done
`

// insideWorld runs the calling test again, alone, in such a world, and is true in there. The world ends with it.
func insideWorld(t *testing.T, more string) bool {
	t.Helper()
	const marker = "PING_TEST_WORLD"
	if os.Getenv(marker) == t.Name() {
		return true
	}
	t.Parallel() // worlds do not know each other
	if os.Getuid() != 0 {
		t.Skip("needs root for network and mount namespaces")
	}
	if _, err := os.Stat("/usr/sbin/attrd_updater"); err != nil {
		t.Skipf("needs pacemaker: %v", err)
	}
	args := []string{"-n", "-m", "--propagation", "private", "--", "sh", "-c", worldSetup + more + "\nexec \"$0\" \"$@\"", os.Args[0], "-test.run=^" + regexp.QuoteMeta(t.Name()) + "$", "-test.parallel=20"}
	if testing.Verbose() {
		args = append(args, "-test.v")
	}
	cmd := exec.Command("unshare", args...)
	cmd.Env = append(os.Environ(), marker+"="+t.Name())
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Contains(string(out), "no tests to run") {
		t.Fatalf("in the world: %v\n%s", err, out)
	}
	t.Logf("%s", out)
	return false
}

// install gives the agent under test its name, in a folder that everybody may enter, and returns its path.
func install(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := "/run/world/bin/ping"
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
	dir   string // state file and attrd_updater's log
	env   []string
}

func newInstance(t *testing.T, agent string, parameters ...string) *instance {
	t.Helper()
	i := &instance{agent: agent, dir: t.TempDir()}
	i.env = []string{"PATH=/usr/bin:/bin", "OCF_ROOT=/usr/lib/ocf", "OCF_RA_VERSION_MAJOR=1", "OCF_RA_VERSION_MINOR=1",
		"OCF_RESOURCE_INSTANCE=p_ping", "OCF_RESOURCE_TYPE=ping", "OCF_EXIT_REASON_PREFIX=ocf-exit-reason:",
		"OCF_RESKEY_CRM_meta_timeout=60000", "OCF_RESKEY_CRM_meta_interval=10000", "OCF_RESKEY_CRM_meta_on_node=sp1",
		"HA_LOGFACILITY=none", "OCF_RESKEY_pidfile=" + i.dir + "/state", "ATTRD_LOG=" + i.dir + "/attrd"}
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
	code    int
	stderr  string
	updates []string // attrd_updater's arguments
	took    time.Duration
}

// value is the attribute after the action: "-" deleted, "" not touched.
func (r ran) value() string {
	value := ""
	for _, update := range r.updates {
		words := strings.Fields(update)
		for k, word := range words {
			switch {
			case word == "-D":
				value = "-"
			case (word == "-B" || word == "-v") && k+1 < len(words) && words[k+1] != "-d":
				value = words[k+1]
			}
		}
	}
	return value
}

// run runs an action; launcher, if any, is put before the agent.
func (i *instance) run(t *testing.T, action string, launcher ...string) ran {
	t.Helper()
	log := filepath.Join(i.dir, "attrd")
	_ = os.Remove(log)
	words := append(launcher, i.agent, action)
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Env = i.env
	var stderr strings.Builder
	cmd.Stderr = &stderr
	began := time.Now()
	err := cmd.Run()
	r := ran{code: cmd.ProcessState.ExitCode(), stderr: stderr.String(), took: time.Since(began)}
	if r.code < 0 {
		t.Fatalf("%s: %v", action, err)
	}
	if text, err := os.ReadFile(log); err == nil {
		r.updates = strings.Split(strings.TrimSpace(string(text)), "\n")
	}
	return r
}

func (r ran) String() string {
	return fmt.Sprintf("code %d, attribute %q after %v\n%s", r.code, r.value(), r.took.Round(time.Millisecond), r.stderr)
}
