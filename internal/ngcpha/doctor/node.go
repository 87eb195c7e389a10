// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"slices"
	"strings"

	"ocf-oci/internal/finding"
	"ocf-oci/internal/pacemaker/cib"
)

// Node is what was found on this machine. What could not be read is said in Unreadable.
type Node struct {
	Name       string
	Corosync   *Corosync // nil: not read
	GCS, CRM   string    // ha.gcs and ha.crm of NGCP's configuration; empty if it has none
	Heartbeat  bool      // Heartbeat 2 is installed
	Missing    []string  // agents of the cluster's resources that are not installed here, as class:provider:type
	AtBoot     []string  // services of the HA group that monit would start without the cluster
	Drift      string    // how the cluster differs from cluster.crm, empty if it does not
	Unreadable []string
	// ClusterCRM is the name of that file.
	ClusterCRM string
}

// Corosync is what corosync.conf says.
type Corosync struct {
	ClusterName string
	TwoNode     bool
	Nodes       []string // by name
}

// OfNode looks at this machine.
func OfNode(c *cib.CIB, n Node) []finding.Finding {
	var f findings
	for _, text := range n.Unreadable {
		f.add(finding.Warning, "unreadable", "# see why, or run this as root", "%s", text)
	}
	if n.Corosync != nil {
		f.corosync(c, *n.Corosync)
	}
	if n.GCS != "" && n.GCS != "corosync" {
		f.add(finding.Error, "config-gcs", "ngcpcfg set /etc/ngcp-config/config.yml ha.gcs=corosync", "NGCP's configuration says ha.gcs is %s, but corosync runs", n.GCS)
	}
	if n.CRM != "" && n.CRM != "pacemaker" {
		f.add(finding.Error, "config-crm", "ngcpcfg set /etc/ngcp-config/config.yml ha.crm=pacemaker", "NGCP's configuration says ha.crm is %s, but pacemaker runs", n.CRM)
	}
	if n.Heartbeat {
		f.add(finding.Error, "heartbeat", "# finish the migration: ngcp-ha migrate", "Heartbeat is installed beside pacemaker: two cluster managers would fight for the same addresses")
	}
	for _, agent := range n.Missing {
		f.add(finding.Error, "no-agent", "# install the package with "+agent+" on "+n.Name, "%s has no agent %s: its resources cannot run here", n.Name, agent)
	}
	for _, service := range n.AtBoot {
		f.add(finding.Error, "starts-at-boot", "# give it \"onreboot nostart\" in monit's configuration", "monit starts %s at boot of %s, whether the node is active or not", service, n.Name)
	}
	if n.Drift != "" {
		f.add(finding.Warning, "drift", "ngcp-ha crm-reload --diff", "the cluster is not what %s says (%s)", n.ClusterCRM, n.Drift)
	}
	return f
}

func (f *findings) corosync(c *cib.CIB, conf Corosync) {
	switch count := len(conf.Nodes); {
	case count == 2 && !conf.TwoNode:
		f.add(finding.Error, "two-node", "# set two_node: 1 in the quorum section of corosync.conf on both nodes, then: corosync-cfgtool -R", "two nodes without two_node: 1: when one fails the other has no quorum")
	case count != 2 && conf.TwoNode:
		f.add(finding.Error, "two-node", "# remove two_node from the quorum section of corosync.conf on all nodes, then: corosync-cfgtool -R", "two_node: 1 with %d nodes: every part of a split cluster believes to have quorum", count)
	}
	var members []string
	for _, n := range c.Nodes {
		if n.Type == "" || n.Type == "member" {
			members = append(members, n.Name)
		}
	}
	for _, name := range conf.Nodes {
		if !slices.Contains(members, name) {
			f.add(finding.Warning, "node-name", "# start the cluster there; if it was renamed: crm_node --remove OLDNAME", "corosync.conf has a node %s that pacemaker does not know; it knows %s", name, strings.Join(members, ", "))
		}
	}
	for _, name := range members {
		if len(conf.Nodes) > 0 && !slices.Contains(conf.Nodes, name) {
			f.add(finding.Warning, "node-name", "crm_node --force --remove "+name, "pacemaker has a node %s that is not in corosync.conf", name)
		}
	}
	if name := c.Properties["cluster-name"]; name != "" && conf.ClusterName != "" && name != conf.ClusterName {
		f.add(finding.Warning, "cluster-name", "crm_attribute --type crm_config --name cluster-name --update "+conf.ClusterName, "pacemaker's cluster-name is %s, corosync's %s", name, conf.ClusterName)
	}
}
