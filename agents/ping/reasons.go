// SPDX-License-Identifier: Apache-2.0

package main

import "ocf-oci/internal/ocf"

// The ways in which an action of this agent can end other than well.
var (
	reasonNoHosts = ocf.NewReason("ping-no-hosts", "host_list is empty",
		"set host_list to the addresses to ask, separated by spaces")
	reasonValue = ocf.NewReason("ping-bad-value", "%s=%q is not %s",
		"correct the resource's parameter")
	reasonHost = ocf.NewReason("ping-bad-host", "host_list: %v",
		"correct the resource's host_list")
	reasonSocket = ocf.NewReason("ping-no-socket", "cannot ask any host: %v",
		"run the agent as root, as pacemaker does")
	reasonAttribute = ocf.NewReason("ping-attribute", "the score %d was not recorded: %v",
		"see whether pacemaker-attrd runs on this node")
	reasonNoUpdater = ocf.NewReason("ping-no-attrd-updater", "attrd_updater is not installed on this node",
		"install the package with pacemaker's command line tools")
	reasonScore = ocf.NewReason("ping-failure-score", "%s is %d, less than failure_score %d; no answer from %s",
		"see why the hosts do not answer")
	reasonState = ocf.NewReason("ping-state-file", "the state file cannot be used: %v",
		"make its directory, or set pidfile to a file in a directory that root can write")
)
