// SPDX-License-Identifier: Apache-2.0

package lab

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"ocf-oci/lab/cluster"
)

// The lab reads pacemaker's XML itself, without the code of the agents and tools that are tried in it: an error
// there must not hide itself here.

// monitorXML is the part of crm_mon's XML that the lab needs.
type monitorXML struct {
	DC struct {
		Name   string `xml:"name,attr"`
		Quorum bool   `xml:"with_quorum,attr"`
	} `xml:"summary>current_dc"`
	Options struct {
		Fencing     bool   `xml:"stonith-enabled,attr"`
		NoQuorum    string `xml:"no-quorum-policy,attr"`
		Maintenance bool   `xml:"maintenance-mode,attr"`
	} `xml:"summary>cluster_options"`
	Nodes []struct {
		Name   string `xml:"name,attr"`
		Online bool   `xml:"online,attr"`
	} `xml:"nodes>node"`
	Resources resourcesXML `xml:"resources"`
	Failures  []struct {
		Key    string `xml:"op_key,attr"`
		Node   string `xml:"node,attr"`
		Status string `xml:"exitstatus,attr"`
		Reason string `xml:"exitreason,attr"`
		Task   string `xml:"task,attr"`
	} `xml:"failures>failure"`
}

// resourcesXML is a list of resources, which nest in groups, clones and bundles.
type resourcesXML struct {
	Primitives []struct {
		ID         string `xml:"id,attr"`
		Agent      string `xml:"resource_agent,attr"`
		Role       string `xml:"role,attr"`
		TargetRole string `xml:"target_role,attr"`
		Active     bool   `xml:"active,attr"`
		Failed     bool   `xml:"failed,attr"`
		Nodes      []struct {
			Name string `xml:"name,attr"`
		} `xml:"node"`
	} `xml:"resource"`
	Groups []resourcesXML `xml:"group"`
	Clones []resourcesXML `xml:"clone"`
}

// primitivesXML finds primitives in the CIB wherever they are.
type primitivesXML struct {
	Primitives []struct {
		ID         string `xml:"id,attr"`
		Class      string `xml:"class,attr"`
		Parameters []struct {
			Name  string `xml:"name,attr"`
			Value string `xml:"value,attr"`
		} `xml:"instance_attributes>nvpair"`
	} `xml:"primitive"`
	Groups []primitivesXML `xml:"group"`
	Clones []primitivesXML `xml:"clone"`
}

// cibXML is the part of the CIB that the lab needs: the definitions, and the operations of each node's history.
type cibXML struct {
	Resources primitivesXML `xml:"configuration>resources"`
	Nodes     []struct {
		Member  string `xml:"in_ccm,attr"` // false, or 0 in newer versions: the node has left
		History []struct {
			ID  string `xml:"id,attr"`
			Ops []struct {
				Operation string `xml:"operation,attr"`
				Status    int    `xml:"op-status,attr"`
			} `xml:"lrm_rsc_op"`
		} `xml:"lrm>lrm_resources>lrm_resource"`
	} `xml:"status>node_state"`
}

// opPending is the op-status of an operation that still runs.
const opPending = -1

// pending tells whether a resource is being started, stopped or migrated somewhere. crm_mon's XML does not say. What a
// node had begun when it left stays in its history, and has no end.
func (c cibXML) pending(id string) bool {
	for _, n := range c.Nodes {
		if n.Member == "false" || n.Member == "0" {
			continue
		}
		for _, r := range n.History {
			for _, op := range r.Ops {
				if r.ID == id && op.Status == opPending && slices.Contains([]string{"start", "stop", "migrate_to", "migrate_from"}, op.Operation) {
					return true
				}
			}
		}
	}
	return false
}

// pacemakerView asks the node's pacemaker. An error means that it does not run or does not answer.
func pacemakerView(ctx context.Context, n *cluster.Node) (PacemakerView, error) {
	mon, err := n.CrmMon(ctx)
	if err != nil {
		return PacemakerView{}, err
	}
	cib, err := n.CIB(ctx)
	if err != nil {
		return PacemakerView{}, err
	}
	return parsePacemaker(mon, cib)
}

