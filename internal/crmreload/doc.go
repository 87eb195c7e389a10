// SPDX-License-Identifier: Apache-2.0

// Package crmreload decides what a reload of cluster.crm means: which configuration the cluster gets, what of the live
// one is kept although the file does not have it, what pacemaker would do with it, and whether that is refused. It
// touches nothing; package loader does.
//
//	live, mark, err := crmreload.Unmark(cib)               // the cluster as it is between two reloads
//	plan := crmreload.Make(file, live, crmreload.Options{})
//	plan.Target, plan.Changes, plan.Kept
//	marked := crmreload.Mark{Owner: …}.Put(plan.Target)    // maintenance mode, and how it ends, inside the same document
//	crmreload.Unannounced(foreseen, anyway)                // empty: nothing is stopped or moved because of the file
//
// What the file decides and what it does not:
//
//	nodes          the file; standby, maintenance and utilization as they are; members that the file lacks stay
//	properties     the file; those that pacemaker owns, and maintenance-mode, as they are
//	constraints    the file; cli-* (crm resource move) as they are unless dropped; tickets if the file has none
//	ACLs           the file; as they are if it has none
//	all the rest   the file
//
// The state of tickets, fail counts and transient attributes are no configuration and are not touched at all.
package crmreload
