// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"ocf-oci/internal/process"
)

// garbage is what nobody means, and would do harm in a shell, a log or an exit reason.
const garbage = "\x01\xff\u2603;$(touch${IFS}/run/world/pwned)`touch${IFS}/run/world/pwned`'\"\\%s%n"

// Environments that nobody means. Whatever comes, the code is a defined one with one reason line, in time.
func TestHostileEnvironments(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := newWorld(t, group("ha", "p01"))
	w.startMonit(t)
	for _, r := range []row{
		{"start group=" + garbage, 6, "group="},
		{"start group=nosuch;", 5, "monit knows no service of group nosuch;"},
		{"start services=p01," + garbage, 5, "monit does not know"},
		{"start services=--help", 5, "monit does not know"},
		{"start backend=" + garbage, 6, "backend="},
		{"start monitor_services=" + garbage, 6, "monitor_services="},
		{"start start_grace=" + garbage, 6, "start_grace="},
		{"start monit_url=" + garbage, 6, "monit_url="},
		{"start monit_url=http://[::1", 5, "monit"},
		{"start monit_socket=/" + garbage, 1, "monit does not run"},
		{"start monit_socket=/run/world", 1, "monit"},
		{"start monit_socket=/etc/monit/monitrc", 1, "monit"},
		{"start monit_control_file=/" + garbage, 5, "monit_control_file"},
		{"start monit_control_file=/etc/monit", 5, "no regular file"},
		{"start monit_control_file=/dev/zero", 5, "no regular file"},
		{"start monit_control_file=/run/world/pipe", 5, "no regular file"},
		{"start monit_control_file=/run/world/noise", 1, "monit refuses orders"},
		{"start services=" + strings.Repeat("nosuch,", 15000), 5, "monit does not know nosuch (unknown to monit, no process); define"},
	} {
		for _, more := range []struct {
			action string
			code   int
		}{{"start", r.code}, {"stop", 0}, {"probe", -1}, {"monitor", -1}} {
			_, parameters, _ := strings.Cut(r.line, " ")
			if more.action == "start" {
				for _, word := range []string{"/run/world/pipe", "/run/world/noise"} {
					if strings.Contains(parameters, word) {
						makeOdd(t, word)
					}
				}
			}
			got := w.run(t, more.action, parameters, "timeout=4s")
			short := fmt.Sprintf("%s %.80q: %.800v", more.action, parameters, got)
			switch {
			case more.code >= 0 && got.code != more.code:
				t.Errorf("want code %d: %s", more.code, short)
			case more.action == "probe" && got.code != 7 && got.code != 5:
				t.Errorf("a probe: %s", short)
			case more.action == "monitor" && got.code != 7 && got.code != 1:
				t.Errorf("a monitor: %s", short)
			case got.took >= 4*time.Second:
				t.Errorf("took %v: %s", got.took, short)
			}
			if n := strings.Count("\n"+got.stderr, "\nocf-exit-reason:"); n != min(got.code, 1) {
				t.Errorf("%d reason lines: %s", n, short)
			}
			if more.action == "start" && !strings.Contains(got.stderr, r.says) {
				t.Errorf("want %q said: %s", r.says, short)
			}
		}
	}
	for _, r := range []row{{"start monit_socket=/" + strings.Repeat("x", 4000), 0, "starting p01"}, {"stop", 0, ""}, {"start CRM_meta_nonsense=1 OCF_CHECK_LEVEL=many", 0, ""}, {"monitor PATH=", 0, ""}, {"probe HOME=/nonexistent", 0, ""}, {"stop PATH=/nonexistent", 0, ""}} {
		w.limited(t, r)
	}
	nothingLives(t)
	if _, err := os.Stat("/run/world/pwned"); err == nil {
		t.Error("a parameter was given to a shell")
	}
}

