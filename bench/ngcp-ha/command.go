// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"ocf-oci/lab"
)

// command is the program; it returns the exit code.
func command() int {
	bin := flag.String("bin", "build/bin", "folder with the programs under test")
	turns := flag.Int("turns", 15, "measurements of each")
	asJSON := flag.Bool("json", false, "print JSON")
	flag.Parse()
	if err := run(*bin, *turns, *asJSON); err != nil {
		fmt.Fprintln(os.Stderr, "bench/ngcp-ha:", err)
		return 1
	}
	return 0
}

// cluster is the handbook's, with Dummies in the place of addresses and services: how long they take to answer is not
// measured here.
const cluster = `primitive p_vip_eth1_v4_1 ocf:pacemaker:Dummy
primitive p_vip_eth2_v4_1 ocf:pacemaker:Dummy
primitive p_monit_services ocf:pacemaker:Dummy
group g_vips p_vip_eth1_v4_1 p_vip_eth2_v4_1
group g_ngcp p_monit_services
colocation l_ngcp_with_vip inf: g_ngcp g_vips
order o_vip_then_ngcp Mandatory: g_vips g_ngcp
property stonith-enabled=false no-quorum-policy=ignore
`

// question is one thing to know, and who can tell.
type question struct {
	Name string        `json:"question"`
	Of   []*contestant `json:"commands"` // ours first
}

type contestant struct {
	Name   string          `json:"command"`
	Times  []time.Duration `json:"times_ns"`
	Median time.Duration   `json:"median_ns"`
	script string
}

func questions() []*question {
	return []*question{
		{Name: "fail counts of 3 resources on 2 nodes", Of: []*contestant{
			{Name: "ngcp-ha failcounts", script: "ngcp-ha failcounts"},
			{Name: "6 x crm_failcount -G", script: "for r in p_vip_eth1_v4_1 p_vip_eth2_v4_1 p_monit_services; do for n in sp1 sp2; do crm_failcount -G -r $r -N $n; done; done"},
		}},
		{Name: "is this the active node?", Of: []*contestant{
			{Name: "ngcp-ha check-active -q", script: "ngcp-ha check-active -q"},
			{Name: "crm resource status g_vips", script: "crm resource status g_vips"},
		}},
	}
}

func run(bin string, turns int, asJSON bool) error {
	bin, err := filepath.Abs(bin)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	l, err := lab.Up(ctx, lab.Options{Name: fmt.Sprintf("bench-ngcp-ha-%d", os.Getpid()), Nodes: 2, Scenario: lab.NGCP, Cluster: true, Bin: bin})
	if err != nil {
		return err
	}
	defer func() {
		if err := l.Down(context.WithoutCancel(ctx)); err != nil {
			fmt.Fprintln(os.Stderr, "bench/ngcp-ha:", err)
		}
	}()
	setup := `printf %s "$1" >/run/bench.crm && crm --force configure load update /run/bench.crm && crm_resource --wait --timeout=60s
crm_resource --move -r g_vips --node sp1; crm_resource --wait --timeout=60s; crm_resource --clear -r g_vips; ngcp-ha check-active -q`
	if out, err := l.Output(ctx, "sp1", "sh", "-c", setup, "sh", cluster); err != nil {
		return fmt.Errorf("setting the cluster up: %w\n%s", err, out)
	}
	all := questions()
	for range turns {
		for _, q := range all {
			for _, c := range q.Of {
				begin := time.Now()
				if out, err := l.Output(ctx, "sp1", "sh", "-c", c.script); err != nil {
					return fmt.Errorf("%s: %w\n%s", c.Name, err, out)
				}
				c.Times = append(c.Times, time.Since(begin))
			}
		}
	}
	return tell(all, asJSON)
}

// tell prints the medians, and is an error if ours is not the better one.
func tell(all []*question, asJSON bool) error {
	var slower error
	for _, q := range all {
		for _, c := range q.Of {
			sorted := slices.Sorted(slices.Values(c.Times))
			c.Median = sorted[len(sorted)/2]
		}
		ours, theirs := q.Of[0], q.Of[1]
		if ours.Median > theirs.Median {
			slower = fmt.Errorf("%s is slower than %s", ours.Name, theirs.Name)
		}
		if asJSON {
			continue
		}
		fmt.Printf("%s (medians of %d, entering the node included)\n", q.Name, len(ours.Times))
		for _, c := range q.Of {
			fmt.Printf("  %-28s %8.1f ms\n", c.Name, float64(c.Median.Microseconds())/1000)
		}
		fmt.Printf("  %.1f times as fast\n", float64(theirs.Median)/float64(ours.Median))
	}
	if asJSON {
		out := json.NewEncoder(os.Stdout)
		out.SetIndent("", "  ")
		if err := out.Encode(all); err != nil {
			return err
		}
	}
	return slower
}
