// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"io/fs"

	"ocf-oci/internal/ocf"
	"ocf-oci/internal/statefile"
)

// agent is the resource agent with its effects.
func agent() *ocf.Agent {
	return &ocf.Agent{Meta: model(), Handlers: map[string]ocf.Handler{
		"start":        start,
		"stop":         stop,
		"monitor":      monitor,
		"status":       monitor,
		"reload-agent": reload,
		"validate-all": validate,
	}}
}

// start remembers that the instance is started and asks for the first time. On a started instance it only asks.
func start(ctx context.Context, call *ocf.Call) ocf.Result {
	s, bad := readSettings(call.Request)
	if bad != nil {
		return bad.result(ocf.ErrConfigured)
	}
	file := statefile.File(s.stateFile)
	on, err := file.Exists()
	if err != nil {
		call.Log.Warn("state file: " + err.Error())
	}
	if !on {
		if err := file.Write(nil); err != nil {
			return reasonState.Result(stateCode(err), err)
		}
	}
	return round(ctx, call, s)
}

// stateCode: the directory is of this node, so it is never the parameter's fault everywhere.
func stateCode(err error) ocf.Code {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return ocf.ErrPerm
	case errors.Is(err, fs.ErrNotExist):
		return ocf.ErrInstalled
	}
	return ocf.ErrGeneric
}

// monitor asks the hosts if the instance is started. A probe, and a monitor of the inactive role, only look whether it
// is: they never ask and never write.
func monitor(ctx context.Context, call *ocf.Call) ocf.Result {
	onlyLook := call.Kind() != "monitor" && call.Action == "monitor"
	on, err := statefile.File(stateFile(call.Request)).Exists()
	var foreign *statefile.NotOurs
	switch {
	case errors.As(err, &foreign):
		call.Log.Warn(foreign.Error())
	case err != nil && onlyLook:
		return reasonState.Result(ocf.ErrInstalled, err)
	case err != nil:
		return reasonState.Result(ocf.ErrGeneric, err)
	}
	if !on {
		return ocf.NotRunningQuiet()
	}
	if onlyLook {
		return ocf.OK()
	}
	s, bad := readSettings(call.Request)
	if bad != nil {
		return bad.result(ocf.ErrGeneric) // 6 would stop the resource on every node
	}
	return round(ctx, call, s)
}

// stop forgets the instance and deletes the attribute. Like the original's it never fails, so that neither a parameter
// nor a file nor the attribute manager can get a node fenced.
func stop(ctx context.Context, call *ocf.Call) ocf.Result {
	if err := statefile.File(stateFile(call.Request)).Remove(); err != nil {
		call.Log.Warn(err.Error())
	}
	if err := updater(call).Delete(ctx, get(call.Request, "name"), get(call.Request, "dampen")); err != nil {
		call.Log.Warn(err.Error() + "; the attribute may keep its last value")
	}
	return ocf.OK()
}

// reload accepts changed parameters: every round reads them anew.
func reload(_ context.Context, call *ocf.Call) ocf.Result {
	if _, bad := readSettings(call.Request); bad != nil {
		return bad.result(ocf.ErrGeneric)
	}
	return ocf.OK()
}
