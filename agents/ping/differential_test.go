// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// A row says what both agents must do with the same parameters in the same network, in the order start, monitor, stop:
// exit codes, and the attribute after each ("-" deleted, "" not touched). Codes and values follow from the parameters'
// documentation and the OCF standard, not from a run. Where the original differs, its own follow, with the reason.
type row struct {
	name       string
	parameters []string
	want       string // code:attribute of start, monitor, stop
	original   string // if it differs
	why        string
	shell      string // that runs the original, if not the system's
}

// In the world 10.99.0.1 to .20, fd00:99::1 to ::3, two.world and six.world answer; 10.99.1.x and fd00:99::9x do not.
var rows = []row{
	{name: "all up", parameters: []string{"host_list=10.99.0.1 10.99.0.2", "multiplier=1000"}, want: "0:2000 0:2000 0:-"},
	{name: "one dead", parameters: []string{"host_list=10.99.0.1 10.99.1.200", "multiplier=1000"}, want: "0:1000 0:1000 0:-"},
	{name: "all dead", parameters: []string{"host_list=10.99.1.200 10.99.1.201"}, want: "0:0 0:0 0:-"},
	{name: "defaults", parameters: []string{"host_list=10.99.0.1 10.99.0.2 10.99.0.3", "timeout=", "attempts="}, want: "0:3 0:3 0:-"},
	{name: "IPv6", parameters: []string{"host_list=fd00:99::1 fd00:99::2", "multiplier=5"}, want: "0:10 0:10 0:-"},
	{name: "IPv6, one dead", parameters: []string{"host_list=fd00:99::1 fd00:99::99", "multiplier=5"}, want: "0:5 0:5 0:-"},
	{name: "listed twice", parameters: []string{"host_list=10.99.0.1 10.99.0.1 10.99.0.2"}, want: "0:3 0:3 0:-"},
	{name: "white space", parameters: []string{"host_list=  10.99.0.1\t10.99.0.2\n 10.99.0.3 "}, want: "0:3 0:3 0:-"},
	{name: "name", parameters: []string{"host_list=two.world 10.99.0.1"}, want: "0:2 0:2 0:-"},
	{name: "name of an IPv6 host", parameters: []string{"host_list=six.world"}, want: "0:1 0:1 0:-"},
	{name: "unresolvable name", parameters: []string{"host_list=10.99.0.1 nowhere.invalid"}, want: "0:1 0:1 0:-"},
	{name: "no such address", parameters: []string{"host_list=10.99.0.1 10.99.0.300"}, want: "0:1 0:1 0:-"},
	{name: "no route", parameters: []string{"host_list=10.99.0.1 192.0.2.1"}, want: "0:1 0:1 0:-"},
	{name: "negative multiplier", parameters: []string{"host_list=10.99.0.1 10.99.0.2", "multiplier=-10"}, want: "0:-20 0:-20 0:-",
		original: "1:-20 1:-20 0:-", why: "failure_score is said to never fail by default, but its default is 0"},
	{name: "multiplier 0", parameters: []string{"host_list=10.99.0.1", "multiplier=0"}, want: "0:0 0:0 0:-"},
	{name: "attribute's name and dampen", parameters: []string{"host_list=10.99.0.1", "name=reach", "dampen=0"}, want: "0:1 0:1 0:-"},
	{name: "failure_score met", parameters: []string{"host_list=10.99.0.1 10.99.0.2", "failure_score=2"}, want: "0:2 0:2 0:-"},
	{name: "failure_score missed", parameters: []string{"host_list=10.99.0.1 10.99.1.200", "failure_score=2"}, want: "1:1 1:1 0:-"},
	{name: "debug", parameters: []string{"host_list=10.99.0.1 10.99.1.200", "debug=verbose"}, want: "0:1 0:1 0:-"},
	{name: "debug of another word", parameters: []string{"host_list=10.99.0.1", "debug=maybe"}, want: "0:1 0:1 0:-"},
	{name: "options", parameters: []string{"host_list=10.99.0.1", "options=-I v0"}, want: "0:1 0:1 0:-"},
	{name: "options, wrong interface", parameters: []string{"host_list=10.99.0.1", "options=-I lo"}, want: "0:0 0:0 0:-"},
	{name: "timeout in minutes", parameters: []string{"host_list=10.99.0.1", "timeout=1min"}, want: "0:1 0:1 0:-"},
	{name: "timeout below a second", parameters: []string{"host_list=10.99.0.1", "timeout=500ms"}, want: "0:1 0:1 0:-"},
	{name: "attribute manager away", parameters: []string{"host_list=10.99.0.1", "ATTRD_DO=exit 102"}, want: "1:1 1:1 0:-",
		original: "102:1 1:1 0:-", why: "102 is no OCF code: pacemaker takes it for 1, without a reason"},
	{name: "both families", parameters: []string{"host_list=10.99.0.1 fd00:99::1"}, want: "0:2 0:2 0:-",
		original: "6: 6: 0:-", why: "fping takes one family; 6 from a monitor stops the resource on every node"},
	{name: "both families with ping", parameters: []string{"host_list=10.99.0.1 fd00:99::1", "use_fping=0"}, want: "0:2 0:2 0:-"},
	{name: "ping, one dead", parameters: []string{"host_list=10.99.0.1 10.99.1.200", "use_fping=0", "multiplier=1000"}, want: "0:1000 0:1000 0:-"},
	{name: "ping, names", parameters: []string{"host_list=two.world nowhere.invalid", "use_fping=false"}, want: "0:1 0:1 0:-"},
	{name: "ping, a name like an address", parameters: []string{"host_list=a1.b2.c3.d4", "use_fping=0"}, want: "0:0 0:0 0:-"},
	{name: "empty host_list", parameters: []string{"host_list="}, want: "6: 7: 0:-",
		original: "0:0 0:0 0:-", why: "the original checks nothing at start"},
	{name: "multiplier is no number", parameters: []string{"host_list=10.99.0.1", "multiplier=abc"}, want: "6: 7: 0:-",
		original: "0: 0: 0:-", why: "the original sets an empty value and says all is well"},
	{name: "attempts is no number", parameters: []string{"host_list=10.99.0.1", "attempts=abc"}, want: "6: 7: 0:-",
		original: "0:0 0:0 0:-", why: "the original calls fping with nonsense and counts 0"},
	{name: "attempts 0", parameters: []string{"host_list=10.99.0.1", "attempts=0"}, want: "6: 7: 0:-",
		original: "0:0 0:0 0:-", why: "as above"},
	{name: "300 hosts", parameters: []string{"host_list=" + strings.Repeat("10.99.0.1 ", 300), "timeout=5"}, want: "0:300 0:300 0:-",
		original: "0:44 0:44 0:-", shell: "bash", why: "the original hands its count on as an exit status, which wraps at 256 in bash (Oracle Linux)"},
	{name: "300 hosts, dash", parameters: []string{"host_list=" + strings.Repeat("10.99.0.1 ", 300), "timeout=5"}, want: "0:300 0:300 0:-"},
}

