// SPDX-License-Identifier: Apache-2.0

// ping measures a monitor round of ocf:oci:ping side by side with the installed ocf:pacemaker:ping, with fping and
// with ping, in one run: every turn measures each of them once, so that a busy moment of the machine hits all alike.
//
// It needs root, pacemaker's agents and fping. Everything runs in network and mount namespaces of its own, against a
// peer behind a veth link, with true(1) in the place of attrd_updater(8). The exit status is 1 if a target is missed.
//
//	go run ./bench/ping [-agent build/bin/ping] [-turns 15] [-limit 40s] [-json]
package main

import "os"

func main() { os.Exit(command()) }
