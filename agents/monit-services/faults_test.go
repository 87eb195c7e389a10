// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"ocf-oci/internal/process"
)

func monitLog(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/run/world/monit.log")
	check(t, err)
	return string(text)
}

// signalMonit sends a signal to monit.
func signalMonit(t *testing.T, signal string) {
	t.Helper()
	id, living, err := process.FromFile("/run/world/monit.pid")
	if err != nil || !living {
		t.Fatalf("no daemon: %v", err)
	}
	check(t, exec.Command("kill", signal, strconv.Itoa(id.PID)).Run())
	if signal == "-KILL" {
		for {
			if lives, _ := id.Lives(); !lives {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}

func kill9(t *testing.T, service string) {
	t.Helper()
	was := pid(service)
	if was == 0 {
		t.Fatalf("%s does not run", service)
	}
	check(t, exec.Command("kill", "-KILL", strconv.Itoa(was)).Run())
	for end := time.Now().Add(10 * time.Second); pid(service) == was; time.Sleep(5 * time.Millisecond) { // monit may have started another
		if time.Now().After(end) {
			t.Fatalf("%s does not die", service)
		}
	}
}

var four = []string{"p01", "p02", "p03", "p04:stubborn"}

// started is a world in which four services run.
func started(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, group("ha", four...))
	w.startMonit(t)
	w.want(t, "start", 0)
	return w
}

// limited runs actions and holds each to its deadline, at which pacemaker would kill it.
func (w *world) limited(t *testing.T, rows ...row) {
	t.Helper()
	for _, r := range rows {
		got := w.want(t, r.line+" timeout=12s", r.code, strings.Split(r.says, "|")...)
		if got.took >= 12*time.Second {
			t.Errorf("%s took %v of 12 s", r.line, got.took)
		}
	}
}

func nothingLives(t *testing.T) {
	t.Helper()
	if n := everyProcess(t); n != 0 {
		t.Errorf("%d processes live after a stop that returned 0", n)
	}
}

func TestMonitDown(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := started(t)
	signalMonit(t, "-KILL")
	w.limited(t,
		row{"probe", 0, ""},
		row{"monitor", 0, ""},
		row{"monitor monitor_services=full", 190, "all 4 services run, but nobody looks after them|monit does not run"},
		row{"start", 1, "monit does not run"},
		row{"validate-all OCF_CHECK_LEVEL=10", 5, "monit does not run"})
	kill9(t, "p02")
	w.limited(t, row{"monitor monitor_services=full", 1, "1 of 4 services do not run: p02"}, row{"probe", 0, ""},
		row{"stop", 0, "running the stop program of p01|sending killed"})
	nothingLives(t)
	w.limited(t, row{"probe", 7, "not running"}, row{"stop", 0, ""}, row{"monitor monitor_services=full", 7, "none of the 4"})
}

func TestMonitHung(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := started(t)
	signalMonit(t, "-STOP")
	w.limited(t,
		row{"probe", 0, ""},
		row{"monitor monitor_services=full", 190, "monit does not answer"},
		row{"start", 1, "monit does not answer"},
		row{"validate-all OCF_CHECK_LEVEL=10", 0, "WARNING: monit does not answer"},
		row{"stop", 0, "monit does not answer"})
	nothingLives(t)
	w.limited(t, row{"probe", 7, "not running"})
	// The order that waits in the socket comes after all.
	signalMonit(t, "-CONT")
	w.until(t, "monit takes the order", func() bool {
		return strings.Count(monitLog(t), "p01' stop on user request") > 0
	})
	w.until(t, "monit leaves the services alone", func() bool {
		out, _ := exec.Command("monit", "-c", "/etc/monit/monitrc", "-B", "summary").CombinedOutput()
		return strings.Count(string(out), "Not monitored") == len(four)
	})
	time.Sleep(2500 * time.Millisecond) // two cycles
	nothingLives(t)
}

// A daemon whose HTTP interface hangs although it runs would start the services again, so it is killed at last.
func TestMonitDeaf(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := started(t)
	l, err := net.Listen("unix", "/run/world/deaf.sock") // accepts in the kernel, and nobody ever answers
	check(t, err)
	defer l.Close()
	w.limited(t, row{"monitor monitor_services=full monit_socket=/run/world/deaf.sock", 190, "does not answer"},
		row{"stop monit_socket=/run/world/deaf.sock", 0, "killing monit"})
	nothingLives(t)
}

func TestMonitRefuses(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := started(t)
	text, err := os.ReadFile("/etc/monit/monitrc")
	check(t, err)
	wrong := strings.Replace(string(text), "right password", "new password", 1)
	check(t, os.WriteFile("/etc/monit/monitrc", []byte(wrong), 0o600))
	w.limited(t,
		row{"probe", 0, ""},
		row{"monitor monitor_services=full", 190, "monit refuses orders|401"},
		row{"start", 1, "monit refuses orders|401|/etc/monit/monitrc"},
		row{"validate-all OCF_CHECK_LEVEL=10", 5, "monit refuses orders"},
		row{"stop", 0, "read its control file again"})
	nothingLives(t)

	// With the password of another daemon nothing can be stopped for good, and nothing is touched.
	check(t, os.WriteFile("/etc/monit/monitrc", text, 0o600))
	signalMonit(t, "-HUP")
	w.until(t, "the old password is back", func() bool { return w.raw(t, "GET", "/_ping", "") == 200 })
	w.want(t, "start", 0)
	check(t, os.WriteFile("/run/world/other", []byte(strings.Replace(wrong, "/run/world/monit.pid", "/run/world/other.pid", 1)), 0o600))
	w.limited(t, row{"stop monit_control_file=/run/world/other", 1, "4 of 4 services have not ended: p01|401"})
	if n := everyProcess(t); n != 4 {
		t.Errorf("%d of 4 processes live after a stop that could not work", n)
	}
	w.limited(t, row{"stop", 0, ""})
	nothingLives(t)
}

// Without the token the real monit refuses; with it, it obeys. A server that always refuses has a defined code.
func TestToken(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := newWorld(t, group("ha", "p01"))
	w.startMonit(t)
	if code := w.raw(t, "POST", "/_doaction", "format=text&action=start&service=p01"); code != 403 {
		t.Errorf("without a token: %d, want 403", code)
	}
	w.limited(t, row{"start", 0, ""}, row{"stop", 0, ""})
	forbid := proxy(t, func(answer http.ResponseWriter, r *http.Request, body []byte) bool {
		if r.Method == http.MethodPost {
			answer.WriteHeader(http.StatusForbidden)
			return true
		}
		return false
	})
	// monit's own command is the second way, through the real socket.
	w.limited(t, row{"start monit_socket=" + forbid, 0, ""}, row{"stop monit_socket=" + forbid, 0, ""})
	hideMonit(t) // now only our own token helps
	w.limited(t, row{"start", 0, ""}, row{"stop", 0, ""}, row{"start monit_socket=" + forbid, 1, "monit refuses orders|403"})
	if r := w.want(t, "start monit_socket="+forbid, 1); strings.Count(r.stderr, "403") > 2 || r.took > 10*time.Second {
		t.Errorf("a refusal is final, and is said once: %v", r)
	}
	// Nor does a stop touch what monit would start again.
	w.limited(t, row{"start", 0, ""}, row{"stop monit_socket=" + forbid, 1, "1 of 1 services have not ended: p01|403"})
	if pid("p01") == 0 {
		t.Error("p01 was ended behind monit's back")
	}
	w.limited(t, row{"stop", 0, ""})
	nothingLives(t)
}

// proxy stands between the agent and monit. Its function answers in monit's place, or returns false.
func proxy(t *testing.T, instead func(http.ResponseWriter, *http.Request, []byte) bool) string {
	t.Helper()
	path := fmt.Sprintf("/run/world/proxy%d.sock", time.Now().UnixNano())
	l, err := net.Listen("unix", path)
	check(t, err)
	server := &http.Server{Handler: http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		c := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, "unix", "/run/monit/monit.sock")
			}}}
		onward, err := http.NewRequest(r.Method, "http://localhost"+r.URL.RequestURI(), strings.NewReader(string(sent)))
		if err != nil {
			answer.WriteHeader(http.StatusBadGateway)
			return
		}
		onward.Header = r.Header
		if r.Method == http.MethodPost && instead(answer, r, sent) {
			return
		}
		got, err := c.Do(onward)
		if err != nil {
			answer.WriteHeader(http.StatusBadGateway)
			return
		}
		body, _ := io.ReadAll(got.Body)
		got.Body.Close()
		if r.Method == http.MethodGet && instead(answer, r, body) {
			return
		}
		answer.WriteHeader(got.StatusCode)
		_, _ = answer.Write(body)
	})}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	return path
}

