// SPDX-License-Identifier: Apache-2.0

package heartbeatconvert

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"ocf-oci/internal/heartbeat"
)

// pair are the two groups that the resources of one preferred node become.
type pair struct {
	home           string // preferred node
	suffix         string // "", "_2"
	vips, services []string
}

// statement is an object of cluster.crm with its continuation lines.
type statement struct {
	name, head string
	lines      []string
}

func (s statement) text() string {
	return s.head + strings.Join(append([]string{""}, s.lines...), " \\\n      ") + "\n"
}

const keep = "op monitor interval=5 timeout=60 on-fail=restart"

// pacemaker makes cluster.crm.
func (r *Result) pacemaker(s Source, errs *heartbeat.Errors) string {
	var pairs []*pair
	var primitives []statement
	count := map[string]int{}
	if len(s.Groups) == 0 {
		fail(errs, heartbeat.Place{File: "haresources", Line: 1, Column: 1}, "no resources: there is nothing that pacemaker could manage")
	}
	for _, g := range s.Groups {
		p := pairOf(&pairs, g.Node.Text)
		for _, res := range g.Resources {
			st, isVIP, ok := r.resource(res, count, errs)
			if !ok {
				continue
			}
			primitives = append(primitives, st)
			if isVIP {
				if len(p.services) > 0 {
					r.note(res.At, res.Text, Changed, "stands behind a service in haresources; pacemaker starts all addresses of the group before its services")
				}
				p.vips = append(p.vips, st.name)
			} else {
				p.services = append(p.services, st.name)
			}
		}
	}
	if len(pairs) > 1 {
		r.note(s.Groups[0].Node.At, "haresources", Changed, "%d preferred nodes: each has groups of its own (g_vips, g_vips_2 ...) and a location for it; tools that ask whether a node is active look at g_vips", len(pairs))
	}
	pings := r.pingHosts(s, errs)
	return r.write(s, pairs, primitives, pings)
}

func pairOf(pairs *[]*pair, home string) *pair {
	for _, p := range *pairs {
		if p.home == home {
			return p
		}
	}
	p := &pair{home: home}
	if len(*pairs) > 0 {
		p.suffix = fmt.Sprintf("_%d", len(*pairs)+1)
	}
	*pairs = append(*pairs, p)
	return p
}

