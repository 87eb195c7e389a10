// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
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
		"sybad-good":  "ExecStart=/bin/sleep 200000",
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
	for _, target := range []string{"sysha", "sysbad"} {
		files["/etc/systemd/system/"+target+".target"] = cluster.File{Content: []byte("[Unit]\nDescription=" + target + "\n")}
	}
	return files
}

// systemdTable is the golden table of agents/monit-services against the systemd that is process 1 of a node. Its cells
// are written by hand.
func systemdTable(ctx context.Context, t *testing.T, l *lab.Lab) {
	const node = "sp2"
	shell := func(script string) string {
		t.Helper()
		out, err := l.Output(ctx, node, "sh", "-c", script)
		if err != nil {
			t.Fatalf("%s: %v\n%s", script, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	// want runs an action: probe, or monitor with its interval, and so on; NAME=value is a parameter.
	want := func(line string, code int, says ...string) {
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
		cmd, err := l.Command(ctx, node, argv...)
		check(t, err)
		began := time.Now()
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatalf("%s: %v\n%s", line, err, out)
		}
		text := fmt.Sprintf("code %d after %v\n%s", cmd.ProcessState.ExitCode(), time.Since(began).Round(time.Millisecond), out)
		t.Logf("%s: %s", line, text)
		if cmd.ProcessState.ExitCode() != code {
			t.Fatalf("%s: want code %d: %s", line, code, text)
		}
		for _, s := range says {
			if !strings.Contains(string(out), s) {
				t.Errorf("%s: want %q said: %s", line, s, text)
			}
		}
	}
	living := func() string {
		return shell(`cat /proc/[0-9]*/cmdline | tr '\0' '\n' | grep -c '^200000$' || true`)
	}
	shell("systemctl daemon-reload; systemctl enable sy-plain sy-slow sy-stubborn sy-once sy-again sybad-good sybad-fails sybad-crash")

	want("probe", 7, "not running")
	want("monitor monitor_services=full", 7, "none of the 5 services runs: sy-again.service (inactive (dead)")
	want("stop", 0)
	want("validate-all OCF_CHECK_LEVEL=10", 0)
	want("start", 0, "starting sy-again.service")
	if n := living(); n != "4" {
		t.Errorf("%s of 4 processes live after start", n)
	}
	want("start", 0)
	want("probe", 0)
	want("monitor monitor_services=full", 0)
	want("monitor monitor_services=none", 0)

	shell("systemctl stop sy-plain")
	want("monitor monitor_services=full", 1, "1 of 5 services do not run: sy-plain.service (inactive (dead)")
	want("monitor monitor_services=none", 0)
	want("probe", 0)
	want("start", 0, "starting sy-plain.service")
	shell("systemctl kill -s KILL sy-again; sleep 0.5")
	want("monitor monitor_services=full", 0, "waiting until these services run again: sy-again.service (activating (auto-restart)")
	want("monitor monitor_services=full start_grace=0", 1, "sy-again.service")
	shell("sleep 4")
	want("monitor monitor_services=full", 0)
	shell("systemctl stop sy-plain sy-slow sy-stubborn sy-once sy-again")
	want("monitor monitor_services=full", 7, "none of the 5 services runs")
	want("monitor monitor_services=none", 0)
	want("probe", 7, "not running")
	want("start", 0)
	want("stop", 0)
	if n := living(); n != "0" {
		t.Errorf("%s processes live after a stop that returned 0", n)
	}
	want("probe", 7, "not running")

	shell("systemctl start sy-plain")
	want("probe", 7, "1 of 5 services run here although this resource was not started on this node: sy-plain.service")
	want("stop", 0)
	want("start group=sysbad timeout=6000", 1, "sybad-fails.service (failed (failed), result exit-code", "sybad-crash.service")
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
