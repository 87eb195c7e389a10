// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"ocf-oci/lab"
	"ocf-oci/lab/region/control"
	"ocf-oci/lab/scenario"
)

// The operation's timeout in the matrix, and in its last column; no cell may take more than nine tenths of it.
const (
	budget     = 2 * time.Second
	longBudget = 20 * time.Second
)

// make test runs the last column, which waits, for these troubles only: one that never ends, one that is refused, one that
// is over at once; make soak for all.
var longInTest = []string{"hang", "403", "unreadable key"}

// trouble is a row of the matrix.
type trouble struct {
	name       string
	faults     []control.Fault
	give       string   // behind the cluster's back
	policy     string   // instead of the lab's
	file       string   // content of floating.yaml
	parameters []string // for every action
	start      []int    // codes that start and migrate_from may end with
	validate   []int
	foreign    bool // the cloud says definitely that another VNIC has the address
}

func api(kind, value string) []control.Fault {
	return []control.Fault{{Target: "api", Kind: kind, Value: value}}
}

func of(target, kind, value string) []control.Fault {
	return []control.Fault{{Target: target, Kind: kind, Value: value}}
}

// What start and validate-all do about each trouble follows from DESIGN 4: what a retry may mend is 1, after retries; what
// was read from this node is 5, or 4 for an unsafe key; validate-all is 5 for a definite finding, and 0 when it is not known.
var troubles = []trouble{
	{name: "none", start: []int{0}, validate: []int{0}},
	{name: "401", faults: api("status", "401"), start: []int{1}, validate: []int{5}},
	{name: "403", faults: api("status", "403"), start: []int{1}, validate: []int{5}},
	{name: "404", faults: api("status", "404:NotAuthorizedOrNotFound"), start: []int{1}, validate: []int{5}},
	{name: "409", faults: api("status", "409:IncorrectState"), start: []int{1}, validate: []int{0}},
	{name: "412", faults: api("status", "412"), start: []int{1}, validate: []int{0}},
	{name: "412 to the write", faults: of("UpdatePrivateIp", "status", "412"), start: []int{1}, validate: []int{0}},
	{name: "429", faults: api("status", "429"), start: []int{1}, validate: []int{0}},
	{name: "500", faults: api("status", "500"), start: []int{1}, validate: []int{0}},
	{name: "503", faults: api("status", "503"), start: []int{1}, validate: []int{0}},
	{name: "refused", faults: api("refuse", ""), start: []int{1}, validate: []int{0}},
	{name: "reset", faults: api("reset", ""), start: []int{1}, validate: []int{0}},
	{name: "hang", faults: api("hang", ""), start: []int{1}, validate: []int{0}},
	{name: "slow", faults: api("slow", ""), start: []int{1}, validate: []int{0}},
	{name: "truncated", faults: api("truncate", ""), start: []int{1}, validate: []int{0}},
	{name: "wrong owner", give: "vrouter3", start: []int{0}, validate: []int{0}, foreign: true},
	{name: "stale read after write", faults: api("stale", ""), start: []int{0, 1}, validate: []int{0}},
	{name: "response lost after commit", faults: of("UpdatePrivateIp", "lost-response", ""), start: []int{0}, validate: []int{0}},
	{name: "metadata 404", faults: of("imds", "status", "404"), start: []int{1}, validate: []int{0}},
	{name: "metadata down", faults: of("imds", "refuse", ""), start: []int{1}, validate: []int{0}},
	{name: "clock skew", faults: of("all", "clock-skew", "1h"), start: []int{0, 1}, validate: []int{0, 5}},
	{name: "expired token", faults: api("expired-token", ""), start: []int{0, 1}, validate: []int{0, 5}},
	{name: "no rights", policy: "\n", start: []int{1}, validate: []int{5}},
	// Whether a write would be allowed, only a write tells.
	{name: "missing rights", policy: "Allow dynamic-group cluster-nodes to read virtual-network-family in compartment network\n", start: []int{1}, validate: []int{0}},
	{name: "broken floating.yaml", file: "nodes: {}\nadresses: []\n", start: []int{5}, validate: []int{5}},
	{name: "unreadable key", parameters: []string{"auth=api_key", "oci_config_file=/run/matrix-key"}, start: []int{4}, validate: []int{5}},
}

// cell is an action at a node in a role, and the codes that are allowed whatever the trouble.
type cell struct {
	name, action, node string
	words              []string
	want               func(trouble) []int
	long               bool // the column with the long budget
}

func always(codes ...int) func(trouble) []int { return func(trouble) []int { return codes } }

