// SPDX-License-Identifier: Apache-2.0

// Package floating holds what a node knows about its floating addresses: what each resource resolved to (interface,
// VNIC, OCIDs) and the marks that its actions leave for one another under /run/ocf-oci/.
//
// Every mark is written atomically and is safe to lose: a missing mark only costs a call to the cloud or makes an
// answer more careful. Times are on CLOCK_BOOTTIME, which counts on while a machine is suspended, never jumps, and
// starts anew with the same reboot that empties /run.
package floating
