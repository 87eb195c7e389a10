// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// limitedTo reports an action that took as long as the operation's timeout, when pacemaker would kill it, or the wrong
// code or attribute.
func limitedTo(t *testing.T, what string, r ran, timeout time.Duration, code int, value string) {
	t.Helper()
	if r.took >= timeout {
		t.Errorf("%s: took %v of %v", what, r.took, timeout)
	}
	if r.code != code || r.value() != value {
		t.Errorf("%s: want code %d and attribute %q: %v", what, code, value, r)
	}
	if (r.code != 0) != strings.Contains(r.stderr, "ocf-exit-reason:") {
		t.Errorf("%s: code and exit reason do not fit: %v", what, r)
	}
}

const tenHosts = "host_list=10.99.0.1 10.99.0.2 10.99.0.3 10.99.0.4 10.99.0.5 10.99.0.6 10.99.0.7 10.99.0.8 10.99.0.9 10.99.0.10"

// Networks that lose, refuse or do not know packets: the score is right and the operation's timeout is kept.
func TestNetworkFaults(t *testing.T) {
	for _, c := range []struct {
		name       string
		setup      string
		parameters []string
		timeout    time.Duration // of the operation
		want       string        // attribute; the code is 0
		least      time.Duration // that a round must take
		most       time.Duration
		says       string // in the start's log
	}{
		{name: "30 percent loss", // of each echo; a host dies with 0.3^10
			setup:      `ip netns exec peer nft 'table inet t { chain c { type filter hook input priority 0; icmp type echo-request numgen random mod 100 < 30 drop; }; }'`,
			parameters: []string{tenHosts, "attempts=10", "timeout=2s"}, timeout: 10 * time.Second, want: "10", most: 4 * time.Second},
		{name: "all lost",
			setup:      `ip netns exec peer nft 'table inet t { chain c { type filter hook input priority 0; icmp type echo-request drop; }; }'`,
			parameters: []string{tenHosts, "timeout=1s"}, timeout: 10 * time.Second, want: "0", least: time.Second, most: 4 * time.Second},
		{name: "no route (ENETUNREACH)", parameters: []string{"host_list=10.99.0.1 192.0.2.1 2001:db8::1", "timeout=8s"},
			timeout: 20 * time.Second, want: "1", least: 2 * time.Second, most: 7 * time.Second},
		{name: "local packet filter (EPERM)", setup: `nft 'table inet t { chain c { type filter hook output priority 0; ip daddr 10.99.0.2 drop; }; }'`,
			parameters: []string{"host_list=10.99.0.1 10.99.0.2", "timeout=8s"},
			timeout:    20 * time.Second, want: "1", least: 2 * time.Second, most: 7 * time.Second},
		{name: "interface down", setup: "ip link set v0 down", parameters: []string{"host_list=10.99.0.1 10.99.0.2 127.0.0.1", "timeout=1s"},
			timeout: 10 * time.Second, want: "1", most: 4 * time.Second},
		{name: "cable cut", setup: "ip -n peer link set v1 down", parameters: []string{"host_list=10.99.0.1 fd00:99::1 127.0.0.1", "timeout=1s"},
			timeout: 10 * time.Second, want: "1", most: 4 * time.Second},
		{name: "unresolvable name", parameters: []string{"host_list=10.99.0.1 nowhere.invalid", "timeout=1s"},
			timeout: 10 * time.Second, want: "1", most: 4 * time.Second},
		{name: "the handbook's timeout of 60 in an operation of 5 s, one dead", parameters: []string{"host_list=10.99.0.1 10.99.1.200", "multiplier=1000", "timeout=60"},
			timeout: 5 * time.Second, want: "1000", least: 2 * time.Second},
		{name: "operation of a second, one dead", parameters: []string{"host_list=10.99.0.1 10.99.1.200", "timeout=60"}, timeout: time.Second, want: "1",
			says: "10.99.1.200 does not answer: 3 of 3 lost"},
		{name: "500ms are 500 ms", parameters: []string{"host_list=10.99.0.1 10.99.1.200", "timeout=500ms"}, timeout: 10 * time.Second,
			want: "1", least: 500 * time.Millisecond, most: 4 * time.Second},
		{name: "one dead of ten costs the timeout once", parameters: []string{tenHosts + " 10.99.1.200", "timeout=1s", "attempts=5"}, timeout: 10 * time.Second,
			want: "10", least: time.Second, most: 4 * time.Second},
		{name: "ten dead cost the timeout once", parameters: []string{strings.ReplaceAll(tenHosts, "10.99.0.", "10.99.1."), "timeout=1s"}, timeout: 10 * time.Second,
			want: "0", least: time.Second, most: 4 * time.Second},
		{name: "duplicate replies, and some that are not ours", // .1 answers twice, .2 to another identifier, .3 from .9, .5 damaged
			setup: `ip netns exec peer nft 'table ip t { chain c { type filter hook output priority 0; icmp type != echo-reply accept; ` +
				`ip saddr 10.99.0.1 dup to 10.99.0.254 device "v1"; ip saddr 10.99.0.2 icmp id set 4242; ip saddr 10.99.0.3 ip saddr set 10.99.0.9; ip saddr 10.99.0.5 @th,80,16 set 4242; }; }'`,
			parameters: []string{"host_list=10.99.0.1 10.99.0.2 10.99.0.3 10.99.0.4 10.99.0.5", "timeout=300ms"}, timeout: 10 * time.Second, want: "2"},
		{name: "link-local", setup: "ip -n peer -6 addr add fe80::99/64 dev v1 nodad; ip -6 addr add fe80::fe/64 dev v0 nodad",
			parameters: []string{"host_list=fe80::99%v0 fe80::98%v0 fe80::99%nosuch", "timeout=300ms"}, timeout: 10 * time.Second, want: "1"},
		{name: "weights", parameters: []string{"host_list=10.99.0.1=3 10.99.0.2 fd00:99::1=10 10.99.1.200=100 10.99.0.3=0", "timeout=300ms", "multiplier=2"},
			timeout: 10 * time.Second, want: "28"},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			if !insideWorld(t, c.setup) {
				return
			}
			i := newInstance(t, install(t), c.parameters...)
			i.set("CRM_meta_timeout=" + milliSeconds(c.timeout))
			for _, action := range []string{"start", "monitor"} {
				r := i.run(t, action)
				limitedTo(t, action, r, c.timeout, 0, c.want)
				if action == "start" && !strings.Contains(r.stderr, c.says) {
					t.Errorf("want %q: %v", c.says, r)
				}
				if r.took < c.least || c.most > 0 && r.took > c.most {
					t.Errorf("%s took %v, want %v to %v", action, r.took, c.least, c.most)
				}
			}
		})
	}
}

