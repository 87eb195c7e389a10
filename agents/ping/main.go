// SPDX-License-Identifier: Apache-2.0

// ping is the OCF resource agent ocf:oci:ping: how many hosts this node can reach, as a node attribute. It is a
// drop-in for ocf:pacemaker:ping.
//
// What each action does stands in actions.go; what a round of asking means for the score in score.go, which touches
// nothing.
package main

import (
	"os"

	"ocf-oci/internal/ocf"
)

func main() { os.Exit(ocf.Main(agent(), os.Args[1:], os.Environ(), os.Stdout, os.Stderr)) }
