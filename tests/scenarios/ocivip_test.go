// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ocf-oci/lab"
	"ocf-oci/lab/cluster"
	"ocf-oci/lab/region/control"
	"ocf-oci/lab/scenario"
)

// The operator's tool on the virtual routers, with security tokens that live 20 s: a day of token lives in minutes.
func TestOCIVIP(t *testing.T) {
	t.Parallel()
	units := map[string]cluster.File{}
	for _, unit := range []string{"oci-vip-ready.service", "oci-vip-ready.timer"} {
		units["/etc/systemd/system/"+unit] = source(t, "../../packaging/systemd/"+unit, 0o644)
	}
	l := up(t, lab.Options{Name: "oci-vip", Nodes: 3, Scenario: lab.Router, Cluster: true, Files: units})
	life := control.Duration(20 * time.Second)
	check(t, l.Region().Change(t.Context(), control.Settings{TokenLife: &life}))
	operate(t, l, "testdata/oci-vip", func(context.Context, *testing.T) {})
}

// From the old agents to ours: the blog's sed patch, run by a stand-in for Oracle's command line that calls the lab's
// region; and what oci-vip check finds on a node, mended (with that command line, too).
func TestConversion(t *testing.T) {
	t.Parallel()
	files := ocivipFiles(t)
	files["/root/bin/oci"] = files["/usr/local/bin/oci"] // where the blog has it
	l := up(t, lab.Options{Name: "convert", Nodes: 3, Scenario: lab.Router, Cluster: true, Files: files})
	blog(t, l)
	operate(t, l, "testdata/oci-vip-convert", func(ctx context.Context, t *testing.T) {
		for _, n := range l.Topology().Nodes {
			output(ctx, t, l, n.Name, "sh", "-c", "cp /root/IPaddr2.ORIG "+stock+"; rm -rf /var/lib/ocf-oci /etc/ocf-oci")
		}
	})
}

// operate runs scenarios on a cluster that is made anew before each of them.
func operate(t *testing.T, l *lab.Lab, dir string, before func(context.Context, *testing.T)) {
	t.Helper()
	vars := map[string]string{"INSTANCE2": instanceOf(t, l, "vrouter2"), "CHECKS": "5", "LIVES": "2"}
	if soak {
		vars["CHECKS"], vars["LIVES"] = "60", "24"
	}
	for _, n := range l.Topology().Nodes {
		must(t)(l.Output(t.Context(), n.Name, "sh", "-c", `printf '%s\n' "$1" >/root/mend; printf '%s\n' "$2" >/root/vnic; chmod 755 /root/mend /root/vnic`, "sh", mend, vnic))
	}
	scenario.Run(t, l, dir, vars, func(ctx context.Context, t *testing.T) {
		calm(ctx, t, l)
		check(t, l.Cluster().WaitOnline(ctx))
		output(ctx, t, l, "vrouter1", "sh", "-c", "crm_attribute --name maintenance-mode --delete; true") // what failed may have left it on
		before(ctx, t)
		if _, err := l.Region().Owner(ctx, vip); err != nil { // deleted by what failed
			must(t)(l.Region().Create(ctx, control.NewAddress{Address: vip, Subnet: "isv", Node: "vrouter1"}))
		}
		fresh(ctx, t, l)
	})
}

func source(t *testing.T, name string, mode os.FileMode) cluster.File {
	t.Helper()
	path, err := filepath.Abs(name)
	check(t, err)
	return cluster.File{Source: path, Mode: mode}
}

// mend runs the line that oci-vip check prints for a finding. A node's copy of the CIB may lag behind the one that was
// changed, and an agent that has no time says that instead.
const mend = `#!/bin/sh
PATH=$PATH:/usr/local/bin
for try in $(seq 20); do
	fix=$(oci-vip check --cloud --json | jq -er --arg id "$1" '.[] | select(.id == $id).fix') && break
	sleep 1
done
test -n "$fix" && printf '%s\n' "$fix" | sh -ex`

// vnic prints the OCID of the VNIC behind an interface.
const vnic = `#!/bin/sh
mac=$(cat /sys/class/net/$1/address)
curl -sf -H "Authorization: Bearer Oracle" http://169.254.169.254/opc/v2/vnics/ | jq -er --arg mac "$mac" '.[] | select(.macAddr | ascii_downcase == $mac).vnicId'`

