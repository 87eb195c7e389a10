// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
)

// large is a file with n primitives, in groups of five with constraints between them.
func large(n int) string {
	var out strings.Builder
	out.WriteString("node 1: sp1\nnode 2: sp2\nproperty stonith-enabled=false\nrsc_defaults resource-stickiness=100\n")
	for i := range n {
		fmt.Fprintf(&out, "primitive p_%d ocf:heartbeat:Dummy \\\n\tparams state=/run/dummy-%d fake=%d \\\n\tmeta migration-threshold=20 failure-timeout=800 \\\n"+
			"\top monitor interval=10s timeout=60s on-fail=restart \\\n\top start interval=0 timeout=60s\n", i, i, i)
		if i%5 == 4 {
			g := i / 5
			fmt.Fprintf(&out, "group g_%d p_%d p_%d p_%d p_%d p_%d\nlocation l_%d g_%d rule pingd: defined pingd\n", g, i-4, i-3, i-2, i-1, i, g, g)
			if g > 0 {
				fmt.Fprintf(&out, "colocation c_%d inf: g_%d g_%d\norder o_%d Mandatory: g_%d g_%d\n", g, g, g-1, g, g-1, g)
			}
		}
	}
	return out.String()
}
