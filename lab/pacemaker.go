// SPDX-License-Identifier: Apache-2.0

package lab

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/netip"
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
	Nodes []struct {
		Name   string `xml:"name,attr"`
		Online bool   `xml:"online,attr"`
	} `xml:"nodes>node"`
	Resources resourcesXML `xml:"resources"`
}

// resourcesXML is a list of resources, which nest in groups, clones and bundles.
type resourcesXML struct {
	Primitives []struct {
		ID      string `xml:"id,attr"`
		Agent   string `xml:"resource_agent,attr"`
		Role    string `xml:"role,attr"`
		Active  bool   `xml:"active,attr"`
		Failed  bool   `xml:"failed,attr"`
		Pending string `xml:"pending,attr"`
		Nodes   []struct {
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
		Parameters []struct {
			Name  string `xml:"name,attr"`
			Value string `xml:"value,attr"`
		} `xml:"instance_attributes>nvpair"`
	} `xml:"primitive"`
	Groups []primitivesXML `xml:"group"`
	Clones []primitivesXML `xml:"clone"`
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
	var c struct {
		Resources primitivesXML `xml:"configuration>resources"`
	}
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
	m.Resources.collect(addresses, &v.Resources)
	return v, nil
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

func (r resourcesXML) collect(addresses map[string][]netip.Addr, into *[]Resource) {
	for _, p := range r.Primitives {
		id, _, _ := strings.Cut(p.ID, ":") // instances of a clone
		if len(addresses[id]) == 0 {
			continue
		}
		res := Resource{ID: p.ID, Agent: p.Agent, Addresses: addresses[id], Role: p.Role, Failed: p.Failed, Pending: p.Pending != "", Nodes: []string{}}
		for _, n := range p.Nodes {
			if p.Active {
				res.Nodes = append(res.Nodes, n.Name)
			}
		}
		*into = append(*into, res)
	}
	for _, nested := range append(append([]resourcesXML(nil), r.Groups...), r.Clones...) {
		nested.collect(addresses, into)
	}
}
