// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"ocf-oci/lab"
	"ocf-oci/lab/cluster"
)

// unitFiles are the units of two groups: sysha, whose units are of every kind, and sysbad, one of which cannot start.
func unitFiles() map[string]cluster.File {
	units := map[string]string{
		"sy-plain":    "ExecStart=/bin/sleep 200000",
		"sy-slow":     "ExecStartPre=/bin/sleep 1\nExecStart=/bin/sleep 200000",
		"sy-stubborn": "ExecStart=/bin/bash -c 'trap \"\" TERM; exec sleep 200000'\nTimeoutStopSec=2",
		"sy-once":     "Type=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true",
		"sy-again":    "ExecStart=/bin/sleep 200000\nRestart=always\nRestartSec=3",
		"sy-prepare":  "Type=oneshot\nExecStart=/bin/sh -c 'echo done >>/run/sy-prepared'",
		"sybad-good":  "ExecStart=/bin/sleep 200000",
		"sybad-once":  "Type=oneshot\nExecStart=/bin/sh -c 'exit 4'",
		"sybad-fails": "ExecStart=/bin/sh -c 'exit 3'",
		"sybad-crash": "ExecStart=/bin/sleep 0.2\nRestart=always\nRestartSec=0.5\nStartLimitIntervalSec=0",
	}
	files := map[string]cluster.File{}
	for name, service := range units {
		target := "sysha.target"
		if strings.HasPrefix(name, "sybad") {
			target = "sysbad.target"
		}
		files["/etc/systemd/system/"+name+".service"] = cluster.File{Content: []byte("[Service]\n" + service + "\n[Install]\nWantedBy=" + target + "\n")}
	}
	// A timer is wanted, and not the service that it starts once in a blue moon.
	files["/etc/systemd/system/sy-tick.timer"] = cluster.File{Content: []byte("[Timer]\nOnCalendar=*-02-29\n[Install]\nWantedBy=sysha.target\n")}
	files["/etc/systemd/system/sy-tick.service"] = cluster.File{Content: []byte("[Service]\nType=oneshot\nExecStart=/bin/true\n")}
	for _, target := range []string{"sysha", "sysbad"} {
		files["/etc/systemd/system/"+target+".target"] = cluster.File{Content: []byte("[Unit]\nDescription=" + target + "\n")}
	}
	return files
}

// byHand calls the agent on one node with the systemd backend, outside of the cluster.
type byHand struct {
	l    *lab.Lab
	node string
}

func (h byHand) shell(ctx context.Context, t *testing.T, script string) string {
	t.Helper()
	out, err := h.l.Output(ctx, h.node, "sh", "-c", script)
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return strings.TrimSpace(string(out))
}

// living is the number of the units' processes.
func (h byHand) living(ctx context.Context, t *testing.T) string {
	t.Helper()
	return h.shell(ctx, t, `cat /proc/[0-9]*/cmdline | tr '\0' '\n' | grep -c '^200000$' || true`)
}

// want runs an action: probe, or monitor with its interval, and so on; NAME=value is a parameter.
func (h byHand) want(ctx context.Context, t *testing.T, line string, code int, says ...string) {
	t.Helper()
	words := strings.Fields(line)
	action, interval, timeout := words[0], "20000", "15000"
	if action == "probe" {
		action, interval = "monitor", "0"
	}
	argv := []string{"env", "-i", "OCF_ROOT=/usr/lib/ocf", "OCF_RA_VERSION_MAJOR=1", "OCF_RESOURCE_INSTANCE=p_systemd",
		"OCF_EXIT_REASON_PREFIX=ocf-exit-reason:", "HA_LOGFACILITY=none", "OCF_RESKEY_backend=systemd"}
	group := "OCF_RESKEY_group=sysha"
	for _, w := range words[1:] {
		name, value, _ := strings.Cut(w, "=")
		switch {
		case name == "group":
			group = "OCF_RESKEY_" + w
		case name == "timeout":
			timeout = value
		case strings.ToUpper(name) == name:
			argv = append(argv, w)
		default:
			argv = append(argv, "OCF_RESKEY_"+w)
		}
	}
	argv = append(argv, group, "OCF_RESKEY_CRM_meta_interval="+interval, "OCF_RESKEY_CRM_meta_timeout="+timeout,
		"/usr/lib/ocf/resource.d/ngcp/monit-services", action)
	cmd, err := h.l.Command(ctx, h.node, argv...)
	check(t, err)
	began := time.Now()
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
	took := time.Since(began)
	text := fmt.Sprintf("code %d after %v\n%s", cmd.ProcessState.ExitCode(), took.Round(time.Millisecond), out)
	t.Logf("%s: %s", line, text)
	if cmd.ProcessState.ExitCode() != code {
		t.Fatalf("%s: want code %d: %s", line, code, text)
	}
	if limit, err := time.ParseDuration(timeout + "ms"); err != nil || took >= limit {
		t.Errorf("%s: took %v of %v", line, took, limit)
	}
	if reason := strings.Contains(string(out), "ocf-exit-reason:"); reason != (code != 0) {
		t.Errorf("%s: code and exit reason do not fit: %s", line, text)
	}
	for _, s := range says {
		if !strings.Contains(string(out), s) {
			t.Errorf("%s: want %q said: %s", line, s, text)
		}
	}
}

