// SPDX-License-Identifier: Apache-2.0

// ngcp-ha sees, hands over and clears an NGCP pair under pacemaker, without crmsh or pcs. One file a command; decisions
// and what touches the cluster are in internal/.
package main

import "os"

func main() { os.Exit(run(os.Args, os.Environ(), os.Stdin, os.Stdout, os.Stderr)) }
