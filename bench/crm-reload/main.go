// SPDX-License-Identifier: Apache-2.0

// crm-reload measures how long "ngcp-ha crm-reload" and the installed crmsh ("crm -F configure load replace") need to
// load a file of 500 resources, side by side: every turn measures each of them once, so that a busy moment of the machine
// hits both. Both load into a CIB file without a running cluster, so that pacemaker's own work is not counted; crm-reload
// also verifies, foresees what pacemaker would do, and looks twice whether it has settled.
//
//	go run ./bench/crm-reload [-tool build/bin/ngcp-ha] [-resources 500] [-turns 5] [-json]
package main

import "os"

func main() { os.Exit(command()) }