// systemdTable is the golden table of agents/monit-services against the systemd that is process 1 of a node. Its cells
// are written by hand.
func systemdTable(ctx context.Context, t *testing.T, h byHand) {
	shell := func(script string) { t.Helper(); h.shell(ctx, t, script) }
	living := func() string { t.Helper(); return h.living(ctx, t) }
	want := func(line string, code int, says ...string) { t.Helper(); h.want(ctx, t, line, code, says...) }
	shell("systemctl daemon-reload; systemctl enable sy-plain sy-slow sy-stubborn sy-once sy-again sy-prepare sy-tick.timer sybad-good sybad-fails sybad-crash sybad-once")

	want("probe", 7, "not running")
	want("monitor monitor_services=full", 7, "none of the 6 services runs: sy-again.service (inactive (dead)")
	want("stop", 0)
	want("validate-all OCF_CHECK_LEVEL=10", 0)
	want("start", 0, "starting sy-again.service")
	if n := living(); n != "4" {
		t.Errorf("%s of 4 processes live after start", n)
	}
	shell("systemctl is-active sy-tick.timer sy-once && [ $(wc -l </run/sy-prepared) = 1 ]")
	want("start", 0)
	want("probe", 0)
	want("monitor monitor_services=full", 0)
	want("monitor monitor_services=none", 0)
	want("monitor monitor_services=full backend=auto", 0) // monit, which runs here too, was not told to start them

	shell("systemctl stop sy-plain")
	want("monitor monitor_services=full", 1, "1 of 6 services do not run: sy-plain.service (inactive (dead)")
	want("monitor monitor_services=none", 0)
	want("probe", 0)
	want("start", 0, "starting sy-plain.service")
	shell("systemctl kill -s KILL sy-again; sleep 0.5")
	want("monitor monitor_services=full", 0, "waiting until these services run again: sy-again.service (activating (auto-restart)")
	want("monitor monitor_services=full start_grace=0", 1, "sy-again.service")
	shell("sleep 4")
	want("monitor monitor_services=full", 0)
	shell("systemctl stop sy-plain sy-slow sy-stubborn sy-once sy-again sy-tick.timer")
	want("monitor monitor_services=full", 7, "none of the 6 services runs")
	want("monitor monitor_services=none", 0)
	want("probe", 7, "not running")
	want("start", 0)
	want("stop", 0)
	if n := living(); n != "0" {
		t.Errorf("%s processes live after a stop that returned 0", n)
	}
	want("probe", 7, "not running")

	shell("systemctl start sy-plain")
	want("probe", 7, "1 of 6 services run here although this resource was not started on this node: sy-plain.service")
	want("stop", 0)
	shell("! systemctl is-active sy-tick.timer sy-once")
	want("start group=sysbad timeout=6000", 1, "sybad-fails.service (failed (failed), result exit-code", "sybad-crash.service",
		"sybad-once.service (failed (failed), result exit-code")
	want("stop group=sysbad", 0)
	want("probe group=sysbad", 7, "not running")
	want("start group=nosuch", 5, "neither monit (no control file) nor systemd with nosuch.target")
	want("probe group=nosuch", 5)
	want("monitor group=nosuch", 1)
	want("validate-all group=nosuch OCF_CHECK_LEVEL=10", 5)
	want("stop group=nosuch", 0)
	want("start services=sy-plain,sy-nosuch", 5, "systemd does not know sy-nosuch.service")
	want("stop services=sy-plain,sy-nosuch", 0)
	shell("systemctl add-wants multi-user.target sy-plain")
	want("validate-all OCF_CHECK_LEVEL=10", 0, "sy-plain.service: multi-user.target starts it as well")
	if n := living(); n != "0" {
		t.Errorf("%s processes live at the end", n)
	}
}

// systemdHangs freezes process 1, as systemd freezes itself after a crash, under services that run.
func systemdHangs(ctx context.Context, t *testing.T, h byHand) {
	want := func(line string, code int, says ...string) { t.Helper(); h.want(ctx, t, line, code, says...) }
	pid := h.l.Cluster().Node(h.node).PID()
	if pid <= 1 {
		t.Fatalf("%s is down", h.node)
	}
	signal := func(s syscall.Signal) {
		t.Helper()
		check(t, syscall.Kill(pid, s))
	}
	defer func() { _ = syscall.Kill(pid, syscall.SIGCONT) }()

	want("stop", 0)
	const two = " services=sy-plain,sy-stubborn"
	want("start"+two, 0)
	signal(syscall.SIGSTOP)
	want("probe"+two, 0)
	want("monitor monitor_services=full"+two, 190, "all 2 services run, but nobody looks after them", "systemd cannot be asked")
	want("monitor monitor_services=none"+two, 0)
	want("start timeout=6000"+two, 1, "systemd cannot be asked")
	want("validate-all OCF_CHECK_LEVEL=10"+two, 0, "WARNING: systemd cannot be asked")
	want("stop"+two, 0, "ending the services without systemd", "sending killed", "sy-stubborn.service")
	if n := h.living(ctx, t); n != "0" {
		t.Errorf("%s processes live after a stop that returned 0", n)
	}
	want("probe"+two, 7, "not running")
	signal(syscall.SIGCONT)
	want("stop", 0)

	// What has no process cannot be ended without systemd, so stop says so.
	want("start", 0)
	signal(syscall.SIGSTOP)
	want("probe", 0)
	want("stop timeout=10000", 1, "2 of 6 services have not ended: sy-once.service", "sy-tick.timer", "systemd cannot be asked")
	if n := h.living(ctx, t); n != "0" {
		t.Errorf("%s processes live after the stop", n)
	}
	signal(syscall.SIGCONT)
	want("stop", 0)
	want("probe", 7, "not running")
	if n := h.living(ctx, t); n != "0" {
		t.Errorf("%s processes live at the end", n)
	}
}
