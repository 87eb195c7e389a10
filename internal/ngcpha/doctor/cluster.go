// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"ocf-oci/internal/finding"
	"ocf-oci/internal/ngcpha/failcounts"
	"ocf-oci/internal/ngcpha/picture"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/mon"
)

// Names are the resources that a pair has.
type Names struct{ VIPs, Services, PingAttribute string }

// findings collects.
type findings []finding.Finding

func (f *findings) add(severity finding.Severity, id, fix, format string, args ...any) {
	*f = append(*f, finding.Finding{ID: id, Severity: severity, Text: fmt.Sprintf(format, args...), Fix: fix})
}

// OfCluster looks at configuration and state, whichever node they come from.
func OfCluster(c *cib.CIB, s mon.State, n Names, now time.Time) ([]finding.Finding, error) {
	var f findings
	p, err := picture.Draw(c, s, n.PingAttribute, now)
	if err != nil {
		return nil, err
	}
	for _, w := range p.Warnings { // what status shouts
		severity := finding.Error
		switch w.ID {
		case "maintenance", "standby", "node-maintenance", "expired-constraint", "constraint", "handover":
			severity = finding.Warning
		}
		f.add(severity, w.ID, w.Fix, "%s", w.Text)
	}
	for _, node := range p.Nodes {
		if node.State == "offline" && (node.Type == "" || node.Type == "member") {
			f.add(finding.Error, "offline", "# start corosync and pacemaker on "+node.Name+", or take it out of the cluster", "%s is offline: there is nobody to take over", node.Name)
		}
	}
	for _, failure := range s.Failures {
		f.add(finding.Warning, "failed-action", "ngcp-ha failcounts clear "+failure.Resource()+" --node "+failure.Node, "%s on %s failed (%s): %s", failure.Operation, failure.Node, failure.Code, failure.Reason)
	}
	f.nearThreshold(c, now)
	f.fencing(c)
	f.groups(c, n)
	f.pings(c, s, n.PingAttribute)
	return f, nil
}

// nearThreshold: half of the way and more.
func (f *findings) nearThreshold(c *cib.CIB, now time.Time) {
	report, err := failcounts.Collect(c, nil, "", true, now)
	if err != nil {
		return // Draw has said it
	}
	for _, r := range report.Resources {
		for _, n := range r.Nodes {
			if n.Count > 0 && !n.Banned && !n.Expired && n.Count*2 >= r.Threshold {
				f.add(finding.Warning, "near-threshold", "ngcp-ha failcounts clear "+r.ID+" --node "+n.Node, "%s failed %s times on %s; at %s it may not run there any more", r.ID, n.Count, n.Node, r.Threshold)
			}
		}
	}
}

func on(text, otherwise string) bool {
	if text == "" {
		text = otherwise
	}
	switch strings.ToLower(text) {
	case "true", "on", "yes", "y", "1":
		return true
	}
	return false
}

// fencing: without it a node that does not answer is either trusted to be dead, or waited for for ever.
func (f *findings) fencing(c *cib.CIB) {
	enabled := c.Properties["fencing-enabled"] // since 3.0.2
	if enabled == "" {
		enabled = c.Properties["stonith-enabled"]
	}
	var devices, null []string
	for _, p := range c.Primitives() {
		if p.Class == "stonith" {
			devices = append(devices, p.ID)
			if p.Type == "null" {
				null = append(null, p.ID)
			}
		}
	}
	const fix = "# configure a fence device for each node, such as fence_ipmilan or SBD (on OCI: SBD), and stonith-enabled=true"
	switch {
	case !on(enabled, "true"):
		f.add(finding.Warning, "no-fencing", fix, "fencing is off (stonith-enabled=false): when the nodes lose sight of each other, both become active")
	case len(devices) == 0:
		f.add(finding.Error, "no-fence-device", fix, "fencing is on, but there is no fence device: pacemaker starts nothing")
	case len(null) == len(devices):
		f.add(finding.Warning, "null-fencing", fix, "the only fence device is %s (stonith:null), which says yes and does nothing: when the nodes lose sight of each other, both become active", strings.Join(null, ", "))
	}
}

// groups: the handbook's relations between addresses, services and ping nodes.
func (f *findings) groups(c *cib.CIB, n Names) {
	vips, services := c.In(n.VIPs), c.In(n.Services)
	if len(vips) == 0 {
		f.add(finding.Error, "no-vips", "# name the group of shared addresses: groups.vips in /etc/ngcp-ha.yaml", "there is no group %s of shared addresses", n.VIPs)
	}
	if len(services) == 0 {
		f.add(finding.Warning, "no-services", "# name the group of services: groups.services in /etc/ngcp-ha.yaml", "there is no group %s of services", n.Services)
	}
	if len(vips) == 0 || len(services) == 0 {
		return
	}
	together, ordered, pinged := false, false, false
	for _, k := range c.Constraints {
		both := slices.Contains(k.Resources, n.VIPs) && slices.Contains(k.Resources, n.Services)
		together = together || k.Kind == "rsc_colocation" && both
		ordered = ordered || k.Kind == "rsc_order" && both && (k.Attrs["first"] == n.VIPs || k.Attrs["first"] == "")
		for _, r := range k.Rules {
			pinged = pinged || slices.Contains(k.Resources, n.VIPs) && (r.ScoreAttribute == n.PingAttribute ||
				slices.ContainsFunc(r.Expressions, func(e cib.Expression) bool { return e.Attribute == n.PingAttribute }))
		}
	}
	if !together {
		f.add(finding.Error, "no-colocation", fmt.Sprintf(`cibadmin --create --scope constraints --xml-text '<rsc_colocation id="l_ngcp_with_vip" score="INFINITY" rsc="%s" with-rsc="%s"/>'`, n.Services, n.VIPs),
			"nothing ties %s to %s: they may run on different nodes", n.Services, n.VIPs)
	}
	if !ordered {
		f.add(finding.Error, "no-order", fmt.Sprintf(`cibadmin --create --scope constraints --xml-text '<rsc_order id="o_vip_then_ngcp" kind="Mandatory" first="%s" then="%s"/>'`, n.VIPs, n.Services),
			"nothing makes %s wait for %s: services may start before their addresses", n.Services, n.VIPs)
	}
	if !pinged {
		f.add(finding.Warning, "no-ping-rule", fmt.Sprintf(`cibadmin --create --scope constraints --xml-text '<rsc_location id="l_vips" rsc="%s"><rule id="l_vips-rule" score-attribute="%s"><expression id="l_vips-rule-expression" operation="defined" attribute="%[2]s"/></rule></rsc_location>'`, n.VIPs, n.PingAttribute),
			"%s does not care which node reaches more ping nodes (no rule on %s)", n.VIPs, n.PingAttribute)
	}
	for _, p := range services {
		timeout := c.OperationDefaults["timeout"]
		for _, o := range p.Operations {
			if o.Name == "stop" && o.Timeout != "" {
				timeout = o.Timeout
			}
		}
		if timeout == "" {
			f.add(finding.Warning, "stop-timeout", "# in cluster.crm give "+p.ID+" the words: op stop interval=0 timeout=120",
				"%s has no stop timeout, so pacemaker gives it 20 s: a slower stop counts as failed, and the node is fenced", p.ID)
		}
	}
	for _, p := range vips {
		if on(p.Meta["allow-migrate"], "false") {
			f.add(finding.Error, "allow-migrate", "crm_resource --resource "+p.ID+" --meta --delete-parameter allow-migrate",
				"%s may migrate live: what is ordered after it (%s) stays on the old node until it has stopped", p.ID, n.Services)
		}
	}
}

// pings: the ping nodes themselves, and who reaches them.
func (f *findings) pings(c *cib.CIB, s mon.State, attribute string) {
	for _, p := range c.Primitives() {
		if p.Class != "ocf" || p.Type != "ping" {
			continue
		}
		name := p.Params["name"]
		if name == "" {
			name = "pingd"
		}
		if name != attribute {
			continue
		}
		hosts := strings.Fields(strings.ReplaceAll(p.Params["host_list"], ",", " "))
		for _, host := range hosts {
			if ip, err := netip.ParseAddr(host); err == nil && ip.IsGlobalUnicast() && !ip.IsPrivate() && !documentation(ip) {
				f.add(finding.Warning, "public-ping-node", "# use the gateway, or another address that you answer for: host_list of "+p.ID,
					"ping node %s is a public address: it may limit or drop pings, and then both nodes believe that they are cut off", host)
			}
		}
		multiplier, err := strconv.Atoi(p.Params["multiplier"])
		if err != nil || multiplier <= 0 {
			multiplier = 1
		}
		for _, n := range s.Nodes {
			score, err := strconv.Atoi(n.Attributes[name])
			switch {
			case !n.Online || n.Type == "remote":
			case err != nil:
				f.add(finding.Warning, "no-ping-score", "# see why "+p.ID+" does not run there: ngcp-ha status", "%s has no score %s", n.Name, name)
			case score < multiplier*len(hosts):
				f.add(finding.Warning, "ping-unreachable", "# ping each of "+strings.Join(hosts, " ")+" from "+n.Name, "%s reaches only %d of %d ping nodes (%s=%d)", n.Name, score/multiplier, len(hosts), name, score)
			}
		}
	}
}

// documentation addresses are in examples (RFC 5737).
func documentation(ip netip.Addr) bool {
	for _, net := range []string{"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"} {
		if netip.MustParsePrefix(net).Contains(ip) {
			return true
		}
	}
	return false
}
