// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// The expected cells of this file are written by hand from the rules in docs/agents/monit-services.md.

// row is a cell of a golden table: in the present state, an action must end with this code, and say these words.
type row struct {
	line string
	code int
	says string
}

func (w *world) rows(t *testing.T, state string, rows []row) {
	t.Helper()
	for _, r := range rows {
		began := time.Now()
		if got := w.want(t, r.line, r.code, strings.Split(r.says, "|")...); t.Failed() {
			t.Fatalf("in the state %q, after %v: %v", state, time.Since(began), got)
		}
	}
}

// A dozen services through their life.
func TestGolden(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := newWorld(t, group("ha", dozen...))
	w.startMonit(t)

	w.rows(t, "stopped", []row{
		{"probe", 7, "not running"},
		{"probe monitor_services=full", 7, "not running"},
		{"monitor", 7, "none of the 12 services runs: p01 (Not monitored"},
		{"monitor monitor_services=full", 7, "none of the 12 services runs"},
		{"status", 7, "not running"},
		{"stop", 0, ""},
		{"validate-all", 0, ""},
		{"validate-all OCF_CHECK_LEVEL=10", 0, ""},
		{"reload-agent", 0, ""},
	})
	w.rows(t, "stopped", []row{{"start", 0, "starting p01"}})
	for _, s := range dozen {
		if name, _, _ := strings.Cut(s, ":"); pid(name) == 0 {
			t.Errorf("%s does not run after start", name)
		}
	}
	log := monitLog(t)
	w.rows(t, "started", []row{
		{"start", 0, ""},
		{"probe", 0, ""},
		{"monitor", 0, ""},
		{"monitor monitor_services=full", 0, ""},
		{"status", 0, ""},
	})
	if now := monitLog(t); now != log {
		t.Errorf("a start of what runs gave orders: %s", now[len(log):])
	}

	w.alone(t, "p03")
	w.rows(t, "one down, and nobody restarts it", []row{
		{"monitor monitor_services=full", 1, "1 of 12 services do not run: p03 ("},
		{"monitor", 0, ""},
		{"probe", 0, ""},
		{"start", 0, "starting p03"},
		{"monitor monitor_services=full", 0, ""},
	})

	// While monit lies still, its restart cannot come before we have looked.
	signalMonit(t, "-STOP")
	kill9(t, "p04")
	signalMonit(t, "-CONT")
	if r := w.run(t, "monitor", "monitor_services=full"); r.code != 0 || pid("p04") == 0 && !strings.Contains(r.stderr, "p04") {
		t.Errorf("monit restarts p04: %v", r)
	}
	w.until(t, "monit has restarted p04", func() bool { return pid("p04") > 0 })
	w.rows(t, "restarted by monit", []row{{"monitor monitor_services=full start_grace=10s", 0, ""}})

	var all []string
	for _, s := range dozen {
		name, _, _ := strings.Cut(s, ":")
		all = append(all, name)
	}
	w.alone(t, all...)
	w.rows(t, "all down", []row{
		{"monitor monitor_services=full", 7, "none of the 12 services runs"},
		{"monitor", 0, ""},
		{"probe", 7, "not running"},
		{"start", 0, ""},
	})
	if r := w.want(t, "stop", 0, "p12"); r.took > 15*time.Second {
		t.Errorf("stop took %v", r.took)
	}
	if n := everyProcess(t); n != 0 {
		t.Errorf("%d processes live after a stop that returned 0", n)
	}
	w.rows(t, "stopped again", []row{{"stop", 0, ""}, {"probe", 7, "not running"}})

	w.order(t, "start", "p01", "p02")
	w.until(t, "strays run", func() bool { return pid("p01") > 0 && pid("p02") > 0 })
	w.rows(t, "strays", []row{
		{"probe", 7, "2 of 12 services run here although this resource was not started on this node: p01 (|WARNING"},
		{"probe monitor_services=full", 7, "p02"},
	})
	w.order(t, "start", all...)
	w.until(t, "all run", func() bool {
		for _, s := range all {
			if pid(s) == 0 {
				return false
			}
		}
		return true
	})
	w.rows(t, "all started by somebody else", []row{{"probe", 0, ""}, {"monitor monitor_services=full", 0, ""}, {"stop", 0, ""}})
	if n := everyProcess(t); n != 0 {
		t.Errorf("%d processes live after stop", n)
	}
}