// resource makes the primitive of one entry; isVIP tells in which of the groups it belongs.
func (r *Result) resource(res heartbeat.Resource, count map[string]int, errs *heartbeat.Errors) (st statement, isVIP, ok bool) {
	number := func(prefix string) string {
		count[prefix]++
		return fmt.Sprintf("%s_%d", prefix, count[prefix])
	}
	switch res.Script {
	case "IPaddr", "IPaddr2", "IPv6addr":
		if whole := strings.Join(res.Args, "::"); len(res.Args) > 1 && strings.Contains(whole, ":") {
			if a, err := parseAddress(whole); err == nil && a.IP.Is6() {
				fail(errs, res.At, "%s: Heartbeat splits at every ::, so it never saw this address: write it in full, %s", res.Text, a.IP.StringExpanded())
				return st, false, false
			}
		}
		if len(res.Args) != 1 {
			fail(errs, res.At, "%s: %d arguments, not 1: ADDRESS[/BITS][/INTERFACE][/BROADCAST]", res.Text, len(res.Args))
			return st, false, false
		}
		a, err := parseAddress(res.Args[0])
		if err == nil && a.IP.Is6() != (res.Script == "IPv6addr") && res.Script != "IPaddr2" {
			err = fmt.Errorf("%s is not for %s", res.Script, a.IP)
		}
		if err != nil {
			fail(errs, res.At, "%s: %v", res.Text, err)
			return st, false, false
		}
		if i := slices.IndexFunc(r.Addresses, func(b Address) bool { return b.IP == a.IP }); i >= 0 {
			fail(errs, res.At, "%s: address %s is there twice", res.Text, a.IP)
			return st, false, false
		}
		r.Addresses = append(r.Addresses, a)
		return r.vip(res, a, number(a.prefix())), true, true
	case ngcpScript:
		if len(res.Args) > 1 {
			fail(errs, res.At, "%s: %d arguments, at most one: the group of services", res.Text, len(res.Args))
			return st, false, false
		}
		name := "p_monit_services"
		if count[name]++; count[name] > 1 {
			name = fmt.Sprintf("%s_%d", name, count[name])
		}
		st = statement{name: name, head: "primitive " + name + " ocf:ngcp:monit-services"}
		if len(res.Args) == 1 {
			st.lines = append(st.lines, "params group="+quote(res.Args[0]))
		}
		st.lines = append(st.lines, "meta migration-threshold=20 failure-timeout=800",
			"op monitor interval=20 timeout=60 on-fail=restart", "op_params on-fail=restart")
		return st, false, true
	}
	def, known := scripts[res.Script]
	if !known || def.agent == "" {
		fail(errs, res.At, "%s: no OCF agent is known for script %s: write a primitive for it by hand, or take it out of haresources", res.Text, res.Script)
		return st, false, false
	}
	if len(res.Args) < def.required || len(res.Args) > len(def.params) {
		fail(errs, res.At, "%s: %d arguments, not %d to %d: %s", res.Text, len(res.Args), def.required, len(def.params), strings.Join(def.params, "::"))
		return st, false, false
	}
	name := number("p_" + strings.ToLower(res.Script))
	st = statement{name: name, head: "primitive " + name + " " + def.agent}
	if len(res.Args) > 0 {
		params := "params"
		for i, v := range res.Args {
			params += " " + def.params[i] + "=" + quote(v)
		}
		st.lines = append(st.lines, params)
	}
	st.lines = append(st.lines, "op monitor interval=120 timeout=60 on-fail=restart")
	return st, false, true
}

func (r *Result) vip(res heartbeat.Resource, a Address, name string) statement {
	agent := "IPaddr"
	if res.Script != "IPaddr" {
		agent = "IPaddr2"
	}
	params := "params ip=" + a.IP.String()
	if a.Interface != "" {
		params += " nic=" + quote(a.Interface)
	}
	if a.Bits >= 0 {
		params += fmt.Sprintf(" cidr_netmask=%d", a.Bits)
	}
	if a.Broadcast != "" {
		params += " broadcast=" + a.Broadcast
	}
	switch {
	case a.Label == "":
	case agent == "IPaddr2":
		params += " iflabel=" + quote(a.Label)
	default:
		r.note(res.At, res.Text, Changed, "IPaddr chooses alias numbers itself: alias %s is not kept", a.Label)
	}
	return statement{name: name, head: "primitive " + name + " " + agent, lines: []string{params, keep, "op_params on-fail=restart"}}
}

