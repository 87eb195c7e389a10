// SPDX-License-Identifier: Apache-2.0

// count reads the output of "go test -json" and tells people what happened: a line for each package, the whole output of
// what failed, and how many tests passed, failed and were skipped. A class of tests in which nothing passed is a failure.
//
//	go test -json ./internal/... | count internal
package main

import "os"

func main() { os.Exit(command()) }
