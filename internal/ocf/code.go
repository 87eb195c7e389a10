// SPDX-License-Identifier: Apache-2.0

// Package ocf is what every resource agent of this project shares: the request
// that the cluster makes through the environment, exit codes and their reasons,
// logging as ocf_log does it, the time budget of an action, tracing, and the
// dispatcher that ties them together.
//
// It follows the OCF resource agent API 1.1 and, where that is silent, the
// behaviour of pacemaker's executor and of resource-agents' shell library.
package ocf

import "strconv"

// Code is an OCF exit code.
type Code int

// The exit codes of the OCF resource agent API 1.1. What pacemaker does with
// each depends on the action; see the table in allowed.go.
const (
	Success          Code = 0
	ErrGeneric       Code = 1
	ErrArgs          Code = 2
	ErrUnimplemented Code = 3
	ErrPerm          Code = 4
	ErrInstalled     Code = 5
	ErrConfigured    Code = 6
	NotRunning       Code = 7
	RunningPromoted  Code = 8
	FailedPromoted   Code = 9
	Degraded         Code = 190
	DegradedPromoted Code = 191
)

// String returns the name that the standard gives the code.
func (c Code) String() string {
	switch c {
	case Success:
		return "OCF_SUCCESS"
	case ErrGeneric:
		return "OCF_ERR_GENERIC"
	case ErrArgs:
		return "OCF_ERR_ARGS"
	case ErrUnimplemented:
		return "OCF_ERR_UNIMPLEMENTED"
	case ErrPerm:
		return "OCF_ERR_PERM"
	case ErrInstalled:
		return "OCF_ERR_INSTALLED"
	case ErrConfigured:
		return "OCF_ERR_CONFIGURED"
	case NotRunning:
		return "OCF_NOT_RUNNING"
	case RunningPromoted:
		return "OCF_RUNNING_PROMOTED"
	case FailedPromoted:
		return "OCF_FAILED_PROMOTED"
	case Degraded:
		return "OCF_DEGRADED"
	case DegradedPromoted:
		return "OCF_DEGRADED_PROMOTED"
	default:
		return "exit code " + strconv.Itoa(int(c))
	}
}
