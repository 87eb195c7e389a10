// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/core"
)

// access says whether a call may change something in the cloud.
type access bool

const (
	reads  access = false
	writes access = true
)

// call runs one operation of the SDK inside ctx. A 401 is answered by new
// credentials, once: they may have been revoked, or renewed by another process.
func call[T any](ctx context.Context, c *Client, op string, mode access, send func(context.Context, core.VirtualNetworkClient) (T, error)) (T, error) {
	value, err := callOnce(ctx, c, op, mode, send)
	var failed *unauthorized
	if err == nil || !errors.As(err, &failed) {
		return value, err
	}
	if !c.credentials.drop(ctx, failed.keyID) {
		return value, failed.Err
	}
	value, err = callOnce(ctx, c, op, mode, send)
	if errors.As(err, &failed) {
		err = failed.Err
	}
	return value, err
}

// unauthorized is a 401 with the key it was signed with.
type unauthorized struct {
	Err   error
	keyID string
}

func (u *unauthorized) Error() string { return u.Err.Error() }
func (u *unauthorized) Unwrap() error { return u.Err }

func callOnce[T any](ctx context.Context, c *Client, op string, mode access, send func(context.Context, core.VirtualNetworkClient) (T, error)) (T, error) {
	var none T
	endpoint, err := c.endpoint(ctx)
	if err != nil {
		return none, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.opt.Timeout)
	defer cancel()
	x := &exchange{ctx: ctx, write: mode == writes, deadline: c.opt.Deadline}
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		// The SDK must not see the context end: its Retry then returns a
		// response that another goroutine is writing at that moment (a data
		// race, which can crash the process). Everything that takes time is
		// ours, and gets the context from the exchange.
		value, err := send(x.with(context.WithoutCancel(ctx)), c.service(endpoint))
		done <- result{value, err}
	}()
	var got result
	select {
	case got = <-done:
	case <-ctx.Done():
		// Whoever was waiting says a moment later what for.
		select {
		case got = <-done:
		case <-time.After(explainTime):
			got.err = ctx.Err()
		}
	}
	out := x.end()
	if got.err == nil {
		return got.value, nil
	}
	failed := classify(op, got.err, out)
	if failed.Kind == Unauthenticated && out.status == http.StatusUnauthorized {
		return none, &unauthorized{Err: failed, keyID: out.keyID}
	}
	return none, failed
}

// explainTime is what a call may take longer than its context.
const explainTime = 50 * time.Millisecond

// service is the SDK's client for one call. It is put together from its parts
// because the SDK's constructor asks for a token at once, without a context,
// reads files below HOME, and adds a circuit breaker. The zero Configuration
// means one request per call.
func (c *Client) service(endpoint string) core.VirtualNetworkClient {
	return core.VirtualNetworkClient{BaseClient: common.BaseClient{
		HTTPClient: c.dispatcher,
		Signer:     signer{c.credentials},
		Host:       endpoint,
		UserAgent:  userAgent,
		BasePath:   "20160918", // version of the Core Services API
	}}
}

// classify sorts a failed call.
func classify(op string, err error, out outcome) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known // from our own signer: no credentials, so nothing was sent
	}
	e := &Error{Op: op, Err: err, Status: out.status, RequestID: out.header.Get("opc-request-id")}
	if out.tooLate != nil && !out.sent {
		e.Kind, e.Message, e.Err = TooLate, "the deadline passed before the request was sent; nothing was changed", out.tooLate
		return e
	}
	if failure, ok := common.IsServiceError(err); ok {
		e.Status, e.Code, e.Message, e.RequestID = failure.GetHTTPStatusCode(), failure.GetCode(), oneLine(failure.GetMessage()), failure.GetOpcRequestID()
		e.Kind, e.Err = kindOfStatus(e.Status, e.Code), nil
		e.Ambiguous = out.sent && e.Kind == Transient && e.Status >= 500
		if e.Kind == Unauthenticated {
			e.Message += clockHint(out.header)
		}
		return e
	}
	// No answer, half an answer, or one that makes no sense: the service may
	// or may not have done it.
	e.Kind, e.Ambiguous = Transient, out.sent
	return e
}

// kindOfStatus follows Oracle's list of API errors.
func kindOfStatus(status int, code string) Kind {
	switch {
	case status == http.StatusUnauthorized:
		return Unauthenticated
	case status == http.StatusForbidden:
		return Denied
	case status == http.StatusNotFound:
		if code == "NotFound" {
			return NotFound
		}
		return Denied
	case status == http.StatusConflict:
		switch code {
		case "IncorrectState", "ExternalServerIncorrectState", "LockConflict":
			return Transient
		}
		return Conflict
	case status == http.StatusPreconditionFailed:
		return PreconditionFailed
	case status == http.StatusTooManyRequests:
		return Throttled
	case status == http.StatusRequestTimeout:
		return Transient
	case status == http.StatusBadRequest && code == "RelatedResourceNotAuthorizedOrNotFound":
		return Denied
	case status >= 500 && status != http.StatusNotImplemented:
		return Transient
	}
	return Invalid
}

// clockHint explains the commonest reason for a 401 that no new key mends.
func clockHint(header http.Header) string {
	there, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return ""
	}
	skew := time.Since(there).Round(time.Second)
	if skew.Abs() < time.Minute {
		return ""
	}
	word := "ahead of"
	if skew < 0 {
		word = "behind"
	}
	return fmt.Sprintf(" (this machine's clock is %s %s the service's: check time synchronisation)", skew.Abs(), word)
}

// oneLine keeps a message from breaking the one-line exit reason.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 300 {
		s = s[:300] + "..."
	}
	return s
}
