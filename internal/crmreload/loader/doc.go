// SPDX-License-Identifier: Apache-2.0

// Package loader loads a configuration into a running cluster, so that whatever happens on the way the cluster has the
// old or the new one, and whoever is killed is finished by the next call, on any node:
//
//	read the CIB -> merge (package crmreload) -> crm_verify -> crm_simulate -> refuse, or
//	save the old one -> replace the CIB, if it is still the one that was read -> wait until pacemaker has settled
//	-> look again -> end maintenance mode -> wait
//
// There is one write that brings the new configuration, and one that ends maintenance mode. Between the two the CIB
// carries a mark (crmreload.Mark) with what is to be put back; it is the journal, and the lock between the nodes. Calls
// on the same node take turns by a lock in the state directory.
package loader
