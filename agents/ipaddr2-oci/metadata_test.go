// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"ocf-oci/metadata/metadatatest"
)

func TestMetaDataIsValidForItsReaders(t *testing.T) {
	t.Parallel() // it waits for pcs and crm
	binary := filepath.Join(t.TempDir(), "IPaddr2")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	metadatatest.Validate(t, binary, "oci", "IPaddr2")
	t.Run("one text", func(t *testing.T) {
		metadatatest.SameText(t, binary, "oci", "IPaddr2", "../../docs/man/ocf_oci_IPaddr2.7")
	})
}

// The names, defaults and order of ocf:heartbeat:IPaddr2's parameters are its users' configurations; those of the operations
// are what pcs writes into every CIB.
func TestOperationDefaults(t *testing.T) {
	want := map[string]string{
		"start": "2m0s", "stop": "40s", "monitor/20s/0": "20s", "monitor/1m0s/10": "20s", "migrate_to": "40s", "migrate_from": "2m0s",
		"reload-agent": "20s", "validate-all": "20s", "meta-data": "5s",
	}
	for _, a := range model().Actions {
		name := a.Name
		if a.Interval > 0 {
			name = fmt.Sprintf("%s/%s/%d", a.Name, a.Interval, a.Depth)
		}
		if want[name] != a.Timeout.String() {
			t.Errorf("%s: timeout %s, want %q", name, a.Timeout, want[name])
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}

// The defaults of ocf:heartbeat:IPaddr2 4.12 to 4.18, by its meta-data; "-" is none. check_link_status and
// lvs_ipv6_addrlabel are true since 4.17 and 4.16.
func TestParametersOfIPaddr2(t *testing.T) {
	for name, want := range map[string]string{
		"ip": "-", "nic": "-", "cidr_netmask": "", "broadcast": "", "proto": "", "iflabel": "", "lvs_support": "false",
		"lvs_ipv6_addrlabel": "true", "lvs_ipv6_addrlabel_value": "99", "mac": "", "clusterip_firewall": "auto", "clusterip_hash_seed": "",
		"clusterip_table": "mangle", "clusterip_chain": "PREROUTING", "clusterip_mac_mangle": "false", "clusterip_hash": "sourceip-sourceport",
		"unique_clone_address": "false", "arp_interval": "200", "arp_count": "5", "arp_count_refresh": "0", "arp_bg": "", "arp_sender": "",
		"send_arp_opts": "", "flush_routes": "false", "run_arping": "-", "nodad": "false", "noprefixroute": "false", "preferred_lft": "forever",
		"network_namespace": "", "check_link_status": "true", "arp_mac": "-", "netmask": "-", "trace_ra": "-", "trace_file": "-", "trace_dir": "-",
	} {
		p, ok := model().Parameter(name)
		switch {
		case !ok:
			t.Errorf("%s is not known", name)
		case p.HasDefault != (want != "-"), p.HasDefault && p.Default != want:
			t.Errorf("%s: default %q (%v), want %q", name, p.Default, p.HasDefault, want)
		}
	}
}
