// SPDX-License-Identifier: Apache-2.0

package ocf

// Result is how an action ended.
type Result struct {
	Code   Code
	Text   string  // the exit reason, one line; empty on success
	Reason *Reason // where Text comes from; nil on success
}

// ReasonNotRunning is the plain answer of a node on which the resource is not
// active.
var ReasonNotRunning = NewReason("not-running", "not running on this node", "")

// OK is success.
func OK() Result { return Result{} }

// NotRunningQuiet is exit code 7 of a node that has no reason to run the
// resource. The reason is printed as always, but it is not logged as an error.
func NotRunningQuiet() Result { return ReasonNotRunning.Result(NotRunning) }