// The node vrouter1 runs the resource, vrouter2 is the standby.
var cells = []cell{
	{"probe on the standby", "monitor", "vrouter2", nil, always(7), false},
	{"monitor role=Stopped", "monitor", "vrouter2", []string{"@role=Stopped", "@interval=10s"}, always(7), false},
	{"validate-all 10", "validate-all", "vrouter2", []string{"@level=10"}, func(w trouble) []int { return w.validate }, false},
	// A level 0 monitor asks the operating system only: the cloud was asked a moment ago.
	{"monitor 0", "monitor", "vrouter1", []string{"@interval=10s"}, always(0), false},
	{"monitor 10", "monitor", "vrouter1", []string{"@interval=10s", "@level=10"}, func(w trouble) []int {
		if w.foreign {
			return []int{7}
		}
		return []int{0} // unknown is not 7; and one unknown is not yet 190
	}, false},
	{"migrate_to", "migrate_to", "vrouter1", nil, always(0), false},
	{"probe on the active node", "monitor", "vrouter1", nil, func(w trouble) []int {
		if w.foreign {
			return []int{7}
		}
		return []int{0} // or this node's own mark says so
	}, false},
	{"start", "start", "vrouter2", nil, func(w trouble) []int { return w.start }, false},
	{"stop", "stop", "vrouter1", []string{"settle=0"}, always(0), false},
	{"migrate_from", "migrate_from", "vrouter3", nil, func(w trouble) []int {
		if w.foreign { // it has it
			return []int{0}
		}
		return w.start
	}, false},
	// A start that has time asks again for what a retry may mend, and still ends with a reason before pacemaker kills it.
	{"start in 20 s", "start", "vrouter2", nil, func(w trouble) []int { return w.start }, true},
}

func TestCloudFaultMatrix(t *testing.T) {
	t.Parallel()
	l := up(t, lab.Options{Name: "matrix", Nodes: 3, Scenario: lab.Router})
	ctx := t.Context()
	policy, err := l.Region().Policy(ctx)
	check(t, err)
	for _, w := range troubles {
		t.Run(w.name, func(t *testing.T) {
			check(t, l.Region().SetPolicy(ctx, policy))
			calm(ctx, t, l)
			bare(ctx, t, l)
			if code, out, _ := agent(ctx, t, l, "vrouter1", "start", "ip=10.0.0.100"); code != 0 {
				t.Fatalf("start in peace: %d\n%s", code, out)
			}
			// The address was here already, so the first monitor asks the cloud once more; the next does not.
			if code, out, _ := agent(ctx, t, l, "vrouter1", "monitor", "ip=10.0.0.100", "@interval=10s"); code != 0 {
				t.Fatalf("monitor in peace: %d\n%s", code, out)
			}
			w.strike(ctx, t, l)
			for _, c := range cells {
				budget := budget
				if c.long {
					if !soak && !slices.Contains(longInTest, w.name) {
						continue
					}
					budget = longBudget
				}
				words := slices.Concat([]string{"ip=10.0.0.100", "@timeout=" + budget.String()}, w.parameters, c.words)
				code, out, took := agent(ctx, t, l, c.node, c.action, words...)
				if want := c.want(w); !slices.Contains(want, code) {
					t.Errorf("%s: want %v, got %d\n%s", c.name, want, code, out)
				}
				if (code != 0) != strings.Contains(out, "ocf-exit-reason:") {
					t.Errorf("%s: %d and its reason do not fit:\n%s", c.name, code, out)
				}
				// Once is an overloaded machine, always is a mistake.
				for try := 0; try < 3 && took > budget/10*9; try++ {
					t.Logf("%s: took %v of %v, once more", c.name, took, budget)
					_, _, took = agent(ctx, t, l, c.node, c.action, words...)
				}
				if took > budget/10*9 {
					t.Errorf("%s: took %v of %v", c.name, took, budget)
				}
			}
			check(t, l.Region().SetPolicy(ctx, policy))
			for _, n := range l.Topology().Nodes {
				output(ctx, t, l, n.Name, "rm", "-f", "/etc/ocf-oci/floating.yaml", "/run/matrix-key", "/run/matrix-key.pem")
			}
		})
	}
}

// keyFile makes an OCI configuration whose key everybody may read.
const keyFile = `umask 077
printf '[DEFAULT]\ntenancy=ocid1.tenancy.oc1..a\nuser=ocid1.user.oc1..a\nfingerprint=00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff\nregion=ca-toronto-1\nkey_file=/run/matrix-key.pem\n' > /run/matrix-key
echo key > /run/matrix-key.pem
chmod 644 /run/matrix-key.pem`

func (w trouble) strike(ctx context.Context, t *testing.T, l *lab.Lab) {
	t.Helper()
	if w.give != "" {
		must(t)(l.Region().Give(ctx, vip, w.give))
	}
	if w.policy != "" {
		check(t, l.Region().SetPolicy(ctx, w.policy))
	}
	for _, n := range l.Topology().Nodes {
		output(ctx, t, l, n.Name, "bash", "-c", keyFile)
		if w.file != "" {
			output(ctx, t, l, n.Name, "bash", "-c", fmt.Sprintf("mkdir -p /etc/ocf-oci; printf %%s %q > /etc/ocf-oci/floating.yaml", w.file))
		}
	}
	for _, f := range w.faults {
		must(t)(l.Region().SetFault(ctx, f))
	}
}

// agent calls the agent by hand and returns its exit code, all it printed, and how long it ran, by the clock of the node.
func agent(ctx context.Context, t *testing.T, l *lab.Lab, node, action string, words ...string) (int, string, time.Duration) {
	t.Helper()
	cmd, err := l.Command(ctx, node, scenario.AgentCommand(action, words)...)
	check(t, err)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	began := time.Now()
	err = cmd.Run()
	took := time.Since(began)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), took
}
