// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"ocf-oci/internal/ocf"

	"golang.org/x/sys/unix"
)

// namespaces is where `ip netns` keeps its network namespaces.
const namespaces = "/run/netns"

// enterNamespace goes on with the action inside the network namespace that network_namespace names: by executing this
// program again, so that every thread is inside. It returns only where there is none to enter.
func (a *action) enterNamespace() *ocf.Result {
	name := a.cfg.options.namespace
	if name == "" || strings.Contains(name, "/") {
		return nil
	}
	file, err := os.Open(filepath.Join(namespaces, name))
	if err != nil {
		return result(noNamespace(a.Kind(), name, err))
	}
	runtime.LockOSThread() // the namespace belongs to the thread, and execve keeps that of the thread that calls it
	if err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
		return result(noNamespace(a.Kind(), name, err))
	}
	self, err := os.Executable()
	if err != nil {
		return result(reasonNamespace.Result(ocf.ErrGeneric, name, err))
	}
	var env []string
	for key, value := range a.Env {
		if key != "OCF_RESKEY_network_namespace" {
			env = append(env, key+"="+value)
		}
	}
	err = unix.Exec(self, os.Args, append(env, "OCF_RESKEY_network_namespace="))
	return result(reasonNamespace.Result(ocf.ErrGeneric, name, err))
}

// noNamespace: in a namespace that does not exist there is no address, which is what stop wants, and what a probe and a
// monitor have to tell. Any other failure leaves it open.
func noNamespace(kind, name string, err error) ocf.Result {
	absent := errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.EINVAL) // EINVAL: a file that is no namespace any more
	switch {
	case kind == "stop" && absent:
		return ocf.OK()
	case (kind == ocf.Probe || kind == "monitor" || kind == "status" || kind == ocf.StoppedMonitor) && absent:
		return reasonNamespace.Result(ocf.NotRunning, name, err)
	case kind == "start", kind == "migrate_from", kind == "validate-all", kind == ocf.Probe:
		return reasonNamespace.Result(ocf.ErrInstalled, name, err)
	}
	return reasonNamespace.Result(ocf.ErrGeneric, name, err)
}
