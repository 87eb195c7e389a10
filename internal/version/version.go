// SPDX-License-Identifier: Apache-2.0

// Package version says which build this is. Version comes from the file VERSION through the linker; the commit and the
// Go version from the build information that the compiler leaves in the binary.
package version

import (
	"fmt"
	"runtime/debug"
)

// Version is the release, for example "0.1.0".
var Version = "devel"

// String is the line that --version prints.
func String() string {
	commit, dirty, goVersion := "unknown commit", "", "unknown Go"
	if info, ok := debug.ReadBuildInfo(); ok {
		goVersion = info.GoVersion
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision" && len(s.Value) >= 12:
				commit = s.Value[:12]
			case s.Key == "vcs.modified" && s.Value == "true":
				dirty = ", modified"
			}
		}
	}
	return fmt.Sprintf("%s (%s%s, %s)", Version, commit, dirty, goVersion)
}
