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
		"reload-agent": reload, "validate-all": validateAll,
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

func parameters() []metadata.Parameter {
	return []metadata.Parameter{
		{Name: "ip", Required: true, UniqueGroup: "address", Short: "IPv4 or IPv6 address",
			Long: `The floating address, IPv4 (dotted quad) or IPv6. Example: "10.0.0.100".`},
		{Name: "nic", Short: "Network interface",
			Long: `The interface that carries the address. Default: on OCI the interface of the VNIC whose subnet contains the
address, elsewhere the interface of the longest connected prefix that contains it.`},
		{Name: "cidr_netmask", Short: "Prefix length",
			Long: `The prefix length with which the address is configured, for example "24", or an IPv4 netmask such as
"255.255.255.0". Default: that of the subnet, or of the connected prefix.`},
		{Name: "companions", Reloadable: true, Short: "Further addresses that move with this one",
			Long: `Addresses that are started, checked, moved and stopped together with "ip", separated by spaces or commas, each
as ADDRESS[/PREFIX][@NIC]. Example: "10.1.0.100/24@ens5". The resource runs only while all of them are here.`},
		{Name: "cloud", Default: "auto", HasDefault: true, Short: "Cloud to move the address in: auto, oci or none",
			Long: `"oci" moves the address in the VCN, "none" only in the operating system. "auto" decides without any network
traffic: the DMI chassis asset tag "OracleCloud.com" means oci; any other tag, or none, means none, unless one of vnic,
auth, oci_config_file, oci_profile, region or endpoint is given.`},
		{Name: "vnic", Short: "OCID of the VNIC, or a map of nodes to OCIDs",
			Long: `The VNIC that receives the address on this node: an OCID, or a map "node1:ocid;node2:ocid". Default: found in
the instance metadata by the MAC address of "nic", else by the subnet that contains "ip".`},
		{Name: "auth", Default: "instance_principal", HasDefault: true, Short: "Authentication: instance_principal, api_key or resource_principal",
			Long: `How the node proves its identity to the VCN API. instance_principal needs a dynamic group and a policy but no
key on the node; api_key reads oci_config_file.`},
		{Name: "oci_config_file", Default: "/etc/ocf-oci/config", HasDefault: true, Short: "OCI configuration file for auth=api_key",
			Long: `File with tenancy, user, fingerprint, key_file and region, as the OCI command line uses it. It and the key must
belong to root and be readable by nobody else.`},
		{Name: "oci_profile", Default: "DEFAULT", HasDefault: true, Short: "Profile in oci_config_file",
			Long: `The section of oci_config_file to use.`},
		{Name: "region", Short: "OCI region", Long: `Region identifier such as "ca-toronto-1". Default: the instance's own.`},
		{Name: "endpoint", Short: "URL of the VCN API",
			Long: `Base URL of the VCN API, for private endpoints. Default: made from the region and its realm.`},
		{Name: "cloud_check", Default: "60s", HasDefault: true, Type: metadata.Time, Reloadable: true, Short: "How often a monitor asks the cloud",
			Long: `A recurring monitor asks the VCN API who holds the address when the last attempt is older than this; monitors in
between ask only the operating system. 0 switches it off. It does not depend on which monitors are configured.`},
		{Name: "settle", Default: "3s", HasDefault: true, Type: metadata.Time, Reloadable: true, Short: "How long the source of a migration keeps the address",
			Long: `After a live migration (allow-migrate=true) the stop on the old node keeps the address configured this long, so
that packets which the data plane still delivers there are answered.`},
		{Name: "trace_ra", Type: metadata.Boolean, Reloadable: true, Short: "Trace decisions, netlink operations and API requests",
			Long: `Writes a structured trace of the action, without secrets.`},
		{Name: "trace_file", Reloadable: true, Short: "File for the trace", Long: `Absolute path of the trace file. Default: a new file in trace_dir for each action.`},
		{Name: "trace_dir", Reloadable: true, Short: "Directory for traces", Long: `Directory for trace files. Default: /var/lib/heartbeat/trace_ra.`},
		{Name: "netmask", Hidden: true, Short: "Old name of cidr_netmask"},
	}
}