// half cuts the status in the middle, with an honest length or a lie about it.
func half(honest bool) func(http.ResponseWriter, *http.Request, []byte) bool {
	return func(answer http.ResponseWriter, r *http.Request, body []byte) bool {
		if r.Method != http.MethodGet {
			return false
		}
		if !honest {
			answer.Header().Set("Content-Length", strconv.Itoa(len(body)))
		}
		_, _ = answer.Write(body[:len(body)/2])
		return true
	}
}

func TestTruncatedXML(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := newWorld(t, group("ha", four...))
	w.startMonit(t)
	for _, honest := range []bool{true, false} {
		socket := proxy(t, half(honest))
		// monit's command helps, and the whole life works with it.
		for _, r := range []row{{"start", 0, ""}, {"monitor monitor_services=full", 0, ""}, {"stop", 0, ""}, {"probe", 7, "not running"}} {
			r.line += " monit_socket=" + socket
			w.limited(t, r)
		}
		nothingLives(t)
	}
	// Without that command, too, the codes are defined.
	w.want(t, "start", 0)
	hideMonit(t)
	socket := " monit_socket=" + proxy(t, half(true))
	w.limited(t,
		row{"probe" + socket, 0, ""},
		row{"monitor monitor_services=full" + socket, 190, "monit's answer cannot be used"},
		row{"start" + socket, 1, "monit's answer cannot be used"},
		row{"stop" + socket, 0, "the order to stop was taken"})
	nothingLives(t)
}

