// SPDX-License-Identifier: Apache-2.0

// ngcp-ha measures ngcp-ha beside what it replaces, on the lab's NGCP pair with the handbook's resources: failcounts
// beside the crm_failcount calls for the same resources and nodes, check-active beside "crm resource status g_vips".
// Each turn runs every contestant once, so that a busy moment of the machine hits all alike.
//
// It needs root and what make setup build installs. The exit status is 1 if ngcp-ha is slower than what it replaces.
//
//	go run ./bench/ngcp-ha [-bin build/bin] [-turns 15] [-json]
package main

import "os"

func main() { os.Exit(command()) }
