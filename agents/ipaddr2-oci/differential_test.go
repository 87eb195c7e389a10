// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"

	"ocf-oci/internal/ocf"
)

// life is what both agents go through in each trial.
var life = []string{"probe", "start", "start again", "monitor", "stop", "stop again", "monitor after stop"}

// trace is what one agent showed: an exit code for each step, and the operating system's addresses and routes after the
// second start and the second stop.
type trace map[string]string

const (
	stateStarted = "state after start"
	stateStopped = "state after stop"
)

// TestSameAsIPaddr2 compares random definitions in random states with the installed ocf:heartbeat:IPaddr2. Whatever is
// different must be an intended difference (differences_test.go).
func TestSameAsIPaddr2(t *testing.T) {
	// The same definitions in every run of make test, so that a change of the code is what a failure speaks of; make
	// soak draws new ones.
	seed := uint64(1)
	if os.Getenv("OCF_SOAK") == "1" {
		seed = uint64(rand.Uint32())
	}
	if s, err := strconv.ParseUint(os.Getenv("OCF_SEED"), 10, 64); err == nil {
		seed = s
	}
	if os.Getuid() != 0 {
		t.Skip("needs root for network and mount namespaces")
	}
	if _, err := os.Stat(original); err != nil {
		t.Skipf("needs resource-agents: %v", err)
	}
	trials := 100
	if os.Getenv("OCF_SOAK") == "1" {
		trials = 2000
	}
	const worlds = 4
	reports := make([]trialReport, worlds)
	var group sync.WaitGroup
	for w := range worlds {
		group.Go(func() {
			share := trials / worlds
			first := seed + uint64(w*share)
			file := filepath.Join(t.TempDir(), "report")
			out, err := inWorld("^TestSameAsIPaddr2InWorld$", fmt.Sprintf("%s=%d %d %s", trialsEnv, first, share, file))
			text, _ := os.ReadFile(file)
			if json.Unmarshal(text, &reports[w]) != nil {
				err = errors.Join(err, errors.New("no report"))
			}
			if err != nil {
				t.Errorf("%d trials from seed %d (OCF_SEED=%[2]d repeats them): %v\n%s", share, first, err, out)
			}
		})
	}
	group.Wait()
	total := trialReport{Swallowed: map[string]int{}}
	for _, r := range reports {
		total.Trials, total.Touched = total.Trials+r.Trials, total.Touched+r.Touched
		for name, n := range r.Swallowed {
			total.Swallowed[name] += n
		}
	}
	var lines []string
	for name, n := range total.Swallowed {
		lines = append(lines, fmt.Sprintf("%4d %s", n, name))
	}
	sort.Strings(lines)
	t.Logf("%d trials from seed %d, %d with intended differences:\n%s", total.Trials, seed, total.Touched, strings.Join(lines, "\n"))
	if total.Trials != trials || total.Touched >= trials/10 {
		t.Errorf("%d of %d trials differ, of %d: that is no drop-in replacement", total.Touched, total.Trials, trials)
	}
}

// trialReport is what one world saw.
type trialReport struct {
	Trials    int
	Touched   int            // trials with an intended difference
	Swallowed map[string]int // trials by intended difference
}

const trialsEnv = "IPADDR2_TEST_DIFFERENTIAL" // FIRST-SEED TRIALS REPORT-FILE

