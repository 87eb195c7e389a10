// SPDX-License-Identifier: Apache-2.0

package vipcheck

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"ocf-oci/internal/finding"
)

// Carrier is a node whose operating system has an address.
type Carrier struct {
	Node string
	// Prefix and NIC are known of the node that is looked at from itself.
	Prefix netip.Prefix
	NIC    string
}

// Carried finds nodes that carry an address which runs elsewhere: they talk to themselves instead of to its holder.
func Carried(resource string, ip netip.Addr, runs []string, carriers []Carrier) []finding.Finding {
	var list []finding.Finding
	for _, c := range carriers {
		if slices.Contains(runs, c.Node) {
			continue
		}
		where := "nowhere"
		if len(runs) > 0 {
			where = "on " + strings.Join(runs, ", ")
		}
		fix := "# on " + c.Node + ": oci-vip check   # prints the line for that node"
		if c.NIC != "" {
			fix = fmt.Sprintf("ip address del %s dev %s", c.Prefix, c.NIC)
		}
		list = append(list, finding.Finding{ID: "carried-elsewhere", Severity: finding.Error, Resource: resource,
			Text: fmt.Sprintf("the operating system of %s carries %s, but the resource runs %s: what %[1]s sends there never leaves it", c.Node, ip, where), Fix: fix})
	}
	return list
}
