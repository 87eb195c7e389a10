// SPDX-License-Identifier: Apache-2.0

// Package scenarios holds the tests that need whole machines: text files below testdata, run by package
// ocf-oci/lab/scenario, one lab for each folder.
//
//	testdata/agent    the agent by hand on nodes without a cluster
//	testdata/moves    the virtual routers of "ISV Implementation Details - Part 4A" under pacemaker: planned moves, start
//	testdata/faults   the same while the API or a standby is in trouble
//	testdata/survive  the same when a node or the network fails
//	testdata/ngcp-ha  the companion tool on the handbook's pair
//	testdata/oci-vip  the operator's tool on the virtual routers: ready, policy, status, check, import
//
// The environment variable OCF_SOAK=1 runs full counts and durations.
package scenarios
