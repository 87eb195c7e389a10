// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ocf-oci/metadata/metadatatest"
)

func TestModel(t *testing.T) {
	if err := model().Check(); err != nil {
		t.Error(err)
	}
}

func TestMetaDataInTheValidators(t *testing.T) {
	binary := t.TempDir() + "/monit-services"
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	metadatatest.Validate(t, binary, "ngcp", "monit-services")
}

func TestOCFTester(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := newWorld(t, group("ha", "p01", "p02"))
	w.startMonit(t)
	for _, depth := range []string{"none", "full"} {
		out, err := exec.Command("ocf-tester", "-n", "tester", "-o", "monitor_services="+depth, w.agent).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "passed all tests") {
			t.Errorf("%s: %v\n%s", depth, err, out)
		}
	}
	// The checker can fail: an agent that does not stop what it has started does not pass.
	broken := "/run/world/broken"
	check(t, os.WriteFile(broken, []byte("#!/bin/sh\n[ \"$1\" = stop ] && exit 0\nexec "+w.agent+" \"$@\"\n"), 0o755))
	if out, err := exec.Command("ocf-tester", "-n", "tester", broken).CombinedOutput(); err == nil {
		t.Errorf("a broken agent passes:\n%s", out)
	}
}

// Heartbeat calls resource scripts without OCF, by the path of the handbook, and reads what status prints.
func TestHeartbeat(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := newWorld(t, group("ha", "p01", "p02"), group("other", "q01"))
	w.startMonit(t)
	script := "/etc/ngcp-ocf/monit-services"
	check(t, os.Symlink(w.agent, script))
	call := func(args string, code int, prints string) {
		t.Helper()
		cmd := exec.Command(script, strings.Fields(args)...)
		cmd.Env = []string{"HA_LOGFACILITY=none", "OCF_ROOT=/usr/lib/ocf"} // what Heartbeat's shell functions leave
		out, _ := cmd.Output()
		if got := cmd.ProcessState.ExitCode(); got != code || strings.TrimSpace(string(out)) != prints {
			t.Errorf("%s: code %d and %q, want %d and %q", args, got, out, code, prints)
		}
	}
	call("status", 3, "stopped")
	call("start", 0, "")
	call("status", 0, "running")
	call("start", 0, "")
	call("other status", 3, "stopped")
	call("other start", 0, "")
	if pid("p01") == 0 || pid("p02") == 0 || pid("q01") == 0 {
		t.Error("a service does not run")
	}
	call("other stop", 0, "")
	if pid("q01") != 0 {
		t.Error("q01 runs after a stop of its group")
	}
	call("status", 0, "running")
	call("stop", 0, "")
	call("status", 3, "stopped")
	call("stop", 0, "")
	nothingLives(t)
	call("nosuch start", 1, "")
	call("nosuch status", 4, "unknown")
	// By the name of the cluster the same file is an OCF agent.
	w.want(t, "monitor", 7)
}

// The handbook's switch is in NGCP's configuration; the parameter comes before it.
func TestHandbookDepth(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := newWorld(t, group("ha", "p01", "p02"))
	w.startMonit(t)
	w.want(t, "start", 0)
	w.alone(t, "p02")
	check(t, os.MkdirAll(filepath.Dir(ngcpConfig), 0o755))
	for text, want := range map[string]int{
		"ha:\n  monitor_services: full\n  pingnodes: [10.15.20.30]\nother: {a: 1}\n": 1,
		"ha:\n  monitor_services: none\n":                                            0,
		"ha: {}\n":                                                                   0,
		"ha: [broken\n":                                                              0,
		"ha:\n  monitor_services: some\n":                                            0,
	} {
		check(t, os.WriteFile(ngcpConfig, []byte(text), 0o644))
		r := w.want(t, "monitor", want)
		if doubtful := strings.Contains(text, "broken") || strings.Contains(text, "some"); strings.Contains(r.stderr, "WARNING") != doubtful {
			t.Errorf("%q: %v", text, r)
		}
		w.want(t, "monitor monitor_services=full", 1)
		w.want(t, "monitor monitor_services=none", 0)
	}
}

// An older monit listens on TCP. It cannot be told apart from one that is started with other credentials.
func TestTCP(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := newWorld(t, group("ha", "p01"))
	text, err := os.ReadFile("/etc/monit/monitrc")
	check(t, err)
	check(t, os.WriteFile("/etc/monit/monitrc", []byte(strings.Replace(string(text), "set httpd unixsocket /run/monit/monit.sock permission 0640",
		"set httpd port 2812 and use address 127.0.0.1", 1)), 0o600))
	if out, err := exec.Command("monit", "-c", "/etc/monit/monitrc").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	w.limited(t, row{"start", 0, ""}, row{"monitor monitor_services=full", 0, ""}, row{"stop monit_url=http://127.0.0.1:2812", 0, ""},
		row{"probe", 7, "not running"}, row{"start monit_url=http://127.0.0.1:2813", 1, "monit does not run"})
}

// Nothing secret is in a trace, and the decisions are.
func TestTrace(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	w := newWorld(t, group("ha", "p01"))
	w.startMonit(t)
	w.want(t, "start trace_ra=1 trace_file=/run/world/trace", 0)
	text, err := os.ReadFile("/run/world/trace")
	if err != nil || !strings.Contains(string(text), "starting p01") || strings.Contains(string(text), "right password") {
		t.Errorf("%v\n%s", err, text)
	}
}
