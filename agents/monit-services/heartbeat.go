// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"ocf-oci/internal/ocf"
)

// run carries out a call in either form and returns the exit code.
func run(args, environ []string, stdout, stderr io.Writer) int {
	if heartbeat(args, environ) {
		return heartbeatMain(args, environ, stdout, stderr)
	}
	return ocf.Main(agent(), args, environ, stdout, stderr)
}

// heartbeat tells whether this is the call of a Heartbeat R1 resource script: start, stop or status behind the
// resource's arguments, and nothing of OCF in the environment. A rollback to Heartbeat needs it, and a person may use it.
func heartbeat(args, environ []string) bool {
	if len(args) == 0 || !slices.Contains([]string{"start", "stop", "status"}, args[len(args)-1]) {
		return false
	}
	return !slices.ContainsFunc(environ, func(e string) bool {
		return strings.HasPrefix(e, "OCF_RESOURCE_") || strings.HasPrefix(e, "OCF_RA_VERSION_") || strings.HasPrefix(e, "OCF_RESKEY_")
	})
}

// heartbeatMain carries such a call out. The argument before the action, if there is one, is the group
// ("monit-services::ha" in haresources). Heartbeat takes a resource for running if status prints "running"; the exit
// codes are those of the LSB: 0 running, 3 stopped, 4 unknown.
func heartbeatMain(args, environ []string, stdout, stderr io.Writer) int {
	action := args[len(args)-1]
	instance := "heartbeat"
	environ = slices.Clone(environ)
	if len(args) > 1 {
		group := args[len(args)-2]
		instance += "-" + group
		environ = append(environ, "OCF_RESKEY_group="+group)
	}
	environ = append(environ, "OCF_RESOURCE_INSTANCE="+instance, "OCF_EXIT_REASON_PREFIX=monit-services: ")
	if action != "status" {
		if ocf.Main(agent(), []string{action}, environ, stdout, stderr) != int(ocf.Success) {
			return 1
		}
		return 0
	}
	// A monitor without interval: it looks at the services whatever monitor_services says.
	word, code := "unknown", 4
	switch ocf.Code(ocf.Main(agent(), []string{"monitor"}, environ, io.Discard, stderr)) {
	case ocf.Success:
		word, code = "running", 0
	case ocf.NotRunning:
		word, code = "stopped", 3
	}
	_, _ = fmt.Fprintln(stdout, word)
	return code
}
