// SPDX-License-Identifier: Apache-2.0

package vcn

import "fmt"

// Refusal is the service's answer to a request it does not carry out: the HTTP
// status, and code and message of the error body.
// https://docs.oracle.com/iaas/Content/API/References/apierrors.htm
type Refusal struct {
	Status  int
	Code    string
	Message string
}

// Error returns status, code and message.
func (r *Refusal) Error() string { return fmt.Sprintf("%d %s: %s", r.Status, r.Code, r.Message) }

func refuse(status int, code, format string, args ...any) *Refusal {
	return &Refusal{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// NotFound is the answer for what does not exist and for what the caller may not see.
func NotFound(what string) *Refusal {
	return refuse(404, "NotAuthorizedOrNotFound", "Authorization failed or requested resource not found: %s.", what)
}

// Invalid is the answer to a parameter that can never be right.
func Invalid(format string, args ...any) *Refusal {
	return refuse(400, "InvalidParameter", format, args...)
}

// override gives a refusal the status and code a lab chose for it.
func (r *Refusal) override(by *Refusal) *Refusal {
	if by == nil {
		return r
	}
	return &Refusal{Status: by.Status, Code: by.Code, Message: r.Message}
}

// CheckETag is the if-match rule: empty or "*" always matches.
func CheckETag(ifMatch, etag string) error {
	if ifMatch == "" || ifMatch == "*" || ifMatch == etag {
		return nil
	}
	return refuse(412, "NoEtagMatch", "The if-match value %s does not match the current etag of the resource.", ifMatch)
}
