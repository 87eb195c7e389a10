// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/netip"
	"os"
	"sync/atomic"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/ifaddr"
	"ocf-oci/internal/ocf"
)

// stateDir holds the marks and the credentials cache.
const stateDir = "/run/ocf-oci"

// kernel is the part of rtnetlink that the actions use.
type kernel interface {
	Table(context.Context) (ifaddr.Table, error)
	Add(ifaddr.Assignment) error
	Remove(ifaddr.Address) error
	SetUp(ifaddr.Link) error
	Routes(context.Context) ([]ifaddr.Route, error)
}

// addressLabels is the address policy table (RFC 6724).
type addressLabels interface {
	SetAddressLabel(ip netip.Addr, value uint32) error
	ClearAddressLabel(ip netip.Addr, value uint32) error
}

// action is one call of the agent.
type action struct {
	*ocf.Call
	cfg    *config
	kernel kernel
	labels addressLabels
	marks  *floating.Marks
	// primaries are the primary addresses of this instance's VNICs, as far as this action has learned them.
	primaries []netip.Addr
	// adopted is set when an address was here already in the cloud's eyes.
	adopted atomic.Bool
}

// begin reads the parameters and opens the kernel and the marks. A result other than nil ends the action.
func begin(call *ocf.Call) (*action, *ocf.Result) {
	a := &action{Call: call, cfg: read(call.Request)}
	if failed := a.enterNamespace(); failed != nil {
		return nil, failed
	}
	h, err := ifaddr.Open(func(op string, err error) {
		call.Log.Log(context.Background(), ocf.LevelTrace, "netlink", "op", op, "error", err)
	})
	if err != nil {
		r := reasonOSUnknown.Result(ocf.ErrGeneric, err)
		return nil, &r
	}
	a.kernel, a.labels = h, h
	if a.marks, err = floating.Open(stateDir, call.Instance); err != nil {
		r := reasonState.Result(ocf.ErrGeneric, err)
		return nil, &r
	}
	return a, nil
}

// note writes a mark; a mark that cannot be written costs truthfulness later, so it is worth a warning, but never the
// action itself.
func (a *action) note(err error) {
	if err != nil {
		a.Log.Warn("a mark under "+stateDir+" could not be changed", "error", err)
	}
}

// unlessRoot refuses to change addresses without the right to.
func unlessRoot() *ocf.Result {
	if os.Geteuid() == 0 {
		return nil
	}
	r := reasonNotRoot.Result(ocf.ErrPerm)
	return &r
}
