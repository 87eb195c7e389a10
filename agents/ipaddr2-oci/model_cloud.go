// SPDX-License-Identifier: Apache-2.0

package main

import "ocf-oci/metadata"

// cloudParameters are those that ocf:heartbeat:IPaddr2 does not have.
func cloudParameters() []metadata.Parameter {
	return []metadata.Parameter{
		{Name: "companions", Reloadable: true, Short: "Further addresses that move with this one",
			Long: `Addresses that are started, checked, moved and stopped together with "ip", separated by spaces or commas, each
as ADDRESS[/PREFIX][@NIC]. Example: "10.1.0.100/24@ens5". The resource runs only while all of them are here.`},
		{Name: "cloud", Default: "auto", HasDefault: true, Short: "Cloud to move the address in: auto, oci or none",
			Long: `"oci" moves the address in the VCN, "none" only in the operating system. "auto" decides without any network
traffic: the DMI chassis asset tag "OracleCloud.com" means oci; any other tag, or none, means none, unless the declarative
file exists or one of vnic, config, auth, oci_config_file, oci_profile, region or endpoint is given.`},
		{Name: "vnic", Short: "OCID of the VNIC, or a map of nodes to OCIDs",
			Long: `The VNIC that receives the address on this node: an OCID, or a map "node1:ocid;node2:ocid". Default: found in
the instance metadata by the MAC address of "nic", else by the subnet that contains "ip".`},
		{Name: "config", Default: "/etc/ocf-oci/floating.yaml", HasDefault: true, Short: "Declarative file",
			Long: `A file that is the same on every node and names each node's VNIC in each network, each address with its prefix
length and network, and how the nodes authenticate ('oci-vip import' makes one). Parameters win over it; what neither
says is found in the instance metadata. Without the parameter the file need not exist.`},
		{Name: "allow_from", Reloadable: true, Short: "VNICs that the address may be taken from",
			Long: `OCIDs of VNICs, separated by spaces or commas. When any other holds the address, start fails instead of taking it.
Default: it may be taken from any.`},
		{Name: "release", Default: "keep", HasDefault: true, Reloadable: true, Short: "What stop does in the cloud: keep or detach",
			Long: `"keep" leaves the private IP with this node's VNIC until another node takes it, so that stop needs no cloud.
"detach" also unassigns it, if a look says that it is still here; a stop never fails over it. The object itself is never
deleted.`},
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
	}
}
