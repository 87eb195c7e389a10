# SPDX-License-Identifier: Apache-2.0
# What a cluster with one floating address needs in OCI, beside its nodes: the private IP that moves, a reserved public IP
# that follows it, a dynamic group of the nodes, and the least policy. Not one of these changes when the address moves.
# "oci-vip policy --terraform" on a node prints group and policy for the configuration that the cluster really has.

terraform {
  required_providers {
    oci = {
      source = "oracle/oci"
    }
  }
}

variable "tenancy_ocid" {
  type = string
}

variable "compartment_ocid" {
  type        = string
  description = "Compartment of the nodes' VNICs, of the subnet and of the private IP"
}

variable "instance_ocids" {
  type        = list(string)
  description = "The cluster's nodes"
}

variable "first_vnic_ocid" {
  type        = string
  description = "VNIC that holds the address until the cluster moves it"
}

variable "floating_ip" {
  type    = string
  default = "10.0.0.100"
}

resource "oci_core_private_ip" "floating" {
  vnic_id      = var.first_vnic_ocid
  ip_address   = var.floating_ip
  display_name = "Cluster_VIP"

  # The cluster moves it; the next "apply" must not move it back.
  lifecycle {
    ignore_changes = [vnic_id]
  }
}

# Hangs on the private IP's OCID, and so follows it from VNIC to VNIC.
resource "oci_core_public_ip" "floating" {
  compartment_id = var.compartment_ocid
  lifetime       = "RESERVED"
  private_ip_id  = oci_core_private_ip.floating.id
  display_name   = "Cluster_VIP"
}

resource "oci_identity_dynamic_group" "floating_addresses" {
  compartment_id = var.tenancy_ocid
  name           = "cluster-nodes"
  description    = "Nodes that move floating addresses (ocf:oci:IPaddr2)"
  matching_rule  = "Any {${join(", ", [for id in var.instance_ocids : "instance.id = '${id}'"])}}"
}

# The private IP exists already, so that the right to make one is not among these.
resource "oci_identity_policy" "floating_addresses" {
  compartment_id = var.compartment_ocid
  name           = "cluster-nodes-floating-addresses"
  description    = "What ocf:oci:IPaddr2 needs to move floating addresses"
  statements = [
    "Allow dynamic-group cluster-nodes to use private-ips in compartment id ${var.compartment_ocid} where any {request.permission = 'PRIVATE_IP_READ', request.permission = 'PRIVATE_IP_UPDATE'}",
    "Allow dynamic-group cluster-nodes to use vnics in compartment id ${var.compartment_ocid} where any {request.permission = 'VNIC_READ', request.permission = 'VNIC_ASSIGN', request.permission = 'VNIC_UNASSIGN'}",
  ]
  depends_on = [oci_identity_dynamic_group.floating_addresses]
}

output "public_ip" {
  value = oci_core_public_ip.floating.ip_address
}
