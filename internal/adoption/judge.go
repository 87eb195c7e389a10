// SPDX-License-Identifier: Apache-2.0

package adoption

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/ifaddr"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/mon"

	"github.com/beevik/etree"
)

// Cluster is what is seen of the cluster before anything is changed.
type Cluster struct {
	Here   string // this node's name
	Quorum bool
	Config *cib.CIB
	State  mon.State
}

// Quorum reads from a whole CIB whether the partition has quorum.
func Quorum(text []byte) (bool, error) {
	root, err := Parse(string(text))
	if err != nil {
		return false, err
	}
	return root.SelectAttrValue("have-quorum", "") == "1", nil
}

// Active returns the nodes on which a resource runs.
func (c Cluster) Active(resource string) []string {
	for _, r := range c.State.Resources {
		if r.ID == resource {
			return r.Nodes
		}
	}
	return nil
}

// Online are the nodes that answer a probe.
func Online(s mon.State) []string {
	var names []string
	for _, n := range s.Nodes {
		if n.Online && !n.Unclean {
			names = append(names, n.Name)
		}
	}
	return names
}

// Unsafe says what in the cluster keeps a definition from being exchanged while it runs. It does not look at parameters.
func (c Cluster) Unsafe(resource string, e *etree.Element) []string {
	var list []string
	no := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	p, _ := c.Config.Primitive(resource)
	if len(p.Parents) > 0 && p.Parents[0].Kind != "group" {
		no("it is in the %s %s, of which several instances may run", p.Parents[0].Kind, p.Parents[0].ID)
	}
	if e.SelectAttrValue("template", "") != "" {
		no("it is made from the template %s, which others may use too: write its attributes out first", e.SelectAttrValue("template", ""))
	}
	if len(p.Ruled) > 0 {
		no("%s has a rule, so that it is different on some nodes or at some times", strings.Join(p.Ruled, ", "))
	}
	for _, shared := range []string{"instance_attributes[@id-ref]", "instance_attributes/nvpair[@id-ref]", "operations[@id-ref]"} {
		if e.FindElement(shared) != nil {
			no("it shares attributes with another resource (id-ref): write them out first")
			break
		}
	}
	if !c.Quorum {
		no("this part of the cluster has no quorum")
	}
	if v := c.Config.Properties["enable-startup-probes"]; v == "false" || v == "no" || v == "off" || v == "0" {
		no("enable-startup-probes is off, and without a probe pacemaker would start the address a second time: pcs property set enable-startup-probes=true")
	}
	for _, n := range c.State.Nodes {
		if n.Unclean {
			no("node %s is unclean: wait until it is fenced or back", n.Name)
		}
	}
	for _, f := range c.Config.FailCounts {
		if f.Resource == resource {
			no("it has failed on %s, and forgetting that (which the exchange does) could move it: crm_resource --cleanup --resource %s --node %[1]s", f.Node, resource)
		}
	}
	for _, r := range c.State.Resources {
		if r.ID != resource {
			continue
		}
		if r.Role != "Started" || r.Failed {
			state := r.Role
			if r.Failed {
				state += ", failed"
			}
			no("it is not running healthily, but %s", state)
		}
	}
	switch nodes := c.Active(resource); {
	case len(nodes) == 0:
		no("it runs nowhere: start it, or delete it and use the commands that 'oci-vip import' prints")
	case len(nodes) > 1:
		no("it runs on several nodes: %s", strings.Join(nodes, ", "))
	}
	return list
}

// Carried finds how this node's operating system has an address: with which prefix and where.
func Carried(t ifaddr.Table, ip netip.Addr) (netip.Prefix, string, bool) {
	for _, a := range t.Find(ip) {
		if l, ok := t.Link(a.Link); !ok || !l.Loopback {
			return a.Prefix, a.LinkName, true
		}
	}
	return netip.Prefix{}, "", false
}

// Unready says what, in the eyes of the new agent on the node where the resource runs, would make its probe say anything
// but "running". What the cloud delivers here may be missing in the operating system (the sed patch adds no companions,
// ocivip nothing that it finds assigned already); it is returned, to be added.
func Unready(r floating.Readiness, t ifaddr.Table, ip netip.Addr, bits string) (missing []netip.Addr, list []string) {
	no := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	for _, p := range r.Problems {
		no("a start with %s would fail here [%s]: %s", Target, p.ID, p.Text)
	}
	if len(list) > 0 {
		return nil, list
	}
	if !slices.ContainsFunc(r.Targets, func(c floating.Candidate) bool { return c.IP == ip }) {
		no("the agent did not speak of %s", ip)
	}
	for _, c := range r.Targets {
		if r.Cloud != "none" {
			switch {
			case !c.Asked:
				no("the cloud does not say who has %s", c.IP)
			case !c.Exists:
				no("the cloud has no private IP %s", c.IP)
			case c.Holder != c.VNIC:
				no("the cloud delivers %s to %s, not to this node's %s", c.IP, holder(string(c.Holder)), c.VNIC)
			}
		}
		prefix, nic, here := Carried(t, c.IP)
		switch {
		case !here && c.IP == ip && r.Cloud == "none":
			no("this node's operating system does not carry %s", c.IP)
		case !here:
			missing = append(missing, c.IP)
		case nic != c.NIC:
			no("%s is on %s, but belongs to %s", c.IP, nic, c.NIC)
		case c.IP == ip && bits != "" && bits != fmt.Sprint(prefix.Bits()) && bits != mask(prefix):
			no("%s is configured with prefix length %d, not %s as the resource says", c.IP, prefix.Bits(), bits)
		}
	}
	return missing, list
}

func holder(vnic string) string {
	if vnic == "" {
		return "nobody"
	}
	return vnic
}

// mask is the netmask of an IPv4 prefix in the old notation.
func mask(p netip.Prefix) string {
	if !p.Addr().Is4() {
		return ""
	}
	m := ^uint32(0) << (32 - p.Bits())
	return netip.AddrFrom4([4]byte{byte(m >> 24), byte(m >> 16), byte(m >> 8), byte(m)}).String()
}
