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
	}
}
