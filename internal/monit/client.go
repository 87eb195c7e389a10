// SPDX-License-Identifier: Apache-2.0

package monit

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
)

// Access is how the daemon is reached.
type Access struct {
	Socket         string // path of the unix socket; comes before URL
	URL            string // "http://127.0.0.1:2812"
	User, Password string // empty: none
	Certificates   string // file with the certificate that a https URL must show
}

// String names the way without its secrets.
func (a Access) String() string {
	if a.Socket != "" {
		return a.Socket
	}
	return a.URL
}

// Kind is why the daemon could not be asked.
type Kind int

// The kinds of failure.
const (
	Down    Kind = iota // nobody listens, the socket is missing
	Hung                // it listens and does not answer in time
	Refused             // 401 or 403: it lives and will not obey
	Unknown             // 400 or 404: it does not know a service or the request
	Garbled             // an answer that cannot be read
	Broken              // 5xx and everything else
)

// Error is why the daemon could not be asked.
type Error struct {
	Op   string // "asking monit for its status"
	Kind Kind
	Code int // HTTP status code, if there was one
	Err  error
}

func (e *Error) Error() string { return e.Op + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of an error of this package; Broken for any other.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Broken
}

// answerLimit bounds what is read of an answer; a thousand services are about a megabyte.
const answerLimit = 64 << 20

// Client talks to one daemon.
type Client struct {
	access Access
	http   *http.Client
	base   string
}

// NewClient returns a client. It opens no connection; it fails if the access makes no sense.
func NewClient(a Access) (*Client, error) {
	t := &http.Transport{DisableKeepAlives: true, DisableCompression: true} // no proxy
	c := &Client{access: a, http: &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // the answer to an action is a redirect to a page for people
	}}}
	if a.Socket != "" {
		c.base = "http://localhost"
		t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", a.Socket)
		}
		return c, nil
	}
	u, err := url.Parse(a.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("monit's address %q is no URL such as http://127.0.0.1:2812", a.URL)
	}
	if u.User != nil {
		return nil, errors.New("monit's address holds a password; leave it in monit's control file, it is read from there")
	}
	c.base = u.Scheme + "://" + u.Host
	if u.Scheme == "https" {
		t.TLSClientConfig = pinned(a.Certificates)
	}
	return c, nil
}

// pinned accepts exactly the certificates in the daemon's own file: they are mostly self-signed, for any name.
func pinned(file string) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, // replaced by the comparison below
		VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) error {
			text, err := os.ReadFile(file)
			if err != nil {
				return fmt.Errorf("comparing monit's certificate: %w", err)
			}
			for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
				if block.Type == "CERTIFICATE" && len(raw) > 0 && string(block.Bytes) == string(raw[0]) {
					return nil
				}
			}
			return fmt.Errorf("monit's certificate is not the one in %s", file)
		},
	}
}

// Status asks for all services and groups. Errors are *Error.
func (c *Client) Status(ctx context.Context) (Status, error) {
	op := "asking monit at " + c.access.String() + " for its status"
	text, err := c.roundTrip(ctx, op, http.MethodGet, "/_status2?format=xml&level=full", "")
	if err != nil {
		return Status{}, err
	}
	s, err := decode(text)
	if err != nil {
		return Status{}, &Error{op, Garbled, http.StatusOK, err}
	}
	return s, nil
}

// Do has the daemon queue an action for services. It is done later; see the package comment. If one of the services is
// unknown, none of them gets the action. Errors are *Error; after Hung the action may have been queued, or will be when
// the daemon goes on.
func (c *Client) Do(ctx context.Context, action Action, services ...string) error {
	form := url.Values{"format": {"text"}, "action": {action.String()}, "service": services}
	op := fmt.Sprintf("asking monit at %s to %s %s", c.access, action, strings.Join(services, ", "))
	_, err := c.roundTrip(ctx, op, http.MethodPost, "/_doaction", form.Encode())
	return err
}

// roundTrip sends a request. A POST carries the same token in its cookie and in its body, which is all that monit's
// protection against forged requests asks for (double submit).
func (c *Client) roundTrip(ctx context.Context, op, method, path, form string) ([]byte, error) {
	fail := func(err error) ([]byte, error) { return nil, &Error{Op: op, Kind: transportKind(err), Err: plain(err)} }
	token := newToken()
	if method == http.MethodPost {
		form = "securitytoken=" + token + "&" + form
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, strings.NewReader(form))
	if err != nil {
		return fail(err)
	}
	if c.access.User != "" {
		r.SetBasicAuth(c.access.User, c.access.Password)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.AddCookie(&http.Cookie{Name: "securitytoken", Value: token})
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return fail(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, answerLimit))
	code := answer.StatusCode
	said := fmt.Errorf("it answered %s", answer.Status)
	switch {
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return nil, &Error{op, Refused, code, said}
	case code == http.StatusBadRequest || code == http.StatusNotFound:
		return nil, &Error{op, Unknown, code, said}
	case code >= 500 || code >= 300 && method == http.MethodGet:
		return nil, &Error{op, Broken, code, said}
	case err != nil && transportKind(err) == Hung:
		return fail(err)
	case err != nil:
		return nil, &Error{op, Garbled, code, fmt.Errorf("its answer was cut short: %w", err)}
	}
	return text, nil
}

// transportKind tells a daemon that is not there from one that does not answer.
func transportKind(err error) Kind {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTSOCK):
		return Down
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.As(err, &timeout) && timeout.Timeout():
		return Hung
	case errors.Is(err, fs.ErrPermission):
		return Refused
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return Garbled
	}
	return Broken
}

// plain takes away what net/http says about the request, which the operation says already.
func plain(err error) error {
	var outer *url.Error
	if errors.As(err, &outer) {
		return outer.Err
	}
	return err
}

func newToken() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return hex.EncodeToString(b[:])
}