// stock is the distribution's agent.
const stock = "/usr/lib/ocf/resource.d/heartbeat/IPaddr2"

// blog puts the sed commands of "ISV Implementation Details - Part 4A" onto every node, with this region's OCIDs in the
// place of those that the blog does not show: as /root/blog.sh but for them byte for byte; and as /root/patch.sh with the
// addresses, and with the line numbers at which the commands belong in the IPaddr2 that is installed here. The agent as it
// was is /root/IPaddr2.ORIG.
func blog(t *testing.T, l *lab.Lab) {
	t.Helper()
	text, err := os.ReadFile("../../internal/ipaddr2import/testdata/option1.sed.txt")
	check(t, err)
	commands := string(text)
	for i, node := range []string{"vrouter1", "vrouter2", "vrouter3"} {
		out, err := l.Output(t.Context(), node, "curl", "-sf", "-H", "Authorization: Bearer Oracle", "http://169.254.169.254/opc/v2/vnics/")
		check(t, err)
		var vnics []struct{ VnicID, SubnetCIDRBlock string }
		check(t, json.Unmarshal(out, &vnics))
		for _, v := range vnics {
			number := 2*i + 1
			if v.SubnetCIDRBlock == "10.1.0.0/24" {
				number++
			}
			commands = strings.ReplaceAll(commands, fmt.Sprintf("ocid1.vnic.oc1.ca-toronto-1.XYZ%d", number), v.VnicID)
		}
	}
	if strings.Contains(commands, "XYZ") {
		t.Fatalf("not every VNIC was found:\n%s", commands)
	}
	patch := strings.NewReplacer(`vnicip=""`, `vnicip="10.0.0.100"`, `vnicippod1=""`, `vnicippod1="10.1.0.100"`).Replace(commands)
	const first, last, inserted = 616, 629, 10 // lines of the second block; the first block is ten lines before it
	at := lineOf(t, stock, `	cmd="$IP2UTIL -f $FAMILY addr add $ipaddr/$netmask dev $iface"`) + inserted
	for n := last; n >= first; n-- { // from below: the new numbers are larger
		patch = strings.Replace(patch, fmt.Sprintf("'%di", n), fmt.Sprintf("'%di", n-first+at), 1)
	}
	for _, node := range []string{"vrouter1", "vrouter2", "vrouter3"} {
		must(t)(l.Output(t.Context(), node, "sh", "-c", `printf %s "$1" >/root/blog.sh; printf %s "$2" >/root/patch.sh; printf %s "$3" >/root/block.sh; cp `+stock+` /root/IPaddr2.ORIG`,
			"sh", commands, patch, secondBlock(t, commands)))
	}
}

// secondBlock is the blog's second block, the one for an editor, with the lines that its archived copy has lost: the
// variables (as the sed commands set them), "else" and "fi".
func secondBlock(t *testing.T, commands string) string {
	t.Helper()
	text, err := os.ReadFile("../../internal/ipaddr2import/testdata/option2.vi.txt")
	check(t, err)
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	var variables []string
	for line := range strings.Lines(commands) {
		if _, rest, ok := strings.Cut(line, `i\`); ok && strings.HasPrefix(rest, "v") {
			assignment, _, _ := strings.Cut(rest, `\'`)
			variables = append(variables, assignment)
		}
	}
	const head, third = 2, 11 // lines before the variables, and before the third node's commands
	all := append(append(append([]string{}, lines[:head]...), variables...), lines[head:third]...)
	return strings.Join(append(append(append(all, "        else"), lines[third:]...), "        fi", ""), "\n")
}

// lineOf is the number, from 1, of the only line of a file that is this text.
func lineOf(t *testing.T, file, text string) int {
	t.Helper()
	b, err := os.ReadFile(file)
	check(t, err)
	found := 0
	for i, line := range strings.Split(string(b), "\n") {
		if line == text {
			found = i + 1
		}
	}
	if found == 0 {
		t.Fatalf("%s has no line %q: another version of resource-agents, look where add_interface begins", file, text)
	}
	return found
}

// instanceOf asks the metadata service of a node for its instance's OCID.
func instanceOf(t *testing.T, l *lab.Lab, node string) string {
	t.Helper()
	out, err := l.Output(t.Context(), node, "curl", "-sf", "-H", "Authorization: Bearer Oracle", "http://169.254.169.254/opc/v2/instance/id")
	check(t, err)
	return strings.TrimSpace(string(out))
}
