// SPDX-License-Identifier: Apache-2.0

// oci-vip is the operator's tool for floating addresses that ocf:oci:IPaddr2 manages. One file a command; what touches
// the machine, the cluster or the cloud is in internal/.
package main

import "os"

func main() { os.Exit(run(os.Args, os.Environ(), os.Stdin, os.Stdout, os.Stderr)) }
