// SPDX-License-Identifier: Apache-2.0

package floatingyaml

// Key is one key of the file, as its manual page describes it.
type Key struct {
	Path string // for example "auth.kind"; NODE and NETWORK are names that the administrator chooses
	Says string
}

// Keys describes every key of File, in the order of the file.
func Keys() []Key {
	return []Key{
		{"auth", "How the nodes prove who they are. May be left out."},
		{"auth.kind", "instance_principal (the default), api_key or resource_principal."},
		{"auth.config_file", "With api_key: the OCI configuration file, which only root may read. Default: as the resource's parameter oci_config_file."},
		{"auth.profile", "With api_key: the profile in that file. Default: DEFAULT."},
		{"auth.region", "For example ca-toronto-1. Default: the instance's."},
		{"auth.endpoint", "URL of the VCN API. Default: the region's."},
		{"nodes", "The nodes by their names in the cluster."},
		{"nodes.NODE.NETWORK", "OCID of the VNIC that this node has in this network. The names of networks are yours; they only tie an address to its VNICs."},
		{"addresses", "The floating addresses, as a list."},
		{"addresses.ip", "IPv4 or IPv6 address."},
		{"addresses.prefix", "Prefix length in the operating system. Default: the subnet's."},
		{"addresses.network", "The network whose VNICs carry the address, one of those that the nodes name."},
	}
}

// Example is a file that Parse accepts.
const Example = `auth:
  kind: instance_principal
nodes:
  vrouter1:
    primary: ocid1.vnic.oc1.ca-toronto-1.aaaaaaaarouter1primary
    pod1: ocid1.vnic.oc1.ca-toronto-1.aaaaaaaarouter1pod1
  vrouter2:
    primary: ocid1.vnic.oc1.ca-toronto-1.aaaaaaaarouter2primary
    pod1: ocid1.vnic.oc1.ca-toronto-1.aaaaaaaarouter2pod1
addresses:
  - ip: 10.0.0.100
    prefix: 28
    network: primary
  - ip: 10.1.0.100
    network: pod1
`
