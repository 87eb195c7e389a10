// SPDX-License-Identifier: Apache-2.0

// Package readiness asks the agent ocf:oci:IPaddr2 of this node whether it could take each floating address over now,
// and keeps what it said last time.
//
// The agent that pacemaker would start is the one that is asked, as a process of its own with the resource's parameters
// in its environment: what it resolves is what a start will find.
package readiness
