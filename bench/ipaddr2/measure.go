// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"ocf-oci/internal/floating"
	"ocf-oci/lab"
	"ocf-oci/lab/region/control"
	"ocf-oci/lab/scenario"
)

// The nodes: node is measured, other holds the address in between.
const node, other = "vrouter1", "vrouter2"

const (
	ours     = "/usr/lib/ocf/resource.d/oci/IPaddr2"
	original = "/usr/lib/ocf/resource.d/heartbeat/IPaddr2"
)

// row is one line of the table: medians in milliseconds.
type row struct {
	What     string  `json:"what"`
	Ours     float64 `json:"ours_ms"`
	Original float64 `json:"original_ms"` // 0: the original has no such thing
	Calls    int     `json:"api_calls"`   // of ours, per run
	Execs    [2]int  `json:"execs"`       // ours, the original's
	Target   float64 `json:"target_ms"`   // ours must be below; 0: no such target
	Ratio    float64 `json:"ratio"`       // the original's time divided by ours
}

type bench struct {
	ctx   context.Context
	lab   *lab.Lab
	turns int
	rows  []row
}

// side is one of the two agents with its address.
type side struct {
	path   string
	params []string
}

func (s side) argv(action string, more ...string) []string {
	argv := scenario.AgentCommand(action, append(more, s.params...))
	argv[len(argv)-2] = s.path
	return argv
}

var (
	mine   = side{ours, []string{"ip=10.0.0.100"}}
	theirs = side{original, []string{"ip=10.0.0.77", "nic=ens3", "cidr_netmask=24", "@name=peer"}}
)

func (b *bench) measure() error {
	for _, step := range []func() error{b.monitors, b.stops, b.starts} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// monitors compares recurring monitors of a running address.
func (b *bench) monitors() error {
	if err := b.all(mine.argv("start"), theirs.argv("start")); err != nil {
		return err
	}
	var a, o []float64
	for range b.turns {
		for _, m := range []struct {
			side side
			into *[]float64
		}{{mine, &a}, {theirs, &o}} {
			ms, err := b.time(m.side.argv("monitor", "@interval=10s", "@timeout=20s"))
			if err != nil {
				return err
			}
			*m.into = append(*m.into, ms)
		}
	}
	calls, err := b.calls(mine.argv("monitor", "@interval=10s"))
	if err != nil {
		return err
	}
	r := row{What: "monitor, level 0, between cloud checks", Ours: median(a), Original: median(o), Calls: calls}
	for i, s := range []side{mine, theirs} {
		if r.Execs[i], err = b.execs(s.argv("monitor", "@interval=10s")); err != nil {
			return err
		}
	}
	r.Target = r.Original / 10
	b.add(r)
	return nil
}

func (b *bench) stops() error {
	var a, o []float64
	for range b.turns {
		if err := b.all(mine.argv("start"), theirs.argv("start")); err != nil {
			return err
		}
		ms, err := b.time(mine.argv("stop"))
		if err != nil {
			return err
		}
		a = append(a, ms)
		if ms, err = b.time(theirs.argv("stop")); err != nil {
			return err
		}
		o = append(o, ms)
	}
	b.add(row{What: "stop", Ours: median(a), Original: median(o)})
	return nil
}

// starts measures a takeover from another node with no API latency and with some.
func (b *bench) starts() error {
	for _, latency := range []time.Duration{0, 50 * time.Millisecond} {
		l := control.Duration(latency)
		if err := b.lab.Region().Change(b.ctx, control.Settings{Latency: &l}); err != nil {
			return err
		}
		for _, s := range []struct {
			name    string
			prepare func() error
			base    time.Duration
			rounds  int
		}{
			{"ready", b.ready, 20 * time.Millisecond, 1},
			{"warm", b.warm, 20 * time.Millisecond, 2},
			{"cold", b.cold, 200 * time.Millisecond, 3},
		} {
			if err := b.start(s.name, latency, s.prepare, s.base+time.Duration(s.rounds)*latency); err != nil {
				return fmt.Errorf("start, %s: %w", s.name, err)
			}
		}
	}
	return nil
}

func (b *bench) start(name string, latency time.Duration, prepare func() error, target time.Duration) error {
	var a, o []float64
	calls := 0
	for range b.turns {
		if err := prepare(); err != nil {
			return err
		}
		began := time.Now()
		ms, err := b.time(mine.argv("start"))
		if err != nil {
			return err
		}
		a = append(a, ms)
		if calls, err = b.apiCalls(began); err != nil {
			return err
		}
		if err := b.all(theirs.argv("stop")); err != nil {
			return err
		}
		if ms, err = b.time(theirs.argv("start")); err != nil {
			return err
		}
		o = append(o, ms)
	}
	b.add(row{What: fmt.Sprintf("start, %s, API latency %s", name, latency), Ours: median(a), Original: median(o), Calls: calls,
		Target: float64(target.Microseconds()) / 1000})
	return nil
}

func (b *bench) address() netip.Addr { return netip.MustParseAddr("10.0.0.100") }

// elsewhere gives the address to the other node.
func (b *bench) elsewhere() error {
	if err := b.all(mine.argv("stop")); err != nil {
		return err
	}
	_, err := b.lab.Region().Give(b.ctx, b.address(), other)
	return err
}

func (b *bench) warm() error { return b.elsewhere() }

func (b *bench) cold() error {
	if err := b.elsewhere(); err != nil {
		return err
	}
	return b.all([]string{"rm", "-rf", "/run/ocf-oci"})
}

// ready leaves what a readiness check leaves: who holds the address and which version it has.
func (b *bench) ready() error {
	if err := b.elsewhere(); err != nil {
		return err
	}
	owner, err := b.lab.Region().Owner(b.ctx, b.address())
	if err != nil {
		return err
	}
	script := fmt.Sprintf(`cd /run/ocf-oci && jq -c '.targets[0].seen={"holder":%q,"etag":%q,"at":%d}' vip.resolved > x && cat x > vip.resolved && rm x`,
		owner.VNIC, owner.ETag, floating.Boottime())
	return b.all([]string{"bash", "-c", script})
}

func (b *bench) add(r row) {
	if r.Original > 0 {
		r.Ratio = r.Original / r.Ours
	}
	b.rows = append(b.rows, r)
}

// time runs a command on the node by hyperfine, which measures the process alone, and returns milliseconds.
func (b *bench) time(argv []string) (float64, error) {
	n := len(argv) - 2 // env(1) and its variables, then agent and action
	traced := slices.Concat(argv[:n], []string{"hyperfine", "-N", "--runs", "1", "--style", "none", "--export-json", "/dev/stdout",
		strings.Join(argv[n:], " ")})
	out, err := b.lab.Output(b.ctx, node, traced...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, out)
	}
	var report struct {
		Results []struct {
			Mean float64 `json:"mean"` // seconds
		} `json:"results"`
	}
	at := slices.Index(out, '{')
	if at < 0 {
		return 0, fmt.Errorf("hyperfine said %q", out)
	}
	if err := json.NewDecoder(bytes.NewReader(out[at:])).Decode(&report); err != nil {
		return 0, fmt.Errorf("hyperfine said %q: %w", out, err)
	}
	return report.Results[0].Mean * 1000, nil
}

