// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"os"
	"path/filepath"
	"strings"
)

// unitDirs are where systemd keeps units and the links between them (systemd.unit(5)).
var unitDirs = []string{"/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"}

// Linked returns the units that a target wants or requires by the links that "systemctl enable" made. It does not ask
// systemd, and so does not know what the units' files themselves say.
func Linked(target string) []string {
	var names []string
	for _, dir := range unitDirs {
		for _, kind := range []string{".wants", ".requires"} {
			entries, _ := os.ReadDir(filepath.Join(dir, target+kind)) // mostly there is none
			for _, entry := range entries {
				names = append(names, entry.Name())
			}
		}
	}
	return own(names)
}

// Group returns the control group in which a unit's processes are, empty if there is none. It does not ask systemd.
func Group(unit string) string {
	for _, root := range cgroups {
		found := ""
		_ = filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
			switch {
			case err != nil: // gone meanwhile
				return nil
			case entry.IsDir() && entry.Name() == unit:
				found = strings.TrimPrefix(path, root)
				return filepath.SkipAll
			case entry.IsDir() && strings.HasSuffix(entry.Name(), ".service"):
				return filepath.SkipDir // another unit
			}
			return nil
		})
		if found != "" {
			return found
		}
	}
	return ""
}