func parsePacemaker(mon, cib []byte) (PacemakerView, error) {
	var m monitorXML
	if err := xml.Unmarshal(mon, &m); err != nil {
		return PacemakerView{}, fmt.Errorf("read crm_mon's XML: %w", err)
	}
	var c cibXML
	if err := xml.Unmarshal(cib, &c); err != nil {
		return PacemakerView{}, fmt.Errorf("read the CIB: %w", err)
	}
	v := PacemakerView{Running: true, DC: m.DC.Name, Quorum: m.DC.Quorum, Online: []string{}, Resources: []Resource{}}
	for _, n := range m.Nodes {
		if n.Online {
			v.Online = append(v.Online, n.Name)
		}
	}
	addresses := map[string][]netip.Addr{}
	c.Resources.addresses(addresses)
	m.Resources.collect(addresses, func(r Resource, targetRole string) {
		r.Pending = c.pending(r.ID)
		if len(r.Nodes) == 0 {
			r.Obstacle = m.obstacle(r.ID, targetRole, c.Resources.fencing())
		}
		v.Resources = append(v.Resources, r)
	})
	return v, nil
}

// obstacle says why a resource is stopped, if that can be told.
func (m monitorXML) obstacle(id, targetRole string, fencing bool) string {
	switch {
	case strings.EqualFold(targetRole, "Stopped"):
		return "its target-role is Stopped (pcs resource enable " + id + ")"
	case m.Options.Fencing && !fencing:
		return "no fencing device and stonith-enabled is not false"
	case m.Options.Maintenance:
		return "the cluster is in maintenance mode"
	case !m.DC.Quorum && m.Options.NoQuorum != "ignore":
		return "no quorum"
	}
	for _, f := range m.Failures {
		if of, _, _ := strings.Cut(f.Key, "_"+f.Task+"_"); of == id {
			why := f.Reason
			if why == "" {
				why = f.Status
			}
			return fmt.Sprintf("%s failed on %s: %s", f.Task, f.Node, why)
		}
	}
	return ""
}

// fencing tells whether there is a fencing device among the primitives.
func (p primitivesXML) fencing() bool {
	for _, prim := range p.Primitives {
		if prim.Class == "stonith" {
			return true
		}
	}
	return slices.ContainsFunc(append(slices.Clone(p.Groups), p.Clones...), primitivesXML.fencing)
}

// addresses collects the addresses of primitives that have the parameter ip.
func (p primitivesXML) addresses(into map[string][]netip.Addr) {
	for _, prim := range p.Primitives {
		for _, nv := range prim.Parameters {
			switch nv.Name {
			case "ip":
				if a, err := netip.ParseAddr(strings.TrimSpace(nv.Value)); err == nil {
					into[prim.ID] = append([]netip.Addr{a}, into[prim.ID]...) // first, wherever it stands
				}
			case "companions":
				for _, word := range strings.FieldsFunc(nv.Value, func(r rune) bool { return r == ' ' || r == ',' || r == ';' }) {
					text, _, _ := strings.Cut(word, "@")
					text, _, _ = strings.Cut(text, "/")
					if a, err := netip.ParseAddr(text); err == nil {
						into[prim.ID] = append(into[prim.ID], a)
					}
				}
			}
		}
	}
	for _, nested := range append(append([]primitivesXML(nil), p.Groups...), p.Clones...) {
		nested.addresses(into)
	}
}

// collect calls found with each primitive that has addresses.
func (r resourcesXML) collect(addresses map[string][]netip.Addr, found func(r Resource, targetRole string)) {
	for _, p := range r.Primitives {
		id, _, _ := strings.Cut(p.ID, ":") // instances of a clone
		if len(addresses[id]) == 0 {
			continue
		}
		res := Resource{ID: p.ID, Agent: p.Agent, Addresses: addresses[id], Role: p.Role, Failed: p.Failed, Nodes: []string{}}
		for _, n := range p.Nodes {
			if p.Active {
				res.Nodes = append(res.Nodes, n.Name)
			}
		}
		found(res, p.TargetRole)
	}
	for _, nested := range append(append([]resourcesXML(nil), r.Groups...), r.Clones...) {
		nested.collect(addresses, found)
	}
}