func milliSeconds(d time.Duration) string {
	text, _ := json.Marshal(d.Milliseconds())
	return string(text)
}

// The handbook's timeout of 60 s must not make a glitch of some seconds a dead host.
func TestGlitchInALongTimeout(t *testing.T) {
	if !insideWorld(t, "ip -n peer addr del 10.99.0.2/23 dev v1") {
		return
	}
	i := newInstance(t, install(t), "host_list=10.99.0.1 10.99.0.2", "timeout=60", "CRM_meta_timeout=8000")
	back := time.AfterFunc(2500*time.Millisecond, func() { _ = exec.Command("ip", "-n", "peer", "addr", "add", "10.99.0.2/23", "dev", "v1").Run() })
	defer back.Stop()
	limitedTo(t, "start", i.run(t, "start"), 8*time.Second, 0, "2")
}

// A dead name service costs a host's timeout once, and names that were known keep counting.
func TestDeadNameService(t *testing.T) {
	if !insideWorld(t, "") {
		return
	}
	silent, err := net.ListenPacket("udp", "127.0.0.53:53")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	i := newInstance(t, install(t), "host_list=two.world 10.99.0.1", "timeout=1s", "CRM_meta_timeout=10000")
	limitedTo(t, "start", i.run(t, "start"), 10*time.Second, 0, "2")
	if err := os.WriteFile("/run/world/hosts", nil, 0o644); err != nil { // now only the name service could tell
		t.Fatal(err)
	}
	r := i.run(t, "monitor")
	limitedTo(t, "monitor", r, 10*time.Second, 0, "2")
	if !strings.Contains(r.stderr, "WARNING: looking up two.world: no answer from the name service in 1s; its last known address is used") {
		t.Errorf("no warning: %v", r)
	}
	if again := i.run(t, "monitor"); again.stderr != "" || again.value() != "2" {
		t.Errorf("the same is no news: %v", again)
	}
	if r.took < time.Second || r.took > 4*time.Second {
		t.Errorf("took %v", r.took)
	}
	// A lookup that fails and a dead host after it share the operation's time.
	if err := os.WriteFile(i.dir+"/state", []byte(`{"hosts":{"dead.world":{"up":true,"address":"10.99.1.200"}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"host_list=dead.world 10.99.0.1", "timeout=60", "CRM_meta_timeout=3000"} {
		i.set(p)
	}
	limitedTo(t, "slow and dead", i.run(t, "monitor"), 3*time.Second, 0, "1")
	for _, p := range []string{"host_list=never.seen 10.99.0.1", "timeout=1s", "CRM_meta_timeout=10000"} {
		i.set(p)
	}
	limitedTo(t, "unknown name", i.run(t, "monitor"), 10*time.Second, 0, "1")
}

// Without CAP_NET_RAW the datagram socket gives the same score; without both there is a defined code, and the
// attribute is left alone: nothing is known about the hosts.
func TestRights(t *testing.T) {
	if !insideWorld(t, "") {
		return
	}
	withoutRaw := []string{"setpriv", "--bounding-set=-net_raw,-net_admin", "--inh-caps=-net_raw,-net_admin"}
	group := func(text string) {
		if err := os.WriteFile("/proc/sys/net/ipv4/ping_group_range", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	i := newInstance(t, install(t), "host_list=10.99.0.1 fd00:99::1 10.99.1.200", "timeout=300ms", "CRM_meta_timeout=10000")
	group("0 2147483647")
	limitedTo(t, "datagram start", i.run(t, "start", withoutRaw...), 10*time.Second, 0, "2")
	limitedTo(t, "datagram monitor", i.run(t, "monitor", withoutRaw...), 10*time.Second, 0, "2")
	group("1 0")
	limitedTo(t, "monitor", i.run(t, "monitor", withoutRaw...), 10*time.Second, 1, "")
	limitedTo(t, "start", i.run(t, "start", withoutRaw...), 10*time.Second, 4, "")
	i.set("OCF_CHECK_LEVEL=10")
	limitedTo(t, "validate-all", i.run(t, "validate-all", withoutRaw...), 10*time.Second, 5, "")
}

// The attribute manager hangs, is away for a moment, or its command is not installed.
func TestAttributeManagerFaults(t *testing.T) {
	if !insideWorld(t, "") {
		return
	}
	i := newInstance(t, install(t), "host_list=10.99.0.1", "CRM_meta_timeout=4000")
	i.set("ATTRD_DO=sleep 60")
	for _, action := range []string{"start", "monitor"} {
		limitedTo(t, "hang, "+action, i.run(t, action), 4*time.Second, 1, "1")
	}
	limitedTo(t, "hang, stop", i.run(t, "stop"), 4*time.Second, 0, "-")
	i.set("ATTRD_DO=[ $(wc -l <$ATTRD_LOG) -gt 2 ] || exit 102")
	limitedTo(t, "restart", i.run(t, "start"), 4*time.Second, 0, "1")

	command(t, "umount /usr/sbin/attrd_updater && mount --bind /dev/null /usr/sbin/attrd_updater")
	limitedTo(t, "not installed, monitor", i.run(t, "monitor"), 4*time.Second, 1, "")
	limitedTo(t, "not installed, start", i.run(t, "start"), 4*time.Second, 5, "")
	limitedTo(t, "not installed, stop", i.run(t, "stop"), 4*time.Second, 0, "")
}

// The state file: unusable at start it is this node's fault, foreign it says nothing, damaged it costs nothing.
func TestStateFileFaults(t *testing.T) {
	if !insideWorld(t, "mkdir /run/ro; mount -t tmpfs -o ro tmpfs /run/ro") {
		return
	}
	i := newInstance(t, install(t), "host_list=10.99.0.1", "CRM_meta_timeout=10000")
	start := func(what, file string, code int, value string) {
		t.Helper()
		i.set("pidfile=" + file)
		limitedTo(t, what, i.run(t, "start"), 10*time.Second, code, value)
	}
	start("no directory", "/run/nowhere/state", 5, "")
	start("read-only", "/run/ro/state", 1, "")

	state := filepath.Join(i.dir, "state")
	if err := os.WriteFile(state, []byte(`{"score":`), 0o600); err != nil {
		t.Fatal(err)
	}
	i.set("pidfile=" + state)
	limitedTo(t, "damaged", i.run(t, "monitor"), 10*time.Second, 0, "1")
	if err := os.Chown(state, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	limitedTo(t, "foreign", i.run(t, "monitor"), 10*time.Second, 7, "")
	start("over a foreign one", state, 0, "1")
	limitedTo(t, "ours again", i.run(t, "monitor"), 10*time.Second, 0, "1")
}

func TestTCPTargets(t *testing.T) {
	if !insideWorld(t, "") {
		return
	}
	service, err := net.Listen("tcp", "127.0.0.1:8080")
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	i := newInstance(t, install(t), "host_list=tcp://127.0.0.1:8080 tcp://127.0.0.1:8081 tcp://10.99.1.200:80 10.99.0.1", "timeout=500ms", "CRM_meta_timeout=10000")
	r := i.run(t, "start")
	limitedTo(t, "start", r, 10*time.Second, 0, "2")
	for _, want := range []string{"tcp://127.0.0.1:8081 (127.0.0.1) does not answer: 3 of 3 lost: ", "connection refused", "tcp://127.0.0.1:8080 (127.0.0.1) answers"} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("want %q: %v", want, r)
		}
	}
}

// Twenty instances that ask the same hosts at the same moment, round after round.
func TestInstancesSideBySide(t *testing.T) {
	if !insideWorld(t, "") {
		return
	}
	agent := install(t)
	for range 20 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			i := newInstance(t, agent, tenHosts+" 10.99.1.200 fd00:99::1 fd00:99::99", "timeout=700ms", "CRM_meta_timeout=20000")
			for _, action := range []string{"start", "monitor", "monitor"} {
				limitedTo(t, action, i.run(t, action), 20*time.Second, 0, "11")
			}
		})
	}
}