// hideMonit takes monit's command away from the agent, not the daemon that runs.
func hideMonit(t *testing.T) {
	t.Helper()
	replaceMonit(t, "", 0o644)
}

// replaceMonit puts a script in the place of monit's command.
func replaceMonit(t *testing.T, script string, mode os.FileMode) {
	t.Helper()
	file := "/run/world/instead"
	check(t, os.WriteFile(file, []byte(script), mode))
	path, err := exec.LookPath("monit")
	check(t, err)
	if out, err := exec.Command("mount", "--bind", file, path).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// An operation so short that it is over before monit was asked once must not say that everything has ended.
func TestNoTimeToLook(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := started(t)
	replaceMonit(t, "#!/bin/sh\nexec sleep 100\n", 0o755)
	cut := half(true)
	socket := " monit_socket=" + proxy(t, func(answer http.ResponseWriter, r *http.Request, body []byte) bool {
		time.Sleep(400 * time.Millisecond)
		return r.Method == http.MethodPost || cut(answer, r, body)
	})
	for _, r := range []row{{"stop", 1, "of 4 services have not ended: p01"}, {"probe", 0, ""}, {"monitor monitor_services=full", 190, ""}, {"start", 1, "monit"}} {
		w.want(t, r.line+socket+" timeout=1s", r.code, r.says)
	}
}

func TestSocketMissing(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := started(t)
	check(t, os.Remove("/run/monit/monit.sock"))
	w.limited(t,
		row{"probe", 0, ""},
		row{"monitor monitor_services=full", 190, "monit does not run"},
		row{"start", 1, "monit does not run"},
		row{"stop", 0, "read its control file again"})
	nothingLives(t)
}

// A daemon that is killed and started again in the middle of a start has forgotten its orders.
func TestDaemonRestartsDuringStart(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := newWorld(t, group("ha", "p01:slow:2", "p02", "p03"))
	w.startMonit(t)
	cmd := w.command("start", "timeout=30s")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	check(t, cmd.Start())
	w.until(t, "monit starts p01", func() bool { return strings.Contains(monitLog(t), "'p01' start: ") })
	signalMonit(t, "-KILL")
	time.Sleep(700 * time.Millisecond)
	w.startMonit(t)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, stderr.String(), monitLog(t))
	}
	w.limited(t, row{"monitor monitor_services=full", 0, ""}, row{"stop", 0, ""})
	nothingLives(t)
}

