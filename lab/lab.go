// SPDX-License-Identifier: Apache-2.0

package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"time"

	"ocf-oci/lab/cluster"
	"ocf-oci/lab/fabric"
	"ocf-oci/lab/region/control"
)

// Lab is a running lab, seen from outside its daemon. Its methods may be used at once from several goroutines.
type Lab struct {
	folder  folder
	options Options
	topo    Topology
	http    *http.Client
	cluster *cluster.Cluster
}

// Open finds a running lab by name. fs.ErrNotExist: there is none.
func Open(name string) (*Lab, error) {
	f := folderOf(name)
	s, err := f.load()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, noLab(name)
	}
	if err != nil {
		return nil, err
	}
	t, err := topology(s.Options.Scenario, s.Options.Nodes)
	if err != nil {
		return nil, err
	}
	c, err := cluster.Open(string(f))
	if err != nil {
		return nil, fmt.Errorf("lab %s has no nodes (yet): %w", name, err)
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", f.socket())
	}
	return &Lab{f, s.Options, t, &http.Client{Transport: &http.Transport{DialContext: dial}}, c}, nil
}

// Name is the lab's name, Dir its folder.
func (l *Lab) Name() string { return l.options.Name }

// Dir is the lab's folder.
func (l *Lab) Dir() string { return string(l.folder) }

// Topology is what the lab consists of.
func (l *Lab) Topology() Topology { return l.topo }

// Cluster is the lab's nodes. Its Boot and Crash know no network; use those of Lab.
func (l *Lab) Cluster() *cluster.Cluster { return l.cluster }

// Region is the operator's side of the region: faults, calls, owners, policy, settings.
func (l *Lab) Region() *control.Client { return control.NewClient(l.folder.socket()) }

// Down is the function Down for this lab.
func (l *Lab) Down(ctx context.Context) error { return Down(ctx, l.Name()) }

// SetupCluster makes the nodes a cluster with pcs host auth, pcs cluster setup and pcs cluster start, and waits until
// all are online.
func (l *Lab) SetupCluster(ctx context.Context) (cluster.Times, error) {
	return l.cluster.Setup(ctx, clusterName(l.options.Scenario), cluster.SetupOptions{Enable: true})
}

// Command prepares a command in a node or a host; see cluster.Node.Command. Its exit status is the command's own.
func (l *Lab) Command(ctx context.Context, machine string, argv ...string) (*exec.Cmd, error) {
	return l.command(ctx, machine, (*cluster.Node).Command, argv)
}

// Terminal is Command for somebody at a terminal.
func (l *Lab) Terminal(ctx context.Context, machine string, argv ...string) (*exec.Cmd, error) {
	return l.command(ctx, machine, (*cluster.Node).Terminal, argv)
}

func (l *Lab) command(ctx context.Context, machine string, inNode func(*cluster.Node, context.Context, ...string) *exec.Cmd, argv []string) (*exec.Cmd, error) {
	if _, err := l.topo.machine(machine); err != nil {
		return nil, err
	}
	if n := l.cluster.Node(machine); n != nil {
		return inNode(n, ctx, argv...), nil
	}
	args := append([]string{"--net=" + fabric.NamespacePath(l.Name()+"-"+machine), "--"}, argv...)
	cmd := exec.CommandContext(ctx, "nsenter", args...)
	cmd.WaitDelay = 2 * time.Second
	return cmd, nil
}

// Output runs a command in a node or host and returns its standard output; the error carries its standard error.
func (l *Lab) Output(ctx context.Context, machine string, argv ...string) ([]byte, error) {
	cmd, err := l.Command(ctx, machine, argv...)
	if err != nil {
		return nil, err
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("on %s: %s: %w: %s", machine, strings.Join(argv, " "), err, strings.TrimSpace(stderr.String()))
	}
	return out, nil
}

// Crash takes a node's power away: all its processes die at once and its cards go.
func (l *Lab) Crash(ctx context.Context, nodes ...string) error { return l.do(ctx, "crash", nodes) }

// Boot boots nodes that are down and returns when they are up.
func (l *Lab) Boot(ctx context.Context, nodes ...string) error { return l.do(ctx, "boot", nodes) }

// Shutdown powers nodes off in order.
func (l *Lab) Shutdown(ctx context.Context, nodes ...string) error {
	return l.do(ctx, "shutdown", nodes)
}

// Cut pulls all cables of machines; they keep running and keep their addresses.
func (l *Lab) Cut(ctx context.Context, machines ...string) error { return l.do(ctx, "cut", machines) }

// Join plugs the cables in again.
func (l *Lab) Join(ctx context.Context, machines ...string) error { return l.do(ctx, "join", machines) }

// Freeze stops every process of nodes; Thaw continues them.
func (l *Lab) Freeze(ctx context.Context, nodes ...string) error { return l.do(ctx, "freeze", nodes) }

// Thaw continues frozen nodes.
func (l *Lab) Thaw(ctx context.Context, nodes ...string) error { return l.do(ctx, "thaw", nodes) }