// pingHosts are the hosts of ping, ping6 and ping_group, each once.
func (r *Result) pingHosts(s Source, errs *heartbeat.Errors) []string {
	var hosts []string
	for _, d := range s.Config {
		args := d.Args
		switch d.Name {
		case "ping", "ping6":
		case "ping_group":
			args = args[1:]
		default:
			continue
		}
		for _, a := range args {
			if strings.ContainsAny(a.Text, `"'\`) {
				fail(errs, a.At, "ping host %s: neither a name nor an address", a.Text)
				continue
			}
			if !slices.Contains(hosts, a.Text) {
				hosts = append(hosts, a.Text)
			}
			if ip, err := netip.ParseAddr(a.Text); err == nil && public(ip) {
				r.note(a.At, d.Text(), Changed, "%s is a public address: whoever runs it decides on your failovers; prefer your own gateway", ip)
			}
		}
	}
	return hosts
}

func public(ip netip.Addr) bool {
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !net.IP(ip.AsSlice()).IsLoopback()
}

// write puts the statements in the order of the handbook's sample.
func (r *Result) write(s Source, pairs []*pair, primitives []statement, pings []string) string {
	var b strings.Builder
	var names []string
	for i, n := range r.Nodes {
		fmt.Fprintf(&b, "node %d: %s\n", i+1, n.Name)
		names = append(names, n.Name)
	}
	if len(pings) > 0 {
		primitives = append(primitives, statement{name: "p_ping", head: "primitive p_ping ocf:pacemaker:ping", lines: []string{
			"params host_list=" + quote(strings.Join(pings, " ")) + " multiplier=1000 dampen=5s", "meta failure-timeout=800",
			"op monitor interval=1 timeout=60 on-fail=restart", "op_params timeout=60 on-fail=restart"}})
	}
	if s.Fence == NullFencing {
		primitives = append(primitives, statement{name: "st-null", head: "primitive st-null stonith:null", lines: []string{"params hostlist=" + quote(strings.Join(names, " "))}})
	}
	slices.SortStableFunc(primitives, func(a, b statement) int { return strings.Compare(a.name, b.name) })
	for _, st := range primitives {
		b.WriteString(st.text())
	}
	for _, p := range pairs {
		if len(p.services) > 0 {
			fmt.Fprintf(&b, "group g_ngcp%s %s\n", p.suffix, strings.Join(p.services, " "))
		}
		if len(p.vips) > 0 {
			fmt.Fprintf(&b, "group g_vips%s %s\n", p.suffix, strings.Join(p.vips, " "))
		}
	}
	if len(pings) > 0 {
		b.WriteString("clone c_ping p_ping\n")
	}
	if s.Fence == NullFencing {
		b.WriteString("clone fencing st-null\n")
	}
	for _, p := range pairs {
		r.constraints(&b, s, p, len(pairs) > 1, len(pings) > 0)
	}
	fencing := map[Fencing]string{NullFencing: "yes", NoFencing: "false"}[s.Fence]
	b.WriteString("property cib-bootstrap-options:")
	for _, o := range []string{"have-watchdog=false", "cluster-infrastructure=corosync", "cluster-name=sp", "stonith-enabled=" + fencing,
		"no-quorum-policy=ignore", "startup-fencing=yes", "maintenance-mode=false"} {
		b.WriteString(" \\\n      " + o)
	}
	b.WriteString("\nrsc_defaults rsc-options: \\\n      resource-stickiness=100\n")
	return b.String()
}

func (r *Result) constraints(b *strings.Builder, s Source, p *pair, several, pings bool) {
	groups := []string{}
	if len(p.services) > 0 {
		groups = append(groups, "ngcp")
	}
	if len(p.services) > 0 && len(p.vips) > 0 {
		fmt.Fprintf(b, "colocation l_ngcp_with_vip%s inf: g_ngcp%s g_vips%[1]s\n", p.suffix, p.suffix)
		fmt.Fprintf(b, "order o_vip_then_ngcp%s Mandatory: g_vips%s g_ngcp%[1]s\n", p.suffix, p.suffix)
	}
	lead := "ngcp"
	if len(p.vips) > 0 {
		groups, lead = append(groups, "vips"), "vips"
	}
	if pings {
		for _, g := range groups {
			fmt.Fprintf(b, "location l_%s%s g_%s%[2]s \\\n      rule pingd: defined pingd\n", g, p.suffix, g)
		}
	}
	failback := false
	for _, name := range []string{"auto_failback", "failback"} {
		if d, ok := heartbeat.Last(s.Config, name); ok {
			on, _ := heartbeat.Truth(d.Args[0].Text)
			failback = failback || on || d.Args[0].Text == "legacy"
		}
	}
	switch {
	case failback:
		fmt.Fprintf(b, "location l_%s%s_home g_%s%[2]s 200: %[4]s\n", lead, p.suffix, lead, p.home)
	case several:
		fmt.Fprintf(b, "location l_%s%s_home g_%s%[2]s 50: %[4]s\n", lead, p.suffix, lead, p.home)
	}
}

// quote quotes a value of crm syntax if it needs it.
func quote(v string) string {
	if v != "" && !strings.ContainsAny(v, " \t\"'\\#;=:$(){}[]@") {
		return v
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`
}
