// SPDX-License-Identifier: Apache-2.0

// Package version says which build this is. Version comes from the file VERSION and Commit from git, both through the
// linker (see the Makefile); the Go version from the build information that the compiler leaves in the binary.
package version

import (
	"fmt"
	"runtime/debug"
)

// Version is the release, for example "0.1.0".
var Version = "devel"

// Commit is what was built, for example "8aa506b0c0ff"; "+modified" stands behind it if the tree was not clean.
var Commit = "unknown commit"

// String is what --version prints behind the program's name.
func String() string {
	goVersion := "unknown Go"
	if info, ok := debug.ReadBuildInfo(); ok {
		goVersion = info.GoVersion
	}
	return fmt.Sprintf("%s (%s, %s)", Version, Commit, goVersion)
}
