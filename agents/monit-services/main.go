// SPDX-License-Identifier: Apache-2.0

// monit-services is the OCF resource agent ocf:ngcp:monit-services: the services that monit or systemd runs, as one
// resource.
//
// What each action does stands in start.go, stop.go and monitor.go; what the state of the services means in judge.go,
// which touches nothing. The files with_*.go are the two supervisors; heartbeat.go is the calling form of Heartbeat R1.
package main

import "os"

func main() { os.Exit(run(os.Args[1:], os.Environ(), os.Stdout, os.Stderr)) }
