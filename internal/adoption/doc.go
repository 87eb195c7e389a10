// SPDX-License-Identifier: Apache-2.0

// Package adoption turns a running resource of another agent (ocf:heartbeat:IPaddr2, IPaddr, IPv6addr or ocivip) into
// one of ocf:oci:IPaddr2 in the live cluster, and back, without taking the address away for a moment.
//
// What makes it safe: pacemaker stops, starts and moves nothing while the cluster is in maintenance mode. In that time
// the definition is replaced by one atomic change of the CIB and the history of the resource is deleted, so that
// pacemaker probes it anew on every node, now with the other agent. That finds the address where it is; only then, and
// only if every node's answer is the expected one, maintenance mode ends. Anything else puts the old definition back.
//
// Decisions (mapping.go, definition.go, judge.go, history.go) are pure; steps.go acts through the interfaces Cluster and
// Node. A journal on disk (journal.go) makes it possible to go back later, and after a kill at any point.
package adoption