func makeOdd(t *testing.T, path string) {
	t.Helper()
	script := map[string]string{"/run/world/pipe": "mkfifo $0", "/run/world/noise": "head -c 3000000 /dev/urandom >$0"}[path]
	if out, err := exec.Command("sh", "-c", "rm -f $0; "+script, path).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// Files that somebody spoilt while the services run: the resource is neither lost nor lied about, and stop ends it.
func TestHostileFiles(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := newWorld(t, group("ha", "p01", "p02"))
	w.startMonit(t)
	const mark, victim = "/run/ocf-oci/p_monit_services.services", "/run/world/victim"
	for _, c := range []struct {
		name, spoil   string
		probe, depth1 int // the codes of a probe and of a monitor with monitor_services=full
	}{
		{"mark: garbage", "head -c 5000 /dev/urandom >" + mark, 0, 0},
		{"mark: empty", ": >" + mark, 0, 0},
		{"mark: another kind of JSON", "echo '[1]' >" + mark, 0, 0},
		{"mark: strange JSON", `echo '{"started":true,"backend":"x","processes":{"p01":[{"pid":-1,"start":1},{"pid":1,"start":0}]},"down":{"p01":1e308}}' >` + mark, 0, 0},
		{"mark: a link", "rm " + mark + "; ln -s " + victim + " " + mark, 0, 0},
		{"mark: a pipe", "rm " + mark + "; mkfifo -m 600 " + mark, 0, 0},
		{"mark: of another user", "chown nobody " + mark, 0, 0},
		{"mark: gone", "rm " + mark, 0, 0},
		{"folder: open to all", "chmod 777 /run/ocf-oci", 0, 0},
		{"folder: gone", "rm -r /run/ocf-oci", 0, 0},
		{"pidfile: empty", ": >/run/world/pid/p01", 0, 1},
		{"pidfile: number 1", "echo 1 >/run/world/pid/p01", 0, 1},
		{"pidfile: a number of nobody", "echo 4194303 >/run/world/pid/p01", 0, 1},
		{"pidfile: garbage", "head -c 5000 /dev/urandom >/run/world/pid/p01", 0, 1},
		{"pidfile: a pipe", "rm /run/world/pid/p01; mkfifo /run/world/pid/p01", 0, 1},
		{"pidfile: a directory", "rm /run/world/pid/p01; mkdir /run/world/pid/p01", 0, 1},
		{"pidfile: gone", "rm /run/world/pid/p01", 0, 1},
		{"all pidfiles: gone", "rm /run/world/pid/p0*", 0, 7},
		{"NGCP's configuration: a pipe", "mkdir -p /etc/ngcp-config; mkfifo /etc/ngcp-config/config.yml", 0, 0},
		{"NGCP's configuration: a device", "rm /etc/ngcp-config/config.yml; ln -s /dev/zero /etc/ngcp-config/config.yml", 0, 0},
	} {
		check(t, os.WriteFile(victim, []byte("mine"), 0o600))
		w.want(t, "start", 0)
		p01 := pid("p01")
		w.leave(t, "p01", "p02") // or monit would start a second one beside the one that it no longer finds
		if out, err := exec.Command("sh", "-c", c.spoil).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", c.name, err, out)
		}
		for _, r := range []row{{"probe", c.probe, ""}, {"monitor monitor_services=full start_grace=0", c.depth1, ""}} {
			if got := w.want(t, r.line, r.code); got.took > 10*time.Second {
				t.Errorf("%s: %s took %v", c.name, r.line, got.took)
			}
		}
		w.want(t, "stop", 0)
		if n := everyProcess(t); n != 0 {
			t.Errorf("%s: %d processes live after a stop that returned 0 (p01 was %d)", c.name, n, p01)
		}
		if text, err := os.ReadFile(victim); err != nil || string(text) != "mine" {
			t.Errorf("%s: another file was touched: %q %v", c.name, text, err)
		}
		if out, err := exec.Command("sh", "-c", "rm -rf "+mark+" /run/world/pid/p01; chmod 700 /run/ocf-oci 2>/dev/null; true").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if t.Failed() {
			t.Fatalf("after: %s", c.name)
		}
	}
}

// A pidfile that a dead service left, whose number another program has by now: monit takes that for the service, and so stop
// cannot say that it has ended; but it is not killed for that.
func TestPidfileOfAnother(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := newWorld(t, group("ha", "p01", "p02"))
	w.startMonit(t)
	w.want(t, "start", 0)
	kill9(t, "p02")
	w.until(t, "monit has restarted p02", func() bool { return pid("p02") > 0 })
	signalMonit(t, "-KILL") // nobody but the agent is left to end anything
	kill9(t, "p01")
	innocent := exec.Command("sleep", "4321")
	check(t, innocent.Start())
	defer func() { _ = innocent.Process.Kill(); _ = innocent.Wait() }()
	check(t, os.WriteFile("/run/world/pid/p01", []byte(fmt.Sprint(innocent.Process.Pid)), 0o644))
	old := time.Now().Add(-time.Hour)
	check(t, os.Chtimes("/run/world/pid/p01", old, old))
	check(t, os.WriteFile("/run/world/service", []byte("#!/bin/sh\nexit 0\n"), 0o755)) // the stop program would kill it as well
	w.limited(t, row{"stop", 1, "1 of 2 services have not ended: p01|gets no signal"})
	if _, lives, err := process.Find(innocent.Process.Pid); !lives || err != nil {
		t.Error("another program was killed")
	}
	if pid("p02") != 0 {
		t.Error("p02, whose new process the agent had never seen, was spared too")
	}
	check(t, os.Remove("/run/world/pid/p01"))
	w.limited(t, row{"stop", 0, ""})
	nothingLives(t)
}

