// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ocf-oci/lab"
	"ocf-oci/lab/region/control"
)

// Sixteen resources with a companion each are 32 addresses on one node, and the region takes ten requests a second.
const (
	manyResources = 16
	manyLimit     = 10
)

// manyAddresses makes the addresses that the lab does not have, all held by vrouter1.
func manyAddresses(ctx context.Context, t *testing.T, l *lab.Lab) []netip.Addr {
	t.Helper()
	var all []netip.Addr
	for i := range manyResources {
		for network, text := range map[string]string{"isv": "10.0.0.%d", "pod": "10.1.0.%d"} {
			ip := netip.MustParseAddr(fmt.Sprintf(text, 120+i))
			must(t)(l.Region().Create(ctx, control.NewAddress{Address: ip, Subnet: network, Node: "vrouter1"}))
			all = append(all, ip)
		}
	}
	return all
}

// manyXML are the resources as an administrator would define them, and where they are at first.
func manyXML() (resources, constraint string) {
	var b strings.Builder
	for i := range manyResources {
		id := fmt.Sprintf("vip%02d", i)
		fmt.Fprintf(&b, `<primitive id="%[1]s" class="ocf" provider="oci" type="IPaddr2">
<instance_attributes id="%[1]s-p"><nvpair id="%[1]s-ip" name="ip" value="10.0.0.%[2]d"/><nvpair id="%[1]s-c" name="companions" value="10.1.0.%[2]d"/></instance_attributes>
<meta_attributes id="%[1]s-m"><nvpair id="%[1]s-f" name="failure-timeout" value="60s"/></meta_attributes>
<operations><op id="%[1]s-start" name="start" interval="0" timeout="120s"/><op id="%[1]s-stop" name="stop" interval="0" timeout="40s"/>
<op id="%[1]s-monitor" name="monitor" interval="20s" timeout="20s"/></operations></primitive>`, id, 120+i)
	}
	return "<resources>" + b.String() + "</resources>", `<rsc_location id="many-first" rsc-pattern="vip.*" node="vrouter1" score="100"/>`
}

// The node with 32 addresses crashes: all are served elsewhere, in the time and with the requests that are logged, at most two
// for each address and seven for each survivor. When the survivors' readiness was checked before, as the packaged timer
// does every minute, one for each address is enough; else they know what pacemaker's probes left, and what the limit
// refused is asked again.
func manyAtOnce(ctx context.Context, t *testing.T, l *lab.Lab, ready bool) {
	ctx, cancel := context.WithTimeout(ctx, 8*time.Minute)
	defer cancel()
	survivors := []string{"vrouter2", "vrouter3"}
	run := func(node string, argv ...string) string { t.Helper(); return output(ctx, t, l, node, argv...) }
	addresses := manyAddresses(ctx, t, l)
	run("vrouter1", "pcs", "resource", "delete", "Cluster_VIP")
	resources, constraint := manyXML()
	run("vrouter1", "cibadmin", "--create", "--scope", "constraints", "--xml-text", constraint)
	run("vrouter1", "cibadmin", "--modify", "--xml-text", resources)
	run("vrouter1", "crm_resource", "--wait", "--timeout=240s")
	if s, err := l.WaitAgree(ctx, addresses...); err != nil || !s.Agree {
		t.Fatal(err)
	}
	for _, node := range survivors {
		if ready {
			run(node, "oci-vip", "ready")
		}
	}
	limit := manyLimit
	check(t, l.Region().Change(ctx, control.Settings{Limit: &limit}))
	began := time.Now()
	check(t, l.Crash(ctx, "vrouter1"))
	s, err := l.WaitAgree(ctx, addresses...)
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	holders := map[string]int{}
	for _, a := range s.Addresses {
		for _, ip := range addresses {
			if a.Address == ip {
				holders[a.Region]++
			}
		}
	}
	if holders["vrouter2"]+holders["vrouter3"] != len(addresses) {
		t.Errorf("the holders are %v", holders)
	}
	calls, err := l.Region().Calls(ctx, began)
	check(t, err)
	kinds, answered := map[string]int{}, 0
	for _, c := range calls {
		if ready || c.Status != 429 {
			answered++
		}
		kinds[fmt.Sprintf("%s %d", c.Operation, c.Status)]++
	}
	t.Logf("%d addresses are served %v after the crash, by %v; %d requests, limit %d a second: %v", len(addresses), took.Round(100*time.Millisecond), holders, len(calls), limit, kinds)
	if most := 2*len(addresses) + 7*len(survivors); answered > most {
		t.Errorf("%d requests, more than %d", answered, most)
	}
	none := 0
	check(t, l.Region().Change(ctx, control.Settings{Limit: &none}))
	run("vrouter2", "cibadmin", "--delete-all", "--force", "--xpath", "//resources/*")
	run("vrouter2", "crm_resource", "--wait", "--timeout=240s")
	for _, ip := range addresses {
		check(t, l.Region().Delete(ctx, ip))
	}
}
