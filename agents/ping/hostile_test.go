// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// Environments that nobody means. Whatever comes, the code is a defined one with one reason line, in time.
func TestHostileEnvironments(t *testing.T) {
	if !insideWorld(t, "") {
		return
	}
	agent := install(t)
	garbage := "\x01\xff\u2603 ; $(touch /run/world/pwned) `touch /run/world/pwned` '\" \\ %s %n\nocf-exit-reason:forged"
	for _, c := range []struct {
		name       string
		parameters []string
		launcher   []string
		start      int
		value      string
	}{
		{"garbage host", []string{"host_list=10.99.0.1 " + garbage}, nil, 0, "1"},
		{"garbage multiplier", []string{"host_list=10.99.0.1", "multiplier=" + garbage}, nil, 6, ""},
		{"garbage options", []string{"host_list=10.99.0.1", "options=" + garbage}, nil, 0, "1"},
		{"garbage everywhere else", []string{"host_list=10.99.0.1", "debug=" + garbage, "use_fping=" + garbage, "pidfile_=" + garbage, "nosuch=" + garbage}, nil, 0, "1"},
		{"a timeout that is none", []string{"host_list=10.99.0.1", "CRM_meta_timeout=" + garbage, "CRM_meta_interval=soon"}, nil, 0, "1"},
		{"an operation of no time", []string{"host_list=10.99.0.1", "CRM_meta_timeout=0"}, nil, 0, "1"},
		{"an operation of minus a second", []string{"host_list=10.99.0.1", "CRM_meta_timeout=-1000"}, nil, 0, "1"},
		{"a list as long as the kernel takes", []string{"host_list=" + strings.Repeat("10.99.0.1=1000000 ", 7000), "multiplier=2147483647"}, nil, 0, "9223372036854775807"},
		{"a thousand names that do not exist", []string{"host_list=10.99.0.1 " + names(1000), "timeout=1s"}, nil, 0, "1"},
		{"16 files", []string{"host_list=10.99.0.1 10.99.0.2 fd00:99::1"}, []string{"prlimit", "--nofile=16:16"}, 0, "3"},
		{"no environment to speak of", []string{"host_list=10.99.0.1", "PATH="}, nil, 0, "1"},
		{"files 0 to 2 closed", []string{"host_list=10.99.0.1"}, []string{"sh", "-c", `exec "$0" "$@" 0<&- 1>&- 2>&-`}, 0, "1"},
		{"nobody reads", []string{"host_list=10.99.0.1 10.99.1.200", "debug=verbose", "timeout=300ms"}, []string{"sh", "-c", `trap "" PIPE; { "$0" "$@" 2>&1; echo $? >/run/world/piped; } | true; exit $(cat /run/world/piped)`}, 0, "1"},
		{"a full disk for the trace", []string{"host_list=10.99.0.1", "trace_ra=1", "trace_file=/dev/full"}, nil, 0, "1"},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			i := newInstance(t, agent, c.parameters...)
			r := i.run(t, "start", c.launcher...)
			if r.code != c.start || r.value() != c.value {
				t.Errorf("start: want code %d and attribute %q: %.600v", c.start, c.value, r)
			}
			if n := strings.Count("\n"+r.stderr, "\nocf-exit-reason:"); n != min(c.start, 1) {
				t.Errorf("start: %d reason lines: %.600v", n, r)
			}
			want := 0
			if c.start != 0 {
				want = 7 // it was not started
			}
			if r := i.run(t, "monitor", c.launcher...); r.code != want {
				t.Errorf("monitor: want code %d: %.600v", want, r)
			}
			if r := i.run(t, "stop", c.launcher...); r.code != 0 || r.value() != "-" {
				t.Errorf("stop: %.600v", r)
			}
			if r.took > 30*time.Second {
				t.Errorf("took %v", r.took)
			}
		})
	}
	if _, err := os.Stat("/run/world/pwned"); err == nil {
		t.Error("a parameter was given to a shell")
	}
}

// names are host names that nobody has.
func names(n int) string {
	return strings.TrimSpace(strings.Repeat("nowhere.invalid ", n))
}

