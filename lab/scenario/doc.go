// SPDX-License-Identifier: Apache-2.0

// Package scenario runs text files that read like a runbook against a lab: steps, then the state that must follow. A file
// is a testscript (github.com/rogpeppe/go-internal/testscript) with these commands besides the built-in ones; all times
// are Go durations, and "!" before a command means that it must fail.
//
// The machines and the cloud:
//
//	crash NODE... | boot NODE... | shutdown NODE...      a crash is a reboot's first half
//	cut NODE... | join NODE... | freeze NODE... | thaw NODE...
//	partition NODE,NODE NODE,...  |  heal
//	fault TARGET KIND [VALUE] [node=N] [count=K] [for=D]  |  fault clear
//	limit N | latency D | propagation D | policy FILE
//	life D                                               of security tokens that are given out from now on
//	give ADDRESS NODE|nobody | take ADDRESS              behind everybody's back
//	sleep D
//
// Commands on a machine (stdout, stderr and code are kept for the next commands):
//
//	on NODE COMMAND...                 on one machine
//	cluster COMMAND...                 on a node where pacemaker runs, on the same as long as it does
//	migrate RESOURCE N D               N planned moves round the nodes, the views agreeing within D after each
//	turns N NODE,NODE COMMAND...       N times in all, on the nodes by turns; each time it must succeed
//	until D NODE REGEXP COMMAND...     again and again until its output matches; not:REGEXP: is not empty and does not match.
//	                                   Its last output, of both kinds, is the stdout of the next commands
//	agent NODE ACTION [NAME=VALUE...]  ocf:oci:IPaddr2 by hand; @timeout=2s @interval=10s @level=10 @role=Stopped @name=R @env=NAME=VALUE
//	code N...                          the last agent's or on's exit code was one of these
//
// What must be true:
//
//	agree D [NODE|not:NODE] [ADDRESS...]   within D all four views name one holder, and this one
//	carries NODE ADDRESS                   the operating system has it (! carries: it has not)
//	gone D NODE ADDRESS                    within D the operating system has it no more
//	remember                               this moment, for the following
//	calls [node=N] [op=NAME] [status=N] [service=S] [outcome=O] [floating=B] [if-match=B] [min=N] [max=N] [within=D]   requests that the region saw since; within waits for min
//	moves N                                at most N changes of ownership since
//	quiet FOR WITHIN                       within WITHIN nobody's ownership has changed FOR that long
//	traffic start | traffic stop           the packet recorder: to_address, through_router, through_router_back
//	lost STREAM N                          at most N packets since traffic start
//	flows D STREAM...                      within D a whole second of it is answered
//	took RESOURCE OPERATION                says how long pacemaker's last such operation took
//	ended RESOURCE OPERATION NODE CODE     pacemaker's last such operation there ended with this code
//	gap RESOURCE                           says how long it was down between its last stop and start
//	unwatched RESOURCE                     within two minutes pacemaker has cancelled its recurring monitors, as in maintenance mode
//	unharmed RESOURCE                      since then pacemaker neither started, stopped nor moved it, and every monitor was 0 or 190
package scenario
