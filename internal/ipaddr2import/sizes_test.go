// SPDX-License-Identifier: Apache-2.0

package ipaddr2import

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"ocf-oci/internal/oci"
)

// Any number of routers and networks, the last router in "else" or with a branch of its own.
func TestSizes(t *testing.T) {
	for routers := 1; routers <= 5; routers++ {
		for networks := 1; networks <= 4; networks++ {
			for _, own := range []bool{true, false} {
				if routers == 1 && !own {
					continue // nobody to tell apart
				}
				text, want := sized(routers, networks, own)
				r := Import(text, Options{})
				if len(r.Messages) > 0 || len(r.File.Nodes) != routers || len(r.File.Addresses) != networks {
					t.Errorf("%d routers, %d networks: %+v, %d nodes, %d addresses", routers, networks, r.Messages, len(r.File.Nodes), len(r.File.Addresses))
					continue
				}
				for key, id := range want {
					node, ip, _ := strings.Cut(key, " ")
					for _, a := range r.File.Addresses {
						if a.IP == netip.MustParseAddr(ip) && r.File.Nodes[node][a.Network] != id {
							t.Errorf("%s of %s is %s, not %s", ip, node, r.File.Nodes[node][a.Network], id)
						}
					}
				}
			}
		}
	}
}

// sized writes the blog's block for so many routers and networks; want is the VNIC of "node address".
func sized(routers, networks int, own bool) (text string, want map[string]oci.VNICID) {
	want = map[string]oci.VNICID{}
	var b strings.Builder
	b.WriteString("server=`hostname -s`\n")
	suffix := func(n int) string { return map[bool]string{true: "", false: fmt.Sprintf("pod%d", n)}[n == 0] }
	for n := range networks {
		fmt.Fprintf(&b, "vnicip%s=10.%d.0.100\n", suffix(n), n)
		for r := range routers {
			id := fmt.Sprintf("ocid1.vnic.oc1.ca-toronto-1.r%dn%d", r+1, n)
			fmt.Fprintf(&b, "vrouter%dvnic%s=%s\n", r+1, suffix(n), id)
			want[fmt.Sprintf("vrouter%d 10.%d.0.100", r+1, n)] = oci.VNICID(id)
		}
	}
	for r := range routers {
		switch {
		case r == 0:
			fmt.Fprintf(&b, "if [ $server = vrouter1 ]; then\n")
		case r == routers-1 && !own:
			b.WriteString("else\n")
		default:
			fmt.Fprintf(&b, "elif [ $server = vrouter%d ]; then\n", r+1)
		}
		for n := range networks {
			fmt.Fprintf(&b, " oci network vnic assign-private-ip --unassign-if-already-assigned --vnic-id $vrouter%dvnic%s --ip-address $vnicip%[2]s\n", r+1, suffix(n))
		}
	}
	b.WriteString("fi\n")
	return b.String(), want
}
