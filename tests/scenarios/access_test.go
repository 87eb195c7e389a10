// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ocf-oci/lab"
)

// Where the agent finds its VNIC and how it authenticates, by parameter and by file, on the standby vrouter2.
func vnicAndAccess(ctx context.Context, t *testing.T, l *lab.Lab) {
	const node = "vrouter2"
	s, err := l.Region().Status(ctx)
	check(t, err)
	vnic := map[string]string{} // by node and card
	for _, n := range s.Nodes {
		for _, v := range n.VNICs {
			vnic[n.Name+"/"+v.NIC] = v.ID
		}
	}
	mine, pod, other := vnic[node+"/ens3"], vnic[node+"/ens5"], vnic["vrouter1/ens3"]
	floating := fmt.Sprintf("auth:\n  kind: api_key\n  config_file: /root/.oci/config\nnodes:\n  vrouter1: {isv: %s}\n  %s: {isv: %s}\naddresses:\n  - {ip: 10.0.0.100, prefix: 28, network: isv}\n", other, node, mine)
	key := "auth=api_key oci_config_file=/root/access/config"
	for _, c := range []struct {
		name, prepare string
		words         string
		codes         []int
		says          string // in the exit reason
		principal     string // kind of the OCID that signed the write
		bits          int    // prefix length in the operating system
	}{
		{"nothing but ip", "", "", []int{0}, "", "instance", 24},
		{"a VNIC for every node", "", "vnic=vrouter1:" + other + ";" + node + ":" + mine, []int{0}, "", "instance", 24},
		{"the node's name is the cluster's", "", "CRM_meta_on_node=second vnic=" + node + ":" + pod + ";second:" + mine, []int{0}, "", "instance", 24},
		{"a node that the map leaves out", "", "vnic=vrouter1:" + other, []int{0}, "", "instance", 24},
		{"another node's VNIC", "", "vnic=" + other, []int{5}, "which is not attached here", "", 0},
		{"no OCID", "", "vnic=" + node + ":eth0", []int{6}, "is not the OCID of a VNIC", "", 0},
		{"region and endpoint", "", "region=ca-toronto-1 endpoint=https://iaas.ca-toronto-1.oraclecloud.com", []int{0}, "", "instance", 24},
		{"an endpoint where nobody listens", "", "endpoint=https://127.0.0.1:9", []int{1}, "could not be moved in time", "", 0},
		{"an API key", "", key, []int{0}, "", "user", 24},
		{"another profile", "sed -i 's/^.DEFAULT.$/[HA]/' /root/access/config", key + " oci_profile=HA", []int{0}, "", "user", 24},
		{"a profile that is not there", "", key + " oci_profile=HA", []int{5}, "HA", "", 0},
		{"a key that others may read", "chmod 644 /root/access/operator.pem", key, []int{4}, "/root/access/operator.pem", "", 0},
		{"a key of somebody else", "chown nobody /root/access/operator.pem", key, []int{4}, "/root/access/operator.pem", "", 0},
		{"a configuration that others may write", "chmod 666 /root/access/config", key, []int{4}, "/root/access/config", "", 0},
		{"no key", "rm /root/access/operator.pem", key, []int{5}, "/root/access/operator.pem", "", 0},
		{"no key in the file", "echo nonsense > /root/access/operator.pem", key, []int{5}, "operator.pem", "", 0},
		{"a resource principal without its environment", "", "auth=resource_principal", []int{5}, "OCI_RESOURCE_PRINCIPAL_VERSION", "", 0},
		{"the declarative file", "cat >/etc/ocf-oci/floating.yaml <<'EOB'\n" + floating + "EOB", "", []int{0}, "", "user", 28},
		{"the file elsewhere, and a parameter wins over it", "cat >/root/access/f.yaml <<'EOB'\n" + floating + "EOB",
			"config=/root/access/f.yaml auth=instance_principal cidr_netmask=27", []int{0}, "", "instance", 27},
		{"the file that was asked for is not there", "", "config=/root/access/f.yaml", []int{5}, "/root/access/f.yaml", "", 0},
		{"the file has a VNIC of another network", "cat >/etc/ocf-oci/floating.yaml <<'EOB'\n" + strings.ReplaceAll(floating, mine, pod) + "EOB", "", []int{1, 5}, "10.0.0.100", "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			output(ctx, t, l, node, "bash", "-c", "rm -rf /root/access /run/ocf-oci; mkdir -p /root/access /etc/ocf-oci; rm -f /etc/ocf-oci/floating.yaml\n"+
				"cp -p /root/.oci/* /root/access/; sed -i 's|/root/.oci/|/root/access/|' /root/access/config\n"+c.prepare)
			must(t)(l.Region().Give(ctx, vip, "vrouter1"))
			began := time.Now()
			limit := "@timeout=40s"
			if slices.Contains(c.codes, 1) { // it waits until its time is over
				limit = "@timeout=8s"
			}
			words := append([]string{"ip=10.0.0.100", limit}, strings.Fields(c.words)...)
			code, out, _ := agent(ctx, t, l, node, "start", words...)
			if !slices.Contains(c.codes, code) || !strings.Contains(out, c.says) {
				t.Errorf("want %v and %q, got %d\n%s", c.codes, c.says, code, out)
			}
			owner, err := l.Region().Owner(ctx, vip)
			check(t, err)
			calls, err := l.Region().Calls(ctx, began)
			check(t, err)
			system := output(ctx, t, l, node, "ip", "-o", "-4", "addr", "show")
			if code != 0 {
				if owner.Node != "vrouter1" || strings.Contains(system, " 10.0.0.100/") {
					t.Errorf("a start that failed: the owner is %q, the node has\n%s", owner.Node, system)
				}
				return
			}
			if owner.VNIC != mine || !strings.Contains(system, fmt.Sprintf(" 10.0.0.100/%d ", c.bits)) {
				t.Errorf("the owner is %q, want %q with /%d, the node has\n%s", owner.VNIC, mine, c.bits, system)
			}
			for _, call := range calls {
				if call.Committed && !strings.HasPrefix(call.Principal, "ocid1."+c.principal+".") {
					t.Errorf("the write was signed by %s, want a %s", call.Principal, c.principal)
				}
			}
			if code, out, _ := agent(ctx, t, l, node, "stop", words...); code != 0 {
				t.Errorf("stop: %d\n%s", code, out)
			}
		})
	}
	output(ctx, t, l, node, "rm", "-rf", "/root/access", "/etc/ocf-oci/floating.yaml", "/run/ocf-oci")
}
