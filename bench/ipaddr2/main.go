// SPDX-License-Identifier: Apache-2.0

// ipaddr2 measures ocf:oci:IPaddr2 side by side with the installed ocf:heartbeat:IPaddr2 in one run, on a node of a lab:
// every turn measures each of them once, so that a busy moment of the machine hits all alike. The original knows no
// cloud; what it costs to start there is shown beside ours, which moves the address in the VCN as well.
//
// It needs root and "make build". The exit status is 1 if a target is missed.
//
//	go run ./bench/ipaddr2 [-bin build/bin] [-turns 30] [-json]
package main

import "os"

func main() { os.Exit(command()) }