func TestSameAsIPaddr2InWorld(t *testing.T) {
	var first uint64
	var trials int
	var file string
	if n, _ := fmt.Sscan(os.Getenv(trialsEnv), &first, &trials, &file); n != 3 {
		t.Skip("runs inside TestSameAsIPaddr2")
	}
	agent := install(t)
	r := trialReport{Swallowed: map[string]int{}}
	for n := range trials {
		c := newTrial(first + uint64(n))
		theirs, ours := live(t, original, c), live(t, agent, c)
		used := compare(t, c, theirs, ours)
		for name := range used {
			r.Swallowed[name]++
		}
		if len(used) > 0 {
			r.Touched++
		}
		r.Trials++
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// live puts the world into the trial's state and leads one agent through its life.
func live(t *testing.T, agent string, c trial) trace {
	t.Helper()
	reset(t, c)
	i := newInstance(agent, c.parameters...)
	seen := trace{}
	for _, step := range life {
		action, _, _ := strings.Cut(step, " ")
		seen[step] = strconv.Itoa(i.run(t, action).code)
		switch step {
		case "start again":
			seen[stateStarted] = state(t)
		case "stop again":
			seen[stateStopped] = state(t)
		}
	}
	return seen
}

func reset(t *testing.T, c trial) {
	t.Helper()
	down := ""
	if c.linkDown {
		down = "ip -n peer link set e1 down\n"
	}
	sh(t, `rm -rf /run/ocf-oci /run/resource-agents/*
ip -n peer link set e1 up
ip -batch - -force >/dev/null 2>&1 <<'EOB' || true
addr flush dev eth0 scope global
addr flush dev eth1 scope global
addr del 127.0.0.3/8 dev lo
addr del 127.0.0.3/24 dev lo
addr del 127.0.0.3/28 dev lo
addr del 127.0.0.3/32 dev lo
link set eth0 up
link set eth1 up
addr add 10.0.0.1/24 brd 10.0.0.255 dev eth0
addr add 10.1.0.1/24 dev eth1
addr add 2001:db8::1/64 dev eth0 nodad
`+strings.Join(c.prepare, "\n")+"\nEOB\n"+down)
}

var lifetimes = regexp.MustCompile(`\s+(valid_lft|preferred_lft) \d*[1-9]\d*sec`)

// state is what the operating system has, without what passes with time.
func state(t *testing.T) string {
	t.Helper()
	lines := strings.Split(sh(t, "ip -o addr show; ip route show; ip -6 route show"), "\n")
	for i, line := range lines {
		if strings.Contains(line, "inet6 fe80:") && !strings.Contains(line, "fe80::100") { // the kernel's own, in its own time
			line = strings.ReplaceAll(line, "tentative", "")
		}
		line = strings.ReplaceAll(line, " linkdown", "") // the kernel notes it up to a second after the link
		lines[i] = strings.Join(strings.Fields(lifetimes.ReplaceAllString(line, "")), " ")
	}
	sort.Strings(lines)
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// compare fails the test for each difference that nobody intends, and returns the intended ones that it met.
func compare(t *testing.T, c trial, theirs, ours trace) map[string]bool {
	t.Helper()
	used := map[string]bool{}
	for _, step := range append(append([]string(nil), life...), stateStarted, stateStopped) {
		d := difference{trial: c, step: step, theirs: theirs[step], ours: ours[step], all: ours, original: theirs}
		if d.theirs == d.ours {
			continue
		}
		name := intended(d)
		if name == "" {
			t.Errorf("%s\n%s: original %s, ours %s\noriginal %v\nours %v", c, step, d.theirs, d.ours, codes(theirs), codes(ours))
			continue
		}
		used[name] = true
		t.Logf("%s\n%s: original %s, ours %s: %s", c, step, firstLine(d.theirs), firstLine(d.ours), name)
	}
	if ours["stop again"] == "0" && c.ip != "" && strings.Contains(ours[stateStopped], " "+c.ip+"/") {
		t.Errorf("%s: stop said 0, but the address is there:\n%s", c, ours[stateStopped])
	}
	return used
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

func codes(tr trace) string {
	var all []string
	for _, step := range life {
		all = append(all, tr[step])
	}
	return strings.Join(all, " ")
}

// problems says whether our agent finds the definition wrong on every node.
func (c trial) problems() bool {
	return len(read(ocf.NewRequest(model(), "start", newInstance("", c.parameters...).env)).problems) > 0
}