// State files that somebody else made: nothing is read from, written through or hung up by them.
func TestHostileStateFiles(t *testing.T) {
	if !insideWorld(t, "") {
		return
	}
	agent := install(t)
	victim := "/run/world/victim"
	for _, c := range []struct {
		name, make     string
		probe, monitor int
	}{
		{"a symbolic link", "ln -s " + victim + " $0", 7, 7},
		{"a dangling link", "ln -s /run/world/nowhere $0", 7, 7},
		{"a pipe", "mkfifo $0", 7, 7},
		{"a directory", "mkdir -p $0/x", 7, 7},
		{"a device", "mknod $0 c 1 5", 7, 7},
		{"a hundred megabytes", "truncate -s 100M $0", 0, 0},
		{"numbers out of range", `echo '{"score":1e99,"hosts":{"10.99.0.1":{"silent":9223372036854775807}}}' >$0`, 0, 0},
		{"another kind of JSON", `echo '[null]' >$0`, 0, 0},
		{"null", `echo null >$0`, 0, 0},
		{"a forged address", `echo '{"hosts":{"10.99.0.1":{"up":true,"address":"no address"}}}' >$0`, 0, 0},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			if err := os.WriteFile(victim, []byte("mine"), 0o600); err != nil {
				t.Fatal(err)
			}
			i := newInstance(t, agent, "host_list=10.99.0.1", "hysteresis=3")
			if out, err := exec.Command("sh", "-c", c.make, i.dir+"/state").CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			i.set("CRM_meta_interval=0")
			if r := i.run(t, "monitor"); r.code != c.probe {
				t.Errorf("probe: want code %d: %v", c.probe, r)
			}
			i.set("CRM_meta_interval=10000")
			if r := i.run(t, "monitor"); r.code != c.monitor {
				t.Errorf("monitor: want code %d: %v", c.monitor, r)
			}
			if r := i.run(t, "stop"); r.code != 0 || r.value() != "-" {
				t.Errorf("stop: %v", r)
			}
			if text, err := os.ReadFile(victim); err != nil || string(text) != "mine" {
				t.Errorf("another file was touched: %q %v", text, err)
			}
		})
	}
}

// A stop in the middle of a round is the end: the monitor must not bring state file and attribute back.
func TestStopDuringMonitor(t *testing.T) {
	if !insideWorld(t, "") {
		return
	}
	i := newInstance(t, install(t), "host_list=10.99.0.1 10.99.1.200", "timeout=4s")
	if err := os.WriteFile(i.dir+"/state", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	slow := newInstance(t, i.agent, "host_list=10.99.0.1 10.99.1.200", "timeout=4s", "pidfile="+i.dir+"/state") // with a log of its own
	over := make(chan ran)
	go func() { over <- slow.run(t, "monitor") }()
	time.Sleep(time.Second)
	if r := i.run(t, "stop"); r.code != 0 || r.value() != "-" {
		t.Errorf("stop: %v", r)
	}
	if r := <-over; r.code != 7 || len(r.updates) != 0 {
		t.Errorf("monitor: want code 7 and no update: %v", r)
	}
	if r := i.run(t, "monitor"); r.code != 7 {
		t.Errorf("after it: %v", r)
	}
}

// Two starts, a dozen monitors and a stop of one instance at once, again and again: each has a defined code, and after a
// last stop nothing is left.
func TestOneInstanceConcurrently(t *testing.T) {
	if !insideWorld(t, "") {
		return
	}
	i := newInstance(t, install(t), "host_list=10.99.0.1 two.world", "timeout=500ms", "hysteresis=2", "ATTRD_LOG=/dev/null")
	for range 5 {
		var all sync.WaitGroup
		for n := range 15 {
			action := map[int]string{0: "start", 1: "start", 2: "stop"}[n]
			if action == "" {
				action = "monitor"
			}
			all.Go(func() {
				r := i.run(t, action)
				if r.code != 0 && (action != "monitor" || r.code != 7) {
					t.Errorf("%s: %v", action, r)
				}
			})
		}
		all.Wait()
	}
	if r := i.run(t, "stop"); r.code != 0 {
		t.Errorf("stop: %v", r)
	}
	if left, _ := os.ReadDir(i.dir); len(left) != 0 {
		t.Errorf("files are left: %v", left)
	}
}