// Partition parts machines a from machines b; both still reach the API and the other machines. ErrOptions: a machine is
// on both sides.
func (l *Lab) Partition(ctx context.Context, a, b []string) error {
	for _, machine := range a {
		if slices.Contains(b, machine) {
			return refusal{"partition: " + machine + " is on both sides", ErrOptions}
		}
	}
	return l.call(ctx, http.MethodPost, pathDo, order{Do: "partition", Nodes: a, From: b}, nil)
}

// Heal ends all partitions.
func (l *Lab) Heal(ctx context.Context) error { return l.do(ctx, "heal", nil) }

// Status asks region, network, every machine and pacemaker.
func (l *Lab) Status(ctx context.Context) (Status, error) {
	var s Status
	return s, l.call(ctx, http.MethodGet, pathStatus, nil, &s)
}

// Hop tells where the network delivers packets for an address now.
func (l *Lab) Hop(ctx context.Context, ip netip.Addr) (Hop, error) {
	var h Hop
	return h, l.call(ctx, http.MethodGet, pathHop+"?address="+url.QueryEscape(ip.String()), nil, &h)
}

// QuickStatus is Status without pacemaker's view, which costs processes on every node: nothing counts as managed, and
// Agree is about the other three views.
func (l *Lab) QuickStatus(ctx context.Context) (Status, error) {
	var s Status
	return s, l.call(ctx, http.MethodGet, pathStatus+"?pacemaker=no", nil, &s)
}

// Pacemaker is asked when the three cheap views agree, and every slowLook in any case, since only it knows what is managed.
const (
	quickLook = 50 * time.Millisecond
	slowLook  = 500 * time.Millisecond
	afterFull = 150 * time.Millisecond
)

// WaitAgree returns when the four views agree on the addresses (none named: on every address that pacemaker manages, of
// which there must be one), and do so for two looks. The error of a ctx that ends first says what they see.
func (l *Lab) WaitAgree(ctx context.Context, addresses ...netip.Addr) (Status, error) {
	var last Status // with pacemaker's view
	var asked time.Time
	for quiet := 0; ; {
		// What the last full look found to be managed is what the cheap look is about.
		pause := quickLook
		quick, err := l.QuickStatus(ctx)
		if err == nil && (time.Since(asked) > slowLook || quick.agreeOn(last.those(addresses))) {
			var full Status
			if full, err = l.Status(ctx); err == nil {
				last, asked, pause = full, time.Now(), afterFull
				if quiet++; !full.agreeOn(addresses) {
					quiet = 0
				}
				if quiet == 2 {
					return full, nil
				}
			}
		}
		select {
		case <-ctx.Done():
			return last, fmt.Errorf("wait until the four views agree: %w: %s", errors.Join(context.Cause(ctx), err), last.disagreement(addresses))
		case <-time.After(pause):
		}
	}
}

// those are the addresses named, or else the managed ones.
func (s Status) those(addresses []netip.Addr) []netip.Addr {
	if len(addresses) > 0 {
		return addresses
	}
	managed := []netip.Addr{}
	for _, a := range s.Addresses {
		if a.Managed {
			managed = append(managed, a.Address)
		}
	}
	return managed
}

func (s Status) agreeOn(addresses []netip.Addr) bool {
	found := 0
	for _, a := range s.Addresses {
		if !wanted(a, addresses) {
			continue
		}
		if !a.Agree {
			return false
		}
		found++
	}
	return found >= max(1, len(addresses))
}

func wanted(a AddressStatus, addresses []netip.Addr) bool {
	for _, ip := range addresses {
		if ip == a.Address {
			return true
		}
	}
	return len(addresses) == 0 && a.Managed
}

// disagreement tells the views of the addresses on which they differ.
func (s Status) disagreement(addresses []netip.Addr) string {
	var b strings.Builder
	for _, a := range s.Addresses {
		if wanted(a, addresses) && !a.Agree {
			fmt.Fprintf(&b, "%s: region %q, fabric %q, operating systems %q, pacemaker %q; ", a.Address, a.Region, a.Fabric, a.OS, a.Pacemaker)
		}
	}
	if b.Len() == 0 {
		return "no such address is managed"
	}
	return strings.TrimSuffix(b.String(), "; ")
}

func (l *Lab) do(ctx context.Context, what string, nodes []string) error {
	return l.call(ctx, http.MethodPost, pathDo, order{Do: what, Nodes: nodes}, nil)
}

func (l *Lab) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("lab %s: %w", l.Name(), err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://lab"+path, body)
	if err != nil {
		return fmt.Errorf("lab %s: %w", l.Name(), err)
	}
	resp, err := l.http.Do(req)
	if err != nil {
		return fmt.Errorf("ask the daemon of lab %s (see ocf-lab list; ocf-lab down removes a dead one): %w", l.Name(), err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		var f failure
		if err := json.NewDecoder(resp.Body).Decode(&f); err != nil {
			return fmt.Errorf("the daemon of lab %s answered %s", l.Name(), resp.Status)
		}
		return errors.New(f.Error)
	}
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return fmt.Errorf("read the answer of the daemon of lab %s: %w", l.Name(), err)
	}
	return nil
}