// Two starts, two stops, monitors and probes of one resource at once, again and again: each has a defined code, and after
// a last stop nothing lives and nothing is remembered.
func TestOneResourceConcurrently(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := newWorld(t, group("ha", "p01", "p02:slow:0.3", "p03"))
	w.startMonit(t)
	for range 3 {
		var all sync.WaitGroup
		for n := range 12 {
			line := []string{"start", "stop", "monitor monitor_services=full", "probe", "monitor", "status"}[n%6]
			all.Go(func() {
				r := w.run(t, strings.Fields(line+" timeout=12s")...)
				if r.took >= 12*time.Second || r.code < 0 {
					t.Errorf("%s: %v", line, r)
				}
				switch action, _, _ := strings.Cut(line, " "); {
				case action == "start" && r.code != 0 && r.code != 1, action == "stop" && r.code != 0 && r.code != 1,
					action == "probe" && r.code != 0 && r.code != 7, action == "status" && r.code != 0 && r.code != 7,
					action == "monitor" && r.code != 0 && r.code != 7 && r.code != 1:
					t.Errorf("%s: %v", line, r)
				}
			})
		}
		all.Wait()
	}
	w.want(t, "stop", 0)
	nothingLives(t)
	w.want(t, "probe", 7)
	if left, err := os.ReadDir("/run/ocf-oci"); err != nil || len(left) != 0 {
		t.Errorf("left: %v %v", left, err)
	}
}

// A daemon that answers with nonsense: nothing is believed, and the services end all the same.
func TestHostileDaemon(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := newWorld(t, group("ha", "p01", "p02"))
	w.startMonit(t)
	w.want(t, "start", 0)
	hideMonit(t)
	service := `<service name="%s"><type>%s</type><status>0</status><monitor>%s</monitor><pendingaction>%s</pendingaction><pid>%s</pid></service>`
	for name, answer := range map[string]string{
		"no XML":          "pong",
		"a page":          "<!DOCTYPE html><html><body>login</body></html>",
		"bombs":           `<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb">]><monit><services><service name="&b;"><type>3</type></service></services></monit>`,
		"deep":            strings.Repeat("<monit>", 100000),
		"numbers":         "<monit><services>" + fmt.Sprintf(service, "p01", "99999999999999999999", "1", "0", "1") + "</services></monit>",
		"other services":  "<monit><services>" + fmt.Sprintf(service, "other", "3", "1", "0", "1") + "</services></monit>",
		"strange numbers": "<monit><services>" + fmt.Sprintf(service, "p01", "77", "-5", "-1", "-1") + fmt.Sprintf(service, "p02", "3", "9", "99", "1") + "</services></monit>",
	} {
		socket := " monit_socket=" + proxy(t, func(out http.ResponseWriter, r *http.Request, _ []byte) bool {
			if r.Method == http.MethodGet {
				_, _ = out.Write([]byte(answer))
			}
			return r.Method == http.MethodGet
		})
		for _, line := range []string{"probe", "monitor monitor_services=full", "monitor"} {
			r := w.run(t, strings.Fields(line+socket+" timeout=12s")...)
			if r.took >= 12*time.Second || line == "probe" && r.code != 0 && r.code != 7 || line == "monitor" && r.code != 0 {
				t.Errorf("%s: %s: %v", name, line, r)
			}
		}
	}
	// One that never ends its answer.
	endless := proxy(t, func(out http.ResponseWriter, r *http.Request, _ []byte) bool {
		for r.Method == http.MethodGet {
			if _, err := out.Write([]byte("<monit>")); err != nil {
				return true
			}
			if f, ok := out.(http.Flusher); ok {
				f.Flush()
			}
			time.Sleep(50 * time.Millisecond)
		}
		return false
	})
	w.limited(t, row{"monitor monitor_services=full monit_socket=" + endless, 190, "monit does not answer"}, row{"stop monit_socket=" + endless, 0, ""})
	nothingLives(t)
	if info, err := os.Stat("/run/ocf-oci"); err != nil || info.Mode().Perm() != fs.FileMode(0o700) {
		t.Errorf("%v %v", info, err)
	}
}
