// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// deadTimeout is the parameter timeout where a host is dead.
const deadTimeout = 2 * time.Second

// scenario is a host_list.
type scenario struct {
	name string
	up   int
	dead int
}

func scenarios() []scenario {
	return []scenario{{"1 host, up", 1, 0}, {"10 hosts, all up", 10, 0}, {"50 hosts, all up", 50, 0}, {"10 hosts, one dead", 9, 1}}
}

func (s scenario) hosts() string {
	var list []string
	for i := range s.up {
		list = append(list, fmt.Sprintf("10.99.0.%d", i+1))
	}
	for i := range s.dead {
		list = append(list, fmt.Sprintf("10.99.1.%d", i+1))
	}
	return strings.Join(list, " ")
}

// contestant is an agent with what it uses.
type contestant struct {
	Name   string          `json:"name"`
	Times  []time.Duration `json:"times_ns"`
	Median time.Duration   `json:"median_ns"`
	path   string
	fping  string
}

type result struct {
	Scenario string        `json:"scenario"`
	Of       []*contestant `json:"agents"` // ours first
}

// measure lets the agents take turns.
func measure(s scenario, agent string, turns int, limit time.Duration) (result, error) {
	r := result{Scenario: s.name, Of: []*contestant{
		{Name: "oci:ping", path: agent, fping: "1"},
		{Name: "pacemaker:ping (fping)", path: original, fping: "1"},
		{Name: "pacemaker:ping (ping)", path: original, fping: "0"},
	}}
	spent := make([]time.Duration, len(r.Of))
	for turn := range turns {
		for i, c := range r.Of {
			if turn > 0 && spent[i] >= limit {
				continue
			}
			took, err := c.once(s)
			if err != nil {
				return r, err
			}
			c.Times = append(c.Times, took)
			spent[i] += took
		}
	}
	for _, c := range r.Of {
		c.Median = median(c.Times)
	}
	return r, nil
}

// once is a recurring monitor of a started instance, from fork to exit.
func (c *contestant) once(s scenario) (time.Duration, error) {
	state := "/run/state"
	if err := os.WriteFile(state, nil, 0o644); err != nil {
		return 0, err
	}
	cmd := exec.Command(c.path, "monitor")
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "OCF_ROOT=/usr/lib/ocf", "OCF_RA_VERSION_MAJOR=1", "OCF_RESOURCE_INSTANCE=p_ping",
		"OCF_RESKEY_CRM_meta_timeout=300000", "OCF_RESKEY_CRM_meta_interval=10000", "OCF_RESKEY_pidfile=" + state, "HA_LOGFACILITY=none",
		"OCF_RESKEY_host_list=" + s.hosts(), "OCF_RESKEY_use_fping=" + c.fping, fmt.Sprintf("OCF_RESKEY_timeout=%d", int(deadTimeout.Seconds()))}
	began := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(began)
	if err != nil {
		return 0, fmt.Errorf("%s, %s: %w: %s", c.Name, s.name, err, out)
	}
	return took, nil
}

func median(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// ratio is how many times faster the first is.
func (r result) ratio(i int) float64 { return float64(r.Of[i].Median) / float64(r.Of[0].Median) }

func (r result) print(w io.Writer) {
	fmt.Fprintf(w, "%s\n", r.Scenario)
	for i, c := range r.Of {
		fmt.Fprintf(w, "  %-24s %10.2f ms  x %-8.1f n=%d\n", c.Name, float64(c.Median)/float64(time.Millisecond), r.ratio(i), len(c.Times))
	}
}

// targets checks what the project promises.
func targets(all []result, w io.Writer) error {
	var missed []error
	check := func(ok bool, what string, args ...any) {
		text := fmt.Sprintf(what, args...)
		verdict := "reached"
		if !ok {
			verdict = "MISSED"
			missed = append(missed, errors.New("target missed: "+text))
		}
		fmt.Fprintf(w, "%-8s %s\n", verdict, text)
	}
	for _, r := range all {
		switch r.Scenario {
		case "10 hosts, all up":
			check(r.ratio(1) >= 10, "10 hosts, all up: %.0f times as fast as with fping, wanted 10", r.ratio(1))
			check(r.ratio(2) >= 100, "10 hosts, all up: %.0f times as fast as with ping, wanted 100", r.ratio(2))
		case "10 hosts, one dead":
			took := r.Of[0].Median
			check(took >= deadTimeout && took < deadTimeout+deadTimeout/20, "10 hosts, one dead: %.3f s, wanted the timeout of %.0f s once", took.Seconds(), deadTimeout.Seconds())
		}
	}
	return errors.Join(missed...)
}
