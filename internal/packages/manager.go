// SPDX-License-Identifier: Apache-2.0

// Package packages installs and removes packages of the distribution: an interface, with apt behind it.
package packages

import (
	"context"
	"errors"
	"os/exec"
)

// Package is an installed package.
type Package struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Source  string `json:"source"` // of what it was built
}

// Plan is what an installation would do.
type Plan struct {
	Install []string `json:"install"`
	Upgrade []string `json:"upgrade"`
	Remove  []string `json:"remove"`
}

// Manager is the distribution's package manager. Every method that changes something first finishes what an interrupted
// one left half done.
type Manager interface {
	// Installed lists what is installed.
	Installed(ctx context.Context) ([]Package, error)
	// Simulate tells what installing packages would do, and changes nothing.
	Simulate(ctx context.Context, names ...string) (Plan, error)
	// Fetch puts what installing needs into the manager's cache.
	Fetch(ctx context.Context, names ...string) error
	// Save puts the files of installed packages, in their very versions, into a folder.
	Save(ctx context.Context, dir string, list []Package) error
	// Install installs packages by name from repository and cache, or files by their path.
	Install(ctx context.Context, what ...string) error
	// Purge removes packages with their configuration; what is not installed is no error.
	Purge(ctx context.Context, names ...string) error
}

// ErrRPM means that this is a system with rpm, for which there never was a Heartbeat 2 of NGCP.
var ErrRPM = errors.New("this system uses rpm, and there is no Heartbeat 2 on it to migrate from: take \"ngcp-ha convert\" for the configuration of a pair that ran elsewhere")

// Detect finds this system's package manager.
func Detect(environ []string) (Manager, error) {
	if _, err := exec.LookPath("apt-get"); err == nil {
		return Apt{Environ: environ}, nil
	}
	if _, err := exec.LookPath("rpm"); err == nil {
		return nil, ErrRPM
	}
	return nil, errors.New("neither apt-get nor rpm is on this system")
}
