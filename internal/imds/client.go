// SPDX-License-Identifier: Apache-2.0

package imds

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

const (
	// DefaultBaseURL is where every OCI instance finds its metadata.
	DefaultBaseURL = "http://169.254.169.254/opc/v2"
	// DefaultTimeout bounds one try. The service answers in a few milliseconds
	// or not at all.
	DefaultTimeout = time.Second

	maxBody      = 1 << 20
	firstBackoff = 50 * time.Millisecond
	maxBackoff   = time.Second
	levelTrace   = slog.Level(-8) // ocf.LevelTrace
)

// Options configures a Client. The zero value is right for a program that runs
// on an OCI instance and has no floating address configured.
type Options struct {
	BaseURL string        // default DefaultBaseURL; a trailing slash is ignored
	Source  netip.Addr    // local address to bind, normally the primary address of the VNIC; invalid: the kernel chooses
	Timeout time.Duration // for one try, connection included; default DefaultTimeout
	Log     *slog.Logger  // every request is traced at level -8; nil: no log
}

// Client asks the instance metadata service. It is safe for concurrent use.
type Client struct {
	base    string
	timeout time.Duration
	http    *http.Client
	log     *slog.Logger
}

// New makes a client. Nothing is sent.
func New(opt Options) *Client {
	base := strings.TrimRight(opt.BaseURL, "/")
	if base == "" {
		base = DefaultBaseURL
	}
	timeout := opt.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	log := opt.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	dialer := &net.Dialer{Timeout: timeout}
	if opt.Source.IsValid() {
		dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(opt.Source, 0))
	}
	return &Client{base: base, timeout: timeout, log: log, http: &http.Client{
		// Proxy stays nil: a proxy would answer with its own metadata, or with
		// somebody else's.
		Transport: &http.Transport{
			DialContext:         dialer.DialContext,
			MaxIdleConnsPerHost: 4,
			IdleConnTimeout:     5 * time.Second,
			DisableCompression:  true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Error is a metadata request that brought no usable answer within its context.
type Error struct {
	URL    string
	Status int   // last HTTP status, 0 if there was no answer
	Tries  int   // requests sent
	Err    error // last transport, context or decoding error; nil when Status tells it all
}

// Error says what was asked, how often, and what came back.
func (e *Error) Error() string {
	what := fmt.Sprintf("HTTP status %d", e.Status)
	if e.Err != nil {
		what = e.Err.Error()
	}
	return fmt.Sprintf("instance metadata %s: %s (%d tries)", e.URL, what, e.Tries)
}

// Unwrap gives the last error, so that errors.Is sees context and system errors.
func (e *Error) Unwrap() error { return e.Err }

// Get reads one metadata path, such as "identity/cert.pem", as it is. It
// retries 404, 5xx, 429, timeouts and connection errors until ctx ends, and
// returns an *Error then; other statuses end it at once.
func (c *Client) Get(ctx context.Context, path string) ([]byte, error) {
	return c.get(ctx, path, 0)
}

// get is Get that gives up on a 404 after max404 of them (0: never).
func (c *Client) get(ctx context.Context, path string, max404 int) ([]byte, error) {
	failed := &Error{URL: c.base + "/" + path}
	backoff := firstBackoff
	for seen404 := 0; ; {
		body, status, err := c.try(ctx, failed.URL)
		failed.Tries++
		if err == nil && status == http.StatusOK {
			return body, nil
		}
		// A context that ends during a retry says nothing about the service:
		// keep what the service did before.
		if ctx.Err() == nil || failed.Tries == 1 {
			failed.Status, failed.Err = status, err
		}
		if status == http.StatusNotFound {
			if seen404++; seen404 == max404 {
				return nil, failed
			}
		}
		if !retryable(status) || !sleep(ctx, backoff) {
			if failed.Err == nil && ctx.Err() != nil {
				failed.Err = fmt.Errorf("HTTP status %d until %w", failed.Status, context.Cause(ctx))
			}
			return nil, failed
		}
		backoff = min(2*backoff, maxBackoff)
	}
}

// retryable holds for answers that a service which is still coming up gives;
// status 0 is no answer at all.
func retryable(status int) bool {
	return status == 0 || status == http.StatusOK || status == http.StatusNotFound || status == http.StatusTooManyRequests || status >= 500
}

// try sends one request. The status is 200 with an error when the body was cut.
func (c *Client) try(ctx context.Context, target string) (body []byte, status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	start := time.Now()
	defer func() {
		c.log.Log(ctx, levelTrace, "instance metadata request", "url", target, "status", status, "ms", time.Since(start).Milliseconds(), "error", err)
	}()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Authorization", "Bearer Oracle") // required by version 2
	resp, err := c.http.Do(req)
	if err != nil {
		var outer *url.Error
		if errors.As(err, &outer) {
			err = outer.Err // Error names the URL already
		}
		return nil, 0, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody))
	return body, resp.StatusCode, err
}

// sleep waits about d, with jitter so that many agents do not ask in step, and
// reports false when ctx ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d/2 + rand.N(d/2))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