func TestSameAsTheOriginal(t *testing.T) {
	if _, err := os.Stat(original); err != nil {
		t.Skipf("needs pacemaker-resource-agents: %v", err)
	}
	if !insideWorld(t, "") {
		return
	}
	agent := install(t)
	differences := 0
	for _, row := range rows {
		if row.original != "" {
			differences++
		}
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			parameters := append([]string{"timeout=1", "attempts=2"}, row.parameters...)
			ours, detail := life(t, agent, "", parameters)
			if ours != row.want {
				t.Errorf("ours: %s, want %s\n%s", ours, row.want, detail)
			}
			want := row.want
			if row.original != "" {
				want = row.original
			}
			if theirs, detail := life(t, original, row.shell, parameters); theirs != want {
				t.Errorf("original: %s, want %s (%s)\n%s", theirs, want, row.why, detail)
			}
		})
	}
	t.Logf("%d rows, %d intended differences", len(rows), differences)
}

// Every reachability with every set of parameters: the score is the number of hosts that answer times the multiplier, and
// the code is 1 exactly where it is below failure_score, for both agents alike.
func TestSameAsTheOriginalCrosswise(t *testing.T) {
	if _, err := os.Stat(original); err != nil {
		t.Skipf("needs pacemaker-resource-agents: %v", err)
	}
	if !insideWorld(t, "") {
		return
	}
	agent := install(t)
	for _, network := range []struct {
		name, hosts string
		up          int
	}{
		{"all up", "10.99.0.1 10.99.0.2", 2},
		{"one dead", "10.99.0.1 10.99.1.200", 1},
		{"all dead", "10.99.1.200 10.99.1.201", 0},
		{"IPv6", "fd00:99::1 fd00:99::2 fd00:99::3", 3},
		{"IPv6, one dead", "fd00:99::1 fd00:99::99", 1},
		{"names", "two.world 10.99.0.1", 2},
		{"one name unknown", "10.99.0.1 nowhere.invalid", 1},
		{"one without route", "192.0.2.1 10.99.0.1", 1},
	} {
		for _, p := range []struct {
			parameters        []string
			multiplier, least int
		}{
			{nil, 1, 0},
			{[]string{"multiplier=1000", "dampen=0"}, 1000, 0},
			{[]string{"failure_score=2"}, 1, 2},
			{[]string{"multiplier=10", "failure_score=11", "name=reach"}, 10, 11},
			{[]string{"attempts=1", "debug=true"}, 1, 0},
			{[]string{"use_fping=0", "attempts=1", "multiplier=7", "failure_score=7"}, 7, 7},
		} {
			score, code := network.up*p.multiplier, 0
			if score < p.least {
				code = 1
			}
			want := fmt.Sprintf("%d:%d %[1]d:%[2]d 0:-", code, score)
			t.Run(network.name+" "+strings.Join(p.parameters, " "), func(t *testing.T) {
				t.Parallel()
				parameters := append([]string{"timeout=1", "attempts=2", "host_list=" + network.hosts}, p.parameters...)
				for _, who := range []string{agent, original} {
					if got, detail := life(t, who, "", parameters); got != want {
						t.Errorf("%s: %s, want %s\n%s", who, got, want, detail)
					}
				}
			})
		}
	}
}

// life is start, monitor and stop of an instance, as in row.want.
func life(t *testing.T, agent, shell string, parameters []string) (summary, detail string) {
	i := newInstance(t, agent, parameters...)
	var parts, details []string
	var launcher []string
	if shell != "" {
		launcher = []string{shell}
	}
	for _, action := range []string{"start", "monitor", "stop"} {
		r := i.run(t, action, launcher...)
		parts = append(parts, fmt.Sprintf("%d:%s", r.code, r.value()))
		details = append(details, action+": "+r.String())
		if agent != original && (r.code != 0) != strings.Contains(r.stderr, "ocf-exit-reason:") {
			t.Errorf("%s: code %d and its exit reason do not fit: %s", action, r.code, r.stderr)
		}
	}
	return strings.Join(parts, " "), strings.Join(details, "\n")
}

// Actions that are not part of an instance's life.
func TestOtherActionsAsTheOriginal(t *testing.T) {
	if _, err := os.Stat(original); err != nil {
		t.Skipf("needs pacemaker-resource-agents: %v", err)
	}
	if !insideWorld(t, "") {
		return
	}
	agent := install(t)
	for _, c := range []struct {
		action         string
		ours, original int
		parameters     []string
	}{
		{"monitor", 7, 7, []string{"host_list=10.99.0.1"}},
		{"stop", 0, 0, []string{"host_list="}},
		{"stop", 0, 0, []string{"host_list=10.99.0.1", "ATTRD_DO=exit 102"}},
		{"reload-agent", 0, 0, []string{"host_list=10.99.0.1"}},
		{"usage", 0, 0, nil},
		{"no-such-action", 3, 3, []string{"host_list=10.99.0.1"}},
		{"validate-all", 0, 0, []string{"host_list=10.99.0.1 10.99.0.2"}},
		{"validate-all", 6, 6, []string{"host_list="}},
		{"validate-all", 2, 2, []string{"host_list=10.99.0.1", "OCF_CHECK_LEVEL=10", "pidfile=/run/nowhere/state"}},
		{"validate-all", 0, 0, []string{"host_list=10.99.0.1", "OCF_CHECK_LEVEL=10"}},
		{"validate-all", 0, 6, []string{"host_list=10.99.0.1 fd00:99::1"}}, // both families are no mistake
		{"validate-all", 6, 0, []string{"host_list=10.99.0.1", "multiplier=abc"}},
		{"validate-all", 6, 0, []string{"host_list=10.99.0.1", "dampen=soon"}},
		{"validate-all", 6, 0, []string{"host_list=10.99.0.1", "timeout=soon"}},
		{"reload-agent", 1, 0, []string{"host_list="}},
	} {
		for who, want := range map[string]int{agent: c.ours, original: c.original} {
			if r := newInstance(t, who, c.parameters...).run(t, c.action); r.code != want {
				t.Errorf("%s %s %q: want %d: %v", who, c.action, c.parameters, want, r)
			}
		}
	}
}