func (b *bench) all(commands ...[]string) error {
	for _, argv := range commands {
		if out, err := b.lab.Output(b.ctx, node, argv...); err != nil {
			return fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, out)
		}
	}
	return nil
}

// calls counts the API calls of one run.
func (b *bench) calls(argv []string) (int, error) {
	began := time.Now()
	if err := b.all(argv); err != nil {
		return 0, err
	}
	return b.apiCalls(began)
}

func (b *bench) apiCalls(since time.Time) (int, error) {
	calls, err := b.lab.Region().Calls(b.ctx, since)
	n := 0
	for _, c := range calls {
		if c.Service == "api" && c.Node == node {
			n++
		}
	}
	return n, err
}

// execs counts the programs that one run starts, itself included.
func (b *bench) execs(argv []string) (int, error) {
	traced := append([]string{"strace", "-f", "-qq", "-e", "trace=execve", "-e", "status=successful", "-o", "/tmp/execs"}, argv...)
	if err := b.all(traced); err != nil {
		return 0, err
	}
	out, err := b.lab.Output(b.ctx, node, "grep", "-c", "execve(", "/tmp/execs")
	if err != nil {
		return 0, err
	}
	n := 0
	_, err = fmt.Sscan(string(out), &n)
	return n - 1, err // env(1) is the first
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

func (b *bench) print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 2, 0, 2, ' ', 0)
	fmt.Fprintf(t, "medians of %d\tocf:oci:IPaddr2\tocf:heartbeat:IPaddr2\tratio\tAPI calls\tprograms run\ttarget\t\n", b.turns)
	missed := 0
	for _, r := range b.rows {
		target, execs := "", ""
		if r.Target > 0 {
			verdict := "reached"
			if r.Ours > r.Target {
				verdict = "MISSED"
				missed++
			}
			target = fmt.Sprintf("< %.1f ms: %s", r.Target, verdict)
		}
		if r.Execs[0] > 0 {
			execs = fmt.Sprintf("%d against %d", r.Execs[0], r.Execs[1])
		}
		fmt.Fprintf(t, "%s\t%.1f ms\t%.1f ms\t%.1f\t%d\t%s\t%s\t\n", r.What, r.Ours, r.Original, r.Ratio, r.Calls, execs, target)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if missed > 0 {
		return fmt.Errorf("%d targets missed", missed)
	}
	return nil
}