// A daemon that is killed and started again in the middle of a stop starts the services again that its state file names, so
// stop is over only when it has been told anew.
func TestDaemonRestartsDuringStop(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := started(t)
	cmd := w.command("stop", "timeout=40s")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	check(t, cmd.Start())
	w.until(t, "monit stops a service", func() bool { return strings.Contains(monitLog(t), "' stop: ") })
	signalMonit(t, "-KILL")
	w.startMonit(t)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, stderr.String(), monitLog(t))
	}
	nothingLives(t)
	time.Sleep(2500 * time.Millisecond) // two cycles
	if nothingLives(t); t.Failed() {
		t.Logf("%s", stderr.String())
	}
	w.limited(t, row{"probe", 7, "not running"})
}

// Between two cycles lies a minute, and one service is looked at every second time only. An order wakes monit up.
func TestLongCycle(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := newWorld(t, group("ha", "p01", "p02:slow:1", "p03"), "check process rare with pidfile /run/world/pid/rare\n"+
		"  start program = \"/run/world/service rare start\"\n  stop program = \"/run/world/service rare stop\"\n  onreboot nostart\n  every 2 cycles\n  group ha\n")
	text, err := os.ReadFile("/etc/monit/monitrc")
	check(t, err)
	check(t, os.WriteFile("/etc/monit/monitrc", []byte(strings.Replace(string(text), "set daemon 1", "set daemon 60", 1)), 0o600))
	w.startMonit(t)
	for _, r := range []row{{"start", 0, ""}, {"monitor monitor_services=full", 0, ""}, {"start", 0, ""}, {"stop", 0, ""}} {
		if got := w.want(t, r.line, r.code); got.took > 12*time.Second {
			t.Errorf("%s took %v", r.line, got.took)
		}
	}
	nothingLives(t)
}

// A start that was killed leaves word whose the services are that it has started.
func TestKilledStartIsOurs(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := newWorld(t, group("ha", "p01", "p02:slow:3.5"))
	w.startMonit(t)
	cmd := w.command("start")
	check(t, cmd.Start())
	w.until(t, "p01 runs", func() bool { return pid("p01") > 0 })
	check(t, cmd.Process.Kill())
	_ = cmd.Wait()
	if pid("p02") == 0 { // else the machine was too slow for this
		w.want(t, "probe", 0)
	}
	w.want(t, "stop", 0)
	nothingLives(t)
}

// An action that pacemaker kills in the middle leaves nothing that the next one cannot finish.
func TestKilledActions(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := newWorld(t, group("ha", "p01:slow:1", "p02", "p03:slow:1", "p04:stubborn"))
	w.startMonit(t)
	for _, after := range []time.Duration{100, 600, 1500} {
		for _, action := range []string{"start", "stop"} {
			cmd := w.command(action)
			check(t, cmd.Start())
			time.Sleep(after * time.Millisecond)
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			w.want(t, action, 0)
			if action == "start" {
				w.want(t, "monitor monitor_services=full", 0)
			}
		}
		nothingLives(t)
	}
}
