// SPDX-License-Identifier: Apache-2.0

// Command ocf-lab runs a pacemaker cluster in a simulated cloud region on one machine.
package main

import "os"

func main() { os.Exit(run(os.Args, os.Stdin, os.Stdout, os.Stderr)) }
