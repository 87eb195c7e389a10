// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
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
	binary := t.TempDir() + "/ping"
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	metadatatest.Validate(t, binary, "oci", "ping")
}

func TestOCFTester(t *testing.T) {
	if !insideWorld(t, "") {
		return
	}
	agent := install(t)
	for _, parameters := range [][]string{
		{"host_list=10.99.0.1 fd00:99::1 two.world", "multiplier=1000"},
		{"host_list=10.99.0.1 10.99.1.200", "timeout=1s", "failure_score=1", "hysteresis=3"},
	} {
		args := []string{"-n", "tester", "-o", "pidfile=/run/world/tester"}
		for _, p := range parameters {
			args = append(args, "-o", p)
		}
		out, err := exec.Command("ocf-tester", append(args, agent)...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "passed all tests") {
			t.Errorf("%v: %v\n%s", parameters, err, out)
		}
	}
}

// The checker can fail: an agent whose monitor always says running does not pass.
func TestOCFTesterCatchesABrokenAgent(t *testing.T) {
	if !insideWorld(t, "") {
		return
	}
	script := "#!/bin/sh\n[ \"$1\" = monitor ] && exit 0\nexec " + install(t) + " \"$@\"\n"
	if err := os.WriteFile("/run/world/broken", []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("ocf-tester", "-n", "tester", "-o", "host_list=10.99.0.1", "/run/world/broken").CombinedOutput(); err == nil {
		t.Errorf("passed:\n%s", out)
	}
}

// What a round says, and when.
func TestLogLines(t *testing.T) {
	if !insideWorld(t, "") {
		return
	}
	i := newInstance(t, install(t), "host_list=10.99.0.1 10.99.0.2", "timeout=300ms", "attempts=2", "multiplier=1000")
	if r := i.run(t, "start"); r.code != 0 || !strings.Contains(r.stderr, "INFO: 10.99.0.1 answers: 0 of 1 lost, round trip ") {
		t.Errorf("start: %v", r)
	}
	if r := i.run(t, "monitor"); r.code != 0 || r.stderr != "" {
		t.Errorf("a round without news is silent: %v", r)
	}
	command(t, "ip -n peer addr del 10.99.0.2/23 dev v1")
	r := i.run(t, "monitor")
	for _, want := range []string{"WARNING: 10.99.0.2 does not answer: 2 of 2 lost", "INFO: pingd changes from 2000 to 1000"} {
		if r.code != 0 || strings.Count(r.stderr, want) != 1 {
			t.Errorf("want %q: %v", want, r)
		}
	}
	if r := i.run(t, "monitor"); r.code != 0 || r.stderr != "" {
		t.Errorf("still dead is no news: %v", r)
	}
	command(t, "ip -n peer addr add 10.99.0.2/23 dev v1")
	if r := i.run(t, "monitor"); r.code != 0 || !strings.Contains(r.stderr, "INFO: 10.99.0.2 answers") || r.value() != "2000" {
		t.Errorf("back: %v", r)
	}
}

func command(t *testing.T, line string) {
	t.Helper()
	if out, err := exec.Command("sh", "-c", line).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", line, err, out)
	}
}

func TestHysteresisHoldsTheScore(t *testing.T) {
	if !insideWorld(t, "") {
		return
	}
	i := newInstance(t, install(t), "host_list=10.99.0.1 10.99.0.2", "timeout=100ms", "attempts=1", "hysteresis=3")
	if r := i.run(t, "start"); r.value() != "2" {
		t.Fatalf("start: %v", r)
	}
	command(t, "ip -n peer addr del 10.99.0.2/23 dev v1")
	for round, want := range []string{"2", "2", "1", "1"} {
		if r := i.run(t, "monitor"); r.value() != want {
			t.Errorf("silent round %d: want %s: %v", round+1, want, r)
		}
	}
	command(t, "ip -n peer addr add 10.99.0.2/23 dev v1")
	if r := i.run(t, "monitor"); r.value() != "2" {
		t.Errorf("an answer counts at once: %v", r)
	}
}

