// SPDX-License-Identifier: Apache-2.0

// Package imds reads the OCI instance metadata service, version 2: which VNICs
// this machine has, which instance it is, and which region and realm it lives
// in.
//
// The service is link-local (http://169.254.169.254/opc/v2). It answers only
// requests that carry "Authorization: Bearer Oracle" and that come from a
// VNIC's primary address, so the local address can be bound, and it must never
// be asked through a proxy. Right after boot or after a VNIC was attached it
// may answer 404 or nothing at all; every such answer is retried inside the
// caller's context.
//
// Service description: "Instance Metadata", https://docs.oracle.com/iaas/Content/Compute/Tasks/gettingmetadata.htm
package imds
