// SPDX-License-Identifier: Apache-2.0

// IPaddr2 is the OCF resource agent ocf:oci:IPaddr2: a floating address, in the operating system and in the VCN.
//
// One file an action: start.go, stop.go, monitor.go, migrate.go, validate.go. What is decided there comes from
// judge.go (what is true) and takeover.go (what to do about it in the cloud), which touch nothing.
package main

import (
	"os"

	"ocf-oci/internal/ocf"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == announcerArg {
		os.Exit(runAnnouncer(os.Args[2]))
	}
	os.Exit(ocf.Main(agent(), os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}
