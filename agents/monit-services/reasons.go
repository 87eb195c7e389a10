// SPDX-License-Identifier: Apache-2.0

package main

import "ocf-oci/internal/ocf"

// The ways in which an action of this agent can end other than well.
var (
	reasonValue = ocf.NewReason("monit-services-bad-value", "%s=%q is not %s",
		"correct the resource's parameter")
	reasonNoSupervisor = ocf.NewReason("monit-services-no-supervisor", "this node has neither monit (%s) nor systemd with %s",
		"install and configure one of them, or set backend")
	reasonConfig = ocf.NewReason("monit-services-control-file", "%v",
		"make monit's control file readable for root, or set monit_control_file")
	reasonNoInterface = ocf.NewReason("monit-services-no-interface", "monit's control file %s has no HTTP interface",
		"add a line such as: set httpd unixsocket /run/monit/monit.sock allow USER:PASSWORD")
	reasonAddress = ocf.NewReason("monit-services-address", "monit cannot be reached: %v",
		"correct monit_url")
	reasonNoMembers = ocf.NewReason("monit-services-no-members", "%s knows no service of group %s",
		"add the services to the group, or set the parameter services")
	reasonUnknown = ocf.NewReason("monit-services-unknown-service", "%s does not know %s",
		"define it on this node, or take it out of the parameter services")
	reasonDown = ocf.NewReason("monit-services-down", "monit does not run: %v",
		"start monit on this node")
	reasonHung = ocf.NewReason("monit-services-hung", "monit does not answer: %v",
		"see what the monit daemon does, and restart it")
	reasonRefused = ocf.NewReason("monit-services-refused", "monit refuses orders with the credentials from %[2]s: %[1]v",
		"if they were changed there, run monit reload")
	reasonGarbled = ocf.NewReason("monit-services-garbled", "monit's answer cannot be used: %v",
		"see monit's log")
	reasonSystemd = ocf.NewReason("monit-services-systemd", "systemd cannot be asked: %v",
		"see whether systemctl works on this node")
	reasonNotStarted = ocf.NewReason("monit-services-not-started", "%d of %d services do not run yet: %s",
		"see the service's own log, or raise the operation's timeout")
	reasonRemain = ocf.NewReason("monit-services-remain", "%d of %d services have not ended: %s",
		"end them by hand")
	reasonSomeDown = ocf.NewReason("monit-services-some-down", "%d of %d services do not run: %s",
		"")
	reasonAllDown = ocf.NewReason("monit-services-all-down", "none of the %d services runs: %s",
		"")
	reasonUnwatched = ocf.NewReason("monit-services-unwatched", "all %d services run, but nobody looks after them: %s",
		"bring that back on this node")
	reasonUnclear = ocf.NewReason("monit-services-unclear", "it cannot be told whether the services run: %s",
		"see the log")
	reasonStray = ocf.NewReason("monit-services-stray", "%d of %d services run here although this resource was not started on this node: %s",
		"stop them; services of an HA group must be started by the cluster alone (monit: onreboot nostart)")
	reasonState = ocf.NewReason("monit-services-state", "the state file cannot be used: %v",
		"make /run/ocf-oci a directory of root with mode 0700")
)
