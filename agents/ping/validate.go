// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"ocf-oci/internal/icmp"
	"ocf-oci/internal/ocf"
	"ocf-oci/internal/pacemaker/attrd"
)

// levelMachine is the check level (OCF 1.1) from which validate-all looks at this machine.
const levelMachine = 10

// validate checks the parameters, and from level 10 on whether this node has what the agent needs. It sends nothing
// to any host.
func validate(ctx context.Context, call *ocf.Call) ocf.Result {
	s, bad := readSettings(call.Request)
	if bad != nil {
		return bad.result(ocf.ErrConfigured)
	}
	for _, note := range s.notes {
		call.Log.Warn(note)
	}
	if call.CheckLevel < levelMachine {
		return ocf.OK()
	}
	dir := filepath.Dir(s.stateFile)
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return reasonState.Result(ocf.ErrArgs, &os.PathError{Op: "writing to", Path: dir, Err: err})
	}
	if err := updater(call).Installed(ctx); errors.Is(err, attrd.ErrMissing) {
		return reasonNoUpdater.Result(ocf.ErrInstalled)
	}
	if err := icmp.Available(); err != nil {
		return reasonSocket.Result(ocf.ErrInstalled, err)
	}
	return ocf.OK()
}
