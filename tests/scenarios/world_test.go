// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"ocf-oci/lab"
	"ocf-oci/lab/region/control"
)

// The floating addresses of the scenario router, IPv4.
var (
	vip       = netip.MustParseAddr("10.0.0.100")
	companion = netip.MustParseAddr("10.1.0.100")
)

// policies are the IAM statements that each lab began with, by its name.
var policies sync.Map

// seeded are the labs, by name, whose cluster was given the seed's properties and defaults with pcs, as the seed does.
var seeded sync.Map

// calm takes every fault away and puts the floating addresses where they were at first, with nothing left in any
// operating system.
func calm(ctx context.Context, t *testing.T, l *lab.Lab) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	_, _ = l.StopProbe(ctx) // a scenario that failed may have left it running
	r := l.Region()
	must(t)(r.ClearFaults(ctx, 0))
	if text, ok := policies.Load(l.Name()); ok {
		check(t, r.SetPolicy(ctx, text.(string)))
	}
	zero, none := control.Duration(0), 0
	check(t, r.Change(ctx, control.Settings{Latency: &zero, Propagation: &zero, Limit: &none}))
	check(t, l.Heal(ctx))
	s, err := l.Status(ctx)
	check(t, err)
	for _, n := range s.Nodes {
		if n.Cut {
			check(t, l.Join(ctx, n.Name))
		}
		switch {
		case n.Host:
		case n.Up == "frozen":
			check(t, l.Thaw(ctx, n.Name))
		case n.Up == "down":
			check(t, l.Boot(ctx, n.Name))
		}
	}
}

// bare leaves nothing of earlier calls of the agent on the nodes, and the addresses with vrouter1 in the cloud.
func bare(ctx context.Context, t *testing.T, l *lab.Lab) {
	t.Helper()
	for _, n := range l.Topology().Nodes {
		output(ctx, t, l, n.Name, "bash", "-c",
			"rm -rf /run/ocf-oci; ip address flush to 10.0.0.100/32; ip address flush to 10.1.0.100/32; true")
	}
	for _, ip := range []netip.Addr{vip, companion} {
		must(t)(l.Region().Give(ctx, ip, "vrouter1"))
	}
}

// fresh makes the seed's resource anew on a cluster whose nodes are all online, running on vrouter1.
func fresh(ctx context.Context, t *testing.T, l *lab.Lab) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	check(t, l.Cluster().WaitOnline(ctx))
	run := func(argv ...string) {
		t.Helper()
		if out, err := l.Output(ctx, "vrouter1", argv...); err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(argv, " "), err, out)
		}
	}
	// These may be said twice: a cluster that elects a coordinator at this moment refuses them.
	again := func(argv ...string) {
		t.Helper()
		var out []byte
		var err error
		for range 3 {
			if out, err = l.Output(ctx, "vrouter1", argv...); err == nil {
				return
			}
			t.Logf("%v", err)
		}
		t.Fatalf("%s: %v\n%s", strings.Join(argv, " "), err, out)
	}
	again("cibadmin", "--delete-all", "--force", "--xpath", "//constraints/*")
	again("cibadmin", "--delete-all", "--force", "--xpath", "//resources/*")
	again("crm_resource", "--wait", "--timeout=120s")
	again("crm_resource", "--cleanup")
	// Fail counts leave the CIB a moment later; the new resource has the name of the old.
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(250 * time.Millisecond) {
		if out, err := l.Output(ctx, "vrouter1", "cibadmin", "--query"); err == nil && !strings.Contains(string(out), `"fail-count-`) {
			break
		}
	}
	bare(ctx, t, l)
	if _, done := seeded.LoadOrStore(l.Name(), true); !done {
		run("pcs", "property", "set", "stonith-enabled=false", "no-quorum-policy=ignore", "cluster-recheck-interval=60s")
		run("pcs", "resource", "defaults", "update", "migration-threshold=1")
	} else { // pcs takes a second for each call; few scenarios change these, and only these
		run("crm_attribute", "--name", "stonith-enabled", "--update", "false")
		run("crm_attribute", "--name", "no-quorum-policy", "--update", "ignore")
		run("crm_attribute", "--name", "maintenance-mode", "--delete")
	}
	run("pcs", "resource", "create", "Cluster_VIP", "ocf:oci:IPaddr2", "ip=10.0.0.100", "cidr_netmask=28",
		"companions=10.1.0.100/28", "cloud_check=2s", "op", "monitor", "interval=1s", "timeout=20s",
		"meta", "allow-migrate=true", "failure-timeout=60s")
	run("crm_resource", "--wait", "--timeout=120s")
	out, err := l.Output(ctx, "vrouter1", "crm_resource", "--locate", "--resource", "Cluster_VIP")
	check(t, err)
	if !strings.Contains(string(out), "vrouter1") {
		run("crm_resource", "--move", "--resource", "Cluster_VIP", "--node", "vrouter1", "--lifetime=PT60S")
		run("crm_resource", "--wait", "--timeout=120s")
		again("crm_resource", "--clear", "--resource", "Cluster_VIP")
		again("crm_resource", "--wait", "--timeout=120s")
	}
	if _, err := l.WaitAgree(ctx, vip, companion); err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// must drops a value that does not matter.
func must(t *testing.T) func(any, error) {
	return func(_ any, err error) {
		t.Helper()
		check(t, err)
	}
}
