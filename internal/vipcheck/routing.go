// SPDX-License-Identifier: Apache-2.0

package vipcheck

import (
	"fmt"
	"net/netip"
	"slices"

	"ocf-oci/internal/finding"
)

// Route is a unicast route of any table.
type Route struct {
	Table, Metric   int
	Dst             netip.Prefix // of a default route: no bits
	NIC             string
	Gateway, Source netip.Addr // invalid where the route names none
}

// Rule is a rule of the routing policy that looks at the source.
type Rule struct {
	From  netip.Prefix
	Table int
}

// mainTable is the number of the table in which routes are unless another is given (rtnetlink(7)).
const mainTable = 254

// Network is where an address is on this node.
type Network struct {
	IP      netip.Addr
	NIC     string
	Primary netip.Addr // the VNIC's own address
	Gateway netip.Addr // the VCN's router in the subnet
}

// PolicyRouting finds addresses on secondary VNICs whose answers would leave by another VNIC: the main table has the
// default route of the first one, and only a rule for the source leads elsewhere. The VCN drops what leaves a VNIC with
// another's address (source/destination check), and everything beyond the subnet loses its answers.
func PolicyRouting(nets []Network, routes []Route, rules []Rule) []finding.Finding {
	var list []finding.Finding
	for i, n := range nets {
		out, known := defaultOf(routes, mainTable, n.IP)
		if !known || out.NIC == n.NIC || !n.Gateway.IsValid() {
			continue
		}
		if slices.ContainsFunc(rules, func(r Rule) bool {
			there, ok := defaultOf(routes, r.Table, n.IP)
			return r.From.Bits() > 0 && r.From.Contains(n.IP) && ok && there.NIC == n.NIC
		}) {
			continue
		}
		table := 1000 + i
		for slices.ContainsFunc(routes, func(r Route) bool { return r.Table == table }) {
			table += 100
		}
		list = append(list, finding.Finding{ID: "no-policy-routing", Severity: finding.Warning,
			Text: fmt.Sprintf("answers of %s to hosts outside of its subnet leave by %s, not by its own %s: the VCN drops them unless the source/destination check is off; make the line permanent in the network configuration", n.IP, out.NIC, n.NIC),
			Fix: fmt.Sprintf("ip%s route add default via %s dev %s table %d && ip%[1]s rule add from %[5]s lookup %[4]d",
				family(n.IP), n.Gateway, n.NIC, table, n.IP)})
	}
	return list
}

func family(ip netip.Addr) string {
	if ip.Is6() {
		return " -6"
	}
	return ""
}

// defaultOf is the most wanted default route of a table, of ip's family.
func defaultOf(routes []Route, table int, ip netip.Addr) (Route, bool) {
	var best Route
	found := false
	for _, r := range routes {
		if r.Table == table && r.Dst.Bits() == 0 && r.Dst.Addr().Is4() == ip.Is4() && (!found || r.Metric < best.Metric) {
			best, found = r, true
		}
	}
	return best, found
}

// FloatingSource finds routes that make this node's own packets leave with a floating address as their source. Another
// node may hold it, and then no answer comes back: this node would lose the API exactly when it needs it.
func FloatingSource(nets []Network, routes []Route) []finding.Finding {
	var list []finding.Finding
	for _, r := range routes {
		i := slices.IndexFunc(nets, func(n Network) bool { return n.IP == r.Source })
		if i < 0 || !r.Gateway.IsValid() {
			continue // connected routes get their source from the kernel, with each address that is added
		}
		dst := r.Dst.String()
		if r.Dst.Bits() == 0 {
			dst = "default"
		}
		fix := fmt.Sprintf("ip%s route replace %s via %s dev %s", family(r.Source), dst, r.Gateway, r.NIC)
		if r.Metric != 0 {
			fix += fmt.Sprintf(" metric %d", r.Metric)
		}
		if r.Table != mainTable {
			fix += fmt.Sprintf(" table %d", r.Table)
		}
		if own := nets[i].Primary; own.IsValid() {
			fix += " src " + own.String()
		}
		list = append(list, finding.Finding{ID: "floating-source", Severity: finding.Error,
			Text: fmt.Sprintf("the route to %s makes packets leave with the floating address %s as their source: while another node holds it, nothing that goes this way is answered, requests to the API among it", dst, r.Source),
			Fix:  fix})
	}
	return list
}
