// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"fmt"
	"strings"
)

// diagnose asks every node that runs what its cluster looks like and what the agent has said lately, for somebody who
// wants to know why a promise did not hold. The lab is gone when they ask.
func (d *demo) diagnose(ctx context.Context) string {
	var b strings.Builder
	for _, m := range d.lab.Topology().Nodes {
		for _, command := range [][]string{
			{"crm_mon", "-1", "--inactive", "--failcounts", "--show-node-attributes"},
			{"sh", "-c", "grep -h IPaddr2 /var/log/pacemaker/pacemaker.log | tail -n 60"},
			{"ip", "-brief", "address"},
		} {
			cmd, err := d.lab.Command(ctx, m.Name, command...)
			if err != nil {
				continue
			}
			out, err := cmd.CombinedOutput()
			fmt.Fprintf(&b, "%s# %s\n%s", m.Name, line(command), out)
			if err != nil {
				fmt.Fprintf(&b, "(%v)\n", err)
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}
