// SPDX-License-Identifier: Apache-2.0

// Package takeover decides how the shared addresses, and with them the services, are handed from one node to another: by
// a location constraint with an end, as the handbook's "crm resource move" makes it, that outlives the slowest stop and
// is gone afterwards.
//
//	goal      who has it, who shall get it                     goal.go
//	objects   why the cluster could not or should not do it    preflight.go
//	mark      the constraint, and whose it is                  constraint.go
//	judge     how far it is, and whether it has failed         progress.go
//
// All of it is decided from what crm_mon and cibadmin told; nothing here talks to a cluster.
package takeover
