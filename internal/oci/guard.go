// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// exchange is what is known about one request that the SDK sends for us: it
// travels in the request's context, because the SDK's generated methods have no
// other way through.
type exchange struct {
	ctx      context.Context // of the call; see callOnce
	write    bool            // carries a change (not every POST does)
	deadline func() error    // Options.Deadline

	mu      sync.Mutex
	ended   bool  // the caller has its answer: not a byte may follow
	sent    bool  // bytes of a write were handed to the kernel
	sending bool  // ... or are being handed to it
	tooLate error // why the deadline refused

	keyID  string // what the request was signed with
	header http.Header
	status int
}

type exchangeKey struct{}

// with makes the context that carries an exchange to the signer, the dispatcher
// and the connection.
func (x *exchange) with(ctx context.Context) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}

// exchangeOf gives the exchange of a request.
func exchangeOf(r *http.Request) *exchange {
	if x, ok := r.Context().Value(exchangeKey{}).(*exchange); ok {
		return x
	}
	return &exchange{ctx: r.Context()}
}

// errEnded is given to a goroutine of the SDK that is still writing when the
// caller has already been told that the call failed.
var errEnded = errors.New("the call has ended")

// mayWrite tells whether bytes of this request may go out now.
func (x *exchange) mayWrite() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.mayWriteLocked()
}

func (x *exchange) mayWriteLocked() error {
	if !x.write {
		return nil
	}
	if x.ended {
		return errEnded
	}
	if x.deadline != nil {
		if err := x.deadline(); err != nil {
			x.tooLate = err
			return fmt.Errorf("too late to write: %w", err)
		}
	}
	return nil
}

// beginWrite is mayWrite that makes an end() from now on say "sent".
func (x *exchange) beginWrite() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.mayWriteLocked(); err != nil {
		return err
	}
	x.sending = true
	return nil
}

func (x *exchange) endWrite(n int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.sending = false
	x.sent = x.sent || n > 0
}

func (x *exchange) signedWith(keyID string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.keyID = keyID
}

func (x *exchange) answered(resp *http.Response) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.header, x.status = resp.Header, resp.StatusCode
}

// outcome of an exchange, for the error.
type outcome struct {
	sent    bool
	tooLate error
	keyID   string
	header  http.Header // nil without a complete answer
	status  int
}

// end closes the exchange: from here on no byte of a write goes out, whatever
// goroutines are still on their way.
func (x *exchange) end() outcome {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.ended = true
	return outcome{sent: x.sent || x.sending, tooLate: x.tooLate, keyID: x.keyID, header: x.header, status: x.status}
}

// guardedConn sits between TLS and TCP and lets a write request's bytes pass
// only while its deadline allows it. A process that was stopped (SIGSTOP, a
// paused virtual machine) after it had decided to write, and is continued when
// another node has taken over, so sends nothing.
//
// What remains: a stop between the check and the end of the write(2) that
// follows it, a few microseconds; and what the kernel had already taken when
// the stop came. The latter is bounded by TCP_USER_TIMEOUT and, when the call
// is given up or the process dies, dropped by the reset that SO_LINGER 0
// causes. if-match closes both where an ETag is known.
type guardedConn struct {
	net.Conn
	mu  sync.Mutex
	now *exchange // the request this connection carries
}

// guardOf finds the guard below TLS (one layer, or two behind an HTTPS proxy).
func guardOf(conn net.Conn) *guardedConn {
	for {
		switch c := conn.(type) {
		case *guardedConn:
			return c
		case interface{ NetConn() net.Conn }:
			conn = c.NetConn()
		default:
			return nil
		}
	}
}

// serve makes x the request whose bytes follow. For a write the kernel is told
// to give up with the call's context, and to reset instead of closing politely:
// both discard what it has not got through. The options fail only on a closed
// connection, which the next Write reports.
func (c *guardedConn) serve(x *exchange) {
	c.mu.Lock()
	c.now = x
	c.mu.Unlock()
	tcp, ok := c.Conn.(*net.TCPConn)
	if !ok {
		return
	}
	linger := -1
	if x.write {
		linger = 0
		if raw, err := tcp.SyscallConn(); err == nil {
			if until, ok := x.ctx.Deadline(); ok {
				_ = setUserTimeout(raw, max(time.Until(until), time.Millisecond))
			}
		}
	}
	_ = tcp.SetLinger(linger)
}

// Write checks the deadline and passes the bytes on.
func (c *guardedConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	x := c.now
	c.mu.Unlock()
	if x == nil || !x.write {
		return c.Conn.Write(b)
	}
	if err := x.beginWrite(); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(b)
	x.endWrite(n)
	return n, err
}