// Services that never come up, that have no stop program, that are unknown, or that start at boot.
func TestGoldenTrouble(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := newWorld(t, group("failing", "good1", "bad:fails"), group("crashing", "good2", "crash:crashes"),
		group("nostop", "good3:nostop"), group("booting", "boots1:boots:boots"),
		group("passive", "good4"), group("passive", "watched")+"  mode passive\n")
	w.startMonit(t)
	w.until(t, "monit starts boots1 by itself", func() bool { return pid("boots1") > 0 })
	w.rows(t, "a start program fails", []row{
		{"start group=failing timeout=9s", 1, "1 of 2 services do not run yet: bad (|Execution failed"},
		{"monitor monitor_services=full group=failing", 0, "waiting until these services run again: bad"},
		{"monitor monitor_services=full group=failing start_grace=0", 1, "1 of 2|bad"},
		{"monitor group=failing start_grace=0", 1, "bad"},
		{"probe group=failing", 0, ""},
		{"stop group=failing", 0, ""},
		{"probe group=failing", 7, "not running"},
	})
	w.rows(t, "a service crashes", []row{
		{"start group=crashing timeout=6s", 1, "1 of 2 services do not run yet: crash ("},
		{"stop group=crashing", 0, ""},
		{"probe group=crashing", 7, "not running"},
	})
	if out, _ := exec.Command("monit", "-c", "/etc/monit/monitrc", "-B", "status", "crash").CombinedOutput(); !strings.Contains(string(out), "Not monitored") ||
		strings.Contains(string(out), "pending") {
		t.Errorf("after the stop monit still restarts crash:\n%s", out)
	}
	w.rows(t, "no stop program", []row{
		{"start group=nostop", 0, ""},
		{"stop group=nostop", 0, "good3"},
		{"probe group=nostop", 7, "not running"},
	})
	w.rows(t, "unknown", []row{
		{"start group=nosuch", 5, "monit knows no service of group nosuch"},
		{"probe group=nosuch", 5, "monit knows no service of group nosuch"},
		{"monitor group=nosuch", 1, "monit knows no service of group nosuch"},
		{"validate-all group=nosuch", 0, ""},
		{"validate-all group=nosuch OCF_CHECK_LEVEL=10", 5, "monit knows no service"},
		{"stop group=nosuch", 0, ""},
		{"start services=good1,nosuch", 5, "monit does not know nosuch"},
		{"validate-all services=good1,nosuch OCF_CHECK_LEVEL=10", 5, "nosuch"},
		{"probe services=good1,nosuch", 7, "not running"},
		{"stop services=good1,nosuch", 0, ""},
	})
	w.rows(t, "monit only reports", []row{{"start group=passive", 0, ""}})
	kill9(t, "watched")
	w.rows(t, "monit only reports", []row{
		{"monitor monitor_services=full group=passive", 1, "1 of 2 services do not run: watched"},
		{"stop group=passive", 0, ""},
	})
	w.rows(t, "starts at boot", []row{
		{"validate-all group=booting OCF_CHECK_LEVEL=10", 0, "WARNING: boots1: monit starts it at boot|onreboot nostart"},
	})
	if n := everyProcess(t); n != 1 {
		t.Errorf("%d processes live, want that of boots1 only", n)
	}
	w.rows(t, "wrong parameters", []row{
		{"start monitor_services=some", 6, `monitor_services="some"`},
		{"validate-all backend=upstart", 6, `backend="upstart"`},
		{"validate-all monit_url=http://admin:geheim@localhost:2812", 6, "monit_url"},
		{"monitor start_grace=soon", 1, `start_grace="soon"`},
		{"probe backend=upstart services=good1", 7, "not running"},
		{"reload-agent monit_socket=relative", 1, "monit_socket"},
		{"stop backend=upstart services=good1", 0, "WARNING"},
		{"validate-all gruop=ha", 0, "did you mean group?"},
	})
	if r := w.run(t, "validate-all", "monit_url=http://admin:geheim@localhost:2812"); strings.Contains(r.stderr, "geheim") {
		t.Errorf("a password is printed: %v", r)
	}
}

// A node with neither monit nor systemd.
func TestGoldenNeither(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := newWorld(t, group("ha", "p01"))
	w.startMonit(t)
	neither := []row{
		{"start", 5, "neither monit"},
		{"validate-all", 0, ""},
		{"validate-all OCF_CHECK_LEVEL=10", 5, "neither monit"},
		{"monitor monitor_services=full", 1, "neither monit"},
	}
	hide := func() {
		check(t, os.Rename("/etc/monit/monitrc", "/etc/monit/hidden"))
		check(t, os.Rename("/run/monit/monit.sock", "/run/monit/hidden"))
	}
	hide()
	w.rows(t, "neither", append(neither, row{"probe", 5, "neither monit"}, row{"stop", 0, ""}))
	check(t, os.Rename("/etc/monit/hidden", "/etc/monit/monitrc"))
	check(t, os.Rename("/run/monit/hidden", "/run/monit/monit.sock"))
	w.rows(t, "started", []row{{"start", 0, ""}})
	w.leave(t, "p01") // the daemon still runs, and would start it again
	hide()
	w.rows(t, "neither, and a service lives", []row{{"stop", 1, "1 of 1 services have not ended: p01"}, {"probe", 0, ""}})
	// A systemd that nobody told to start them cannot end them either.
	check(t, os.MkdirAll("/run/systemd/system", 0o755))
	w.rows(t, "monit is gone, and systemd is there", []row{{"stop", 1, "1 of 1 services have not ended: p01"}, {"probe", 0, ""}})
	check(t, os.Remove("/run/systemd/system"))
	kill9(t, "p01")
	w.rows(t, "neither, and no service lives", []row{{"stop", 0, ""}, {"probe", 5, "neither monit"}})
	w.rows(t, "no file at the given place", []row{{"start monit_control_file=/etc/nosuch", 5, "/etc/nosuch"}, {"probe monit_control_file=/etc/nosuch", 5, "/etc/nosuch"}})
}
