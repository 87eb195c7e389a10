// SPDX-License-Identifier: Apache-2.0

package picture

import "ocf-oci/internal/pacemaker/cib"

// Maintenance is what the cluster leaves alone.
type Maintenance struct {
	Cluster   bool     `json:"cluster"`
	Nodes     []string `json:"nodes"`
	Resources []string `json:"resources"` // primitives and containers that have it themselves or from around
}

// MaintenanceOf reads it from the configuration.
func MaintenanceOf(c *cib.CIB) Maintenance {
	m := Maintenance{Cluster: truth(c.Properties["maintenance-mode"]), Nodes: []string{}, Resources: []string{}}
	for _, n := range c.Nodes {
		state, _ := c.State(n.Name)
		if truth(n.Attributes["maintenance"]) || truth(state.Attributes["maintenance"]) {
			m.Nodes = append(m.Nodes, n.Name)
		}
	}
	for _, o := range c.Containers() {
		if truth(o.Meta["maintenance"]) {
			m.Resources = append(m.Resources, o.ID)
		}
	}
	for _, p := range c.Primitives() {
		if truth(p.Meta["maintenance"]) {
			m.Resources = append(m.Resources, p.ID)
		}
	}
	return m
}

// InStandby tells whether a node is set to standby, in either of the two places.
func InStandby(c *cib.CIB, node string) bool { return lifetimeOf(c, node) != "" }
