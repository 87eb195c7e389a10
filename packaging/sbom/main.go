// SPDX-License-Identifier: Apache-2.0

// sbom prints what Go programs are made of, as a CycloneDX 1.5 document, from the build information that the compiler
// has left in them: what is written is what was linked.
//
//	sbom NAME VERSION PROGRAM... >ocf-oci.cdx.json
package main

import "os"

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }
