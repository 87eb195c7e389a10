// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"maps"
	"slices"
)

// verbs in the order of what they allow; each includes those before it.
var verbs = []string{"inspect", "read", "use", "manage"}

// verbPermissions lists what each verb adds for a resource type.
// https://docs.oracle.com/iaas/Content/Identity/Reference/corepolicyreference.htm,
// "Details for Verb + Resource-Type Combinations"
var verbPermissions = map[string][4][]string{
	"private-ips": {
		{"PRIVATE_IP_READ"}, nil,
		{"PRIVATE_IP_UPDATE", "PRIVATE_IP_ASSIGN", "PRIVATE_IP_UNASSIGN", "PRIVATE_IP_CREATE", "PRIVATE_IP_DELETE"},
		{"PRIVATE_IP_ROUTE_TABLE_ATTACH", "PRIVATE_IP_ROUTE_TABLE_DETACH"},
	},
	"ipv6s": {
		{"IPV6_READ"}, nil,
		{"IPV6_UPDATE"},
		{"IPV6_CREATE", "IPV6_DELETE"},
	},
	"vnics": {
		{"VNIC_READ"}, nil,
		{"VNIC_ASSIGN", "VNIC_UNASSIGN", "VNIC_ATTACH", "VNIC_DETACH", "VNIC_CREATE", "VNIC_UPDATE", "VNIC_DELETE"},
		nil,
	},
	"vnic-attachments": {{"VNIC_ATTACHMENT_READ"}, nil, nil, nil},
	"subnets": {
		{"SUBNET_READ"}, nil,
		{"SUBNET_ATTACH", "SUBNET_DETACH"},
		{"SUBNET_CREATE", "SUBNET_UPDATE", "SUBNET_DELETE"},
	},
	"route-tables": {
		{"ROUTE_TABLE_READ"}, nil, nil,
		{"ROUTE_TABLE_ATTACH", "ROUTE_TABLE_DETACH", "ROUTE_TABLE_CREATE", "ROUTE_TABLE_UPDATE", "ROUTE_TABLE_DELETE"},
	},
	"public-ips": {
		nil, {"PUBLIC_IP_READ"},
		{"PUBLIC_IP_ASSIGN_PRIVATE_IP", "PUBLIC_IP_UNASSIGN_PRIVATE_IP"},
		{"PUBLIC_IP_UPDATE", "PUBLIC_IP_CREATE", "PUBLIC_IP_DELETE"},
	},
	"instances": {
		{"INSTANCE_INSPECT"},
		{"INSTANCE_READ"},
		{"INSTANCE_UPDATE", "INSTANCE_POWER_ACTIONS"},
		{"INSTANCE_CREATE", "INSTANCE_DELETE"},
	},
}

// families are the aggregate resource types. instance-family also has a few
// permissions on VNICs.
var families = map[string][]string{
	"virtual-network-family": {"private-ips", "ipv6s", "vnics", "vnic-attachments", "subnets", "route-tables", "public-ips"},
	"instance-family":        {"instances", "vnic-attachments"},
}

var familyExtras = map[string][4][]string{
	"instance-family": {{"VNIC_READ"}, nil, {"VNIC_ATTACH", "VNIC_DETACH"}, nil},
}

// Operations maps each API operation to the permissions it needs, all of them.
// corepolicyreference.htm, "Permissions Required for Each API Operation". An operation
// of conditional needs adds to it when it runs.
var Operations = map[string][]string{
	"GetVnic":                  {"VNIC_READ"},
	"UpdateVnic":               {"VNIC_UPDATE"},
	"ListPrivateIps":           {"PRIVATE_IP_READ"},
	"GetPrivateIp":             {"PRIVATE_IP_READ"},
	"CreatePrivateIp":          {"PRIVATE_IP_CREATE", "PRIVATE_IP_ASSIGN", "VNIC_ASSIGN", "SUBNET_ATTACH"},
	"UpdatePrivateIp":          {"PRIVATE_IP_UPDATE", "VNIC_ASSIGN", "VNIC_UNASSIGN"},
	"DeletePrivateIp":          {"PRIVATE_IP_DELETE", "PRIVATE_IP_UNASSIGN", "VNIC_UNASSIGN", "SUBNET_DETACH"},
	"PrivateIpVnicDetach":      {"PRIVATE_IP_UPDATE", "PRIVATE_IP_UNASSIGN", "VNIC_UNASSIGN"},
	"ListIpv6s":                {"IPV6_READ"},
	"GetIpv6":                  {"IPV6_READ"},
	"CreateIpv6":               {"IPV6_CREATE", "SUBNET_ATTACH", "VNIC_ASSIGN"},
	"UpdateIpv6":               {"IPV6_UPDATE", "VNIC_UNASSIGN", "VNIC_ASSIGN"},
	"DeleteIpv6":               {"IPV6_DELETE", "SUBNET_DETACH", "VNIC_UNASSIGN"},
	"Ipv6VnicDetach":           {"IPV6_UPDATE", "VNIC_UNASSIGN"},
	"GetSubnet":                {"SUBNET_READ"},
	"GetRouteTable":            {"ROUTE_TABLE_READ"},
	"UpdateRouteTable":         {"ROUTE_TABLE_UPDATE", "PRIVATE_IP_ROUTE_TABLE_ATTACH", "PRIVATE_IP_ROUTE_TABLE_DETACH"},
	"GetPublicIp":              {"PUBLIC_IP_READ"},
	"GetPublicIpByPrivateIpId": {"PUBLIC_IP_READ"},
	"UpdatePublicIp":           {"PUBLIC_IP_UPDATE", "PUBLIC_IP_ASSIGN_PRIVATE_IP", "PUBLIC_IP_UNASSIGN_PRIVATE_IP"},
	"ListVnicAttachments":      {"VNIC_ATTACHMENT_READ", "INSTANCE_INSPECT"},
	"GetInstance":              {"INSTANCE_READ"},
	"InstanceAction":           {"INSTANCE_POWER_ACTIONS"},
}

// resourceTypes lists what a statement may name.
func resourceTypes() []string {
	names := append(slices.Collect(maps.Keys(verbPermissions)), slices.Collect(maps.Keys(families))...)
	return append(slices.Sorted(slices.Values(names)), "all-resources")
}

// resourcePermissions returns what a verb (by its index) gives on a resource type.
func resourcePermissions(resource string, level int) ([]string, bool) {
	members := []string{resource}
	if resource == "all-resources" {
		members = slices.Collect(maps.Keys(verbPermissions))
	} else if f, ok := families[resource]; ok {
		members = f
	} else if _, ok := verbPermissions[resource]; !ok {
		return nil, false
	}
	var out []string
	for i := 0; i <= level; i++ {
		for _, m := range members {
			out = append(out, verbPermissions[m][i]...)
		}
		out = append(out, familyExtras[resource][i]...)
	}
	return out, true
}

func knownPermission(name string) bool {
	all, _ := resourcePermissions("all-resources", len(verbs)-1)
	return slices.Contains(all, name)
}
