// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"errors"
	"fmt"
	"strings"
)

// Kind sorts errors by what the caller has to do about them.
type Kind int

// The kinds. The status codes are those of Oracle's list of API errors,
// https://docs.oracle.com/iaas/Content/API/References/apierrors.htm
const (
	Unknown            Kind = iota // no *Error in the chain
	Transient                      // try again: timeout, reset, refused, DNS, 5xx but 501, 409 IncorrectState and its like, metadata service silent
	Throttled                      // 429: try again, later
	Unauthenticated                // 401, after the credentials were renewed once: key unknown, clock wrong
	Denied                         // 403, and 404 NotAuthorizedOrNotFound, which cannot be told from "gone"
	NotFound                       // no such address: an empty list, or a 404 that does not mean rights
	PreconditionFailed             // 412: the object changed since the ETag was read
	Conflict                       // 409 that waiting does not mend
	Invalid                        // 400, 501 and other refusals of the request itself
	Local                          // unusable key or configuration on this machine; see Problem
	TooLate                        // Options.Deadline refused: nothing of the request was sent
)

var kindNames = [...]string{"unknown", "transient", "throttled", "unauthenticated", "denied", "not found", "precondition failed", "conflict", "invalid", "local", "too late"}

// String gives the kind in words.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return fmt.Sprintf("kind %d", int(k))
	}
	return kindNames[k]
}

// Problem is the sub-kind of a Local error.
type Problem int

// What can be wrong with a local file.
const (
	NoProblem  Problem = iota
	Missing            // does not exist
	Unreadable         // exists, but may not be read
	Unsafe             // mode or owner let others read or change it
	Malformed          // cannot be parsed
)

var problemNames = [...]string{"", "missing", "unreadable", "unsafe", "malformed"}

// String gives the problem in words.
func (p Problem) String() string {
	if p < 0 || int(p) >= len(problemNames) {
		return fmt.Sprintf("problem %d", int(p))
	}
	return problemNames[p]
}

// Error is a failed call.
type Error struct {
	Op        string // operation of the API ("UpdatePrivateIp"), or what was being done locally
	Kind      Kind
	Problem   Problem // only for Local
	Status    int     // HTTP status; 0 if there was no answer
	Code      string  // the service's code, "NotAuthorizedOrNotFound"
	Message   string  // the service's message, or what is wrong and what to do
	RequestID string  // opc-request-id, for Oracle's support
	Ambiguous bool    // a write whose request was sent and whose outcome is not known: read back
	Err       error   // cause
}

// Error gives operation, status, code, message and request id in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	b.WriteString(": ")
	if e.Status != 0 {
		fmt.Fprintf(&b, "HTTP %d ", e.Status)
	}
	if e.Code != "" {
		fmt.Fprintf(&b, "%s: ", e.Code)
	}
	switch {
	case e.Message != "" && e.Err != nil:
		fmt.Fprintf(&b, "%s: %v", e.Message, e.Err)
	case e.Message != "":
		b.WriteString(e.Message)
	case e.Err != nil:
		b.WriteString(e.Err.Error())
	default:
		b.WriteString(e.Kind.String())
	}
	if e.Ambiguous {
		b.WriteString(" (the request may have been carried out)")
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (opc-request-id %s)", e.RequestID)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf gives the kind of the first *Error in err's chain, Unknown if there is
// none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Unknown
}

// ProblemOf gives the sub-kind of a Local error in err's chain, else NoProblem.
func ProblemOf(err error) Problem {
	var e *Error
	if errors.As(err, &e) && e.Kind == Local {
		return e.Problem
	}
	return NoProblem
}

// IsAmbiguous holds when err is a write that may have been carried out.
func IsAmbiguous(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Ambiguous
}
