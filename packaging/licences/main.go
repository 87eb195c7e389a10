// SPDX-License-Identifier: Apache-2.0

// licences prints the file debian/copyright (machine-readable form 1.0): this project, and the licence of every module
// that is linked into the programs, in full, as their licences ask for.
//
//	licences PACKAGE... >debian/copyright
package main

import "os"

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }
