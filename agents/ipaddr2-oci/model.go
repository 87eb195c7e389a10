// SPDX-License-Identifier: Apache-2.0

package main

import (
	"time"

	"ocf-oci/internal/ocf"
	"ocf-oci/metadata"
)

// agent is the table of everything the agent can be asked.
func agent() *ocf.Agent {
	return &ocf.Agent{Meta: model(), Handlers: map[string]ocf.Handler{
		"start": start, "stop": stop, "monitor": monitor, "status": status,
		"migrate_to": migrateTo, "migrate_from": migrateFrom,
		"reload-agent": reload, "validate-all": validateAll, "ready": ready,
	}}
}

func model() *metadata.Agent {
	return &metadata.Agent{
		Name: "IPaddr2", Provider: "oci", Version: "1.0",
		Short: "Floating IP address, on Oracle Cloud and on premises",
		Long: `Manages an IPv4 or IPv6 address that moves between the nodes of a cluster. On Oracle Cloud Infrastructure the
address is moved in the VCN as well, by one call of the VCN API; elsewhere the agent is an ocf:heartbeat:IPaddr2.

With nothing but "ip" given, the interface, the prefix length, the VNIC and the region are found out on each node, so
that one definition serves all nodes. The private IP object in the VCN is never deleted: route rules and reserved
public addresses that hang on it stay.`,
		Parameters: parameters(),
		Actions: []metadata.Action{
			{Name: "start", Timeout: 120 * time.Second},
			{Name: "stop", Timeout: 40 * time.Second},
			{Name: "monitor", Timeout: 20 * time.Second, Interval: 20 * time.Second, HasDepth: true},
			{Name: "monitor", Timeout: 20 * time.Second, Interval: 60 * time.Second, Depth: 10, HasDepth: true},
			{Name: "migrate_to", Timeout: 40 * time.Second},
			{Name: "migrate_from", Timeout: 120 * time.Second},
			{Name: "reload-agent", Timeout: 20 * time.Second},
			{Name: "validate-all", Timeout: 20 * time.Second},
			{Name: "meta-data", Timeout: 5 * time.Second},
		},
	}
}