// A probe must not cost a round, and must not touch the attribute of a running instance.
func TestProbeOnlyLooks(t *testing.T) {
	if !insideWorld(t, `nft 'table inet count { counter echo { }; chain c { type filter hook output priority 0; icmp type echo-request counter name echo; icmpv6 type echo-request counter name echo; }; }'`) {
		return
	}
	i := newInstance(t, install(t), "host_list=10.99.0.1 10.99.1.200", "timeout=300ms", "multiplier=nonsense")
	probe := func(want int) {
		t.Helper()
		for _, variable := range []string{"CRM_meta_interval=0", "CRM_meta_role=Stopped"} {
			saved := append([]string(nil), i.env...)
			i.set(variable)
			before, _ := os.Stat(i.dir + "/state")
			r := i.run(t, "monitor")
			after, _ := os.Stat(i.dir + "/state")
			if r.code != want || len(r.updates) != 0 {
				t.Errorf("%s: want code %d and no update: %v", variable, want, r)
			}
			if (before == nil) != (after == nil) || before != nil && !before.ModTime().Equal(after.ModTime()) {
				t.Errorf("%s: the state file was written", variable)
			}
			i.env = saved
		}
	}
	probe(7)
	if err := os.WriteFile(i.dir+"/state", nil, 0o644); err != nil { // as the original leaves it
		t.Fatal(err)
	}
	probe(0)
	out, err := exec.Command("nft", "list", "counter", "inet", "count", "echo").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "packets 0 ") {
		t.Errorf("echoes were sent: %v %s", err, out)
	}
	i.set("multiplier=1")
	if r := i.run(t, "monitor"); r.code != 0 || r.value() != "1" {
		t.Errorf("the recurring monitor after the original's start: %v", r)
	}
	if out, _ := exec.Command("nft", "list", "counter", "inet", "count", "echo").CombinedOutput(); strings.Contains(string(out), "packets 0 ") {
		t.Errorf("the counter counts nothing: %s", out)
	}
}

func TestEnvironmentReachesAttrdUpdater(t *testing.T) {
	if !insideWorld(t, "") {
		return
	}
	i := newInstance(t, install(t), "host_list=10.99.0.1", "dampen=7s", "name=reach")
	if r := i.run(t, "start"); len(r.updates) != 1 || r.updates[0] != "node=sp1 -n reach -B 1 -d 7s" {
		t.Errorf("start: %q", r.updates)
	}
	if r := i.run(t, "stop"); r.code != 0 || len(r.updates) != 1 || r.updates[0] != "node=sp1 -D -n reach -d 7s" {
		t.Errorf("stop: %q", r.updates)
	}
	if _, err := os.Stat(i.dir + "/state"); err == nil {
		t.Error("stop left the state file")
	}
}

// Of a running instance neither a typo nor an emptied list may stop the resource on every node (6), nor touch the score.
func TestWrongParameterWhileRunning(t *testing.T) {
	if !insideWorld(t, "") {
		return
	}
	for _, wrong := range []string{"multiplier=abc", "attempts=x", "host_list="} {
		i := newInstance(t, install(t), "host_list=10.99.0.1")
		if r := i.run(t, "start"); r.value() != "1" {
			t.Fatalf("start: %v", r)
		}
		i.set(wrong)
		name, value, _ := strings.Cut(wrong, "=")
		for action, want := range map[string]int{"monitor": 1, "reload-agent": 1, "start": 6, "validate-all": 6} {
			r := i.run(t, action)
			if r.code != want || len(r.updates) != 0 || !strings.Contains(r.stderr, "ocf-exit-reason:"+name) || !strings.Contains(r.stderr, value) {
				t.Errorf("%s, %s: want code %d and the value named: %v", wrong, action, want, r)
			}
		}
		if r := i.run(t, "stop"); r.code != 0 || r.value() != "-" {
			t.Errorf("%s, stop: %v", wrong, r)
		}
	}
}

// Changed parameters take effect in the next round, without a stop that would delete the attribute.
func TestReload(t *testing.T) {
	if !insideWorld(t, "") {
		return
	}
	i := newInstance(t, install(t), "host_list=10.99.0.1", "dampen=5s")
	if r := i.run(t, "start"); r.value() != "1" {
		t.Fatalf("start: %v", r)
	}
	for _, p := range []string{"host_list=10.99.0.1 10.99.0.2", "dampen=1s", "multiplier=10"} {
		i.set(p)
	}
	if r := i.run(t, "reload-agent"); r.code != 0 || len(r.updates) != 0 {
		t.Errorf("reload: %v", r)
	}
	if r := i.run(t, "monitor"); r.code != 0 || len(r.updates) != 1 || !strings.Contains(r.updates[0], "-B 20 -d 1s") {
		t.Errorf("monitor: %q", r.updates)
	}
}
