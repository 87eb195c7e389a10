// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var errLate = errors.New("budget used up")

// observed is a connection that keeps what was written to it.
type observed struct {
	net.Conn
	written []byte
	short   int // the next write takes only so many bytes, and fails
	before  func()
}

func (o *observed) Write(b []byte) (int, error) {
	if o.before != nil {
		o.before()
	}
	if o.short > 0 {
		b = b[:o.short]
		o.written = append(o.written, b...)
		return len(b), io.ErrShortWrite
	}
	o.written = append(o.written, b...)
	return len(b), nil
}

// Not a byte of a write passes after the deadline or after the call's end; and
// what did pass is known.
func TestGuardedConn(t *testing.T) {
	late := func() error { return errLate }
	for name, test := range map[string]struct {
		x       *exchange
		prepare func(*exchange)
		bytes   int
		err     error
		sent    bool
	}{
		"no request (handshake)":        {nil, nil, 3, nil, false},
		"read after the deadline":       {&exchange{deadline: late}, nil, 3, nil, false},
		"write in time":                 {&exchange{write: true}, nil, 3, nil, true},
		"write after the deadline":      {&exchange{write: true, deadline: late}, nil, 0, errLate, false},
		"write after the call's end":    {&exchange{write: true}, func(x *exchange) { x.end() }, 0, errEnded, false},
		"second part after the end":     {&exchange{write: true}, func(x *exchange) { x.endWrite(5); x.end() }, 0, errEnded, true},
		"second part after the deadine": {&exchange{write: true, deadline: late}, func(x *exchange) { x.endWrite(5) }, 0, errLate, true},
	} {
		t.Run(name, func(t *testing.T) {
			wire := &observed{}
			conn := &guardedConn{Conn: wire}
			if test.x != nil {
				conn.serve(test.x)
			}
			if test.prepare != nil {
				test.prepare(test.x)
			}
			n, err := conn.Write([]byte("PUT"))
			if n != test.bytes || len(wire.written) != test.bytes || !errors.Is(err, test.err) {
				t.Errorf("%d bytes reported, %d on the wire, error %v", n, len(wire.written), err)
			}
			if test.x != nil && test.x.end().sent != test.sent {
				t.Errorf("sent is %v", !test.sent)
			}
		})
	}
}

// A call that ends while bytes are going out must not say that none did.
func TestEndDuringWrite(t *testing.T) {
	x := &exchange{write: true}
	wire := &observed{}
	during := false
	wire.before = func() { during = x.end().sent }
	conn := &guardedConn{Conn: wire}
	conn.serve(x)
	if _, err := conn.Write([]byte("PUT")); err != nil || !during {
		t.Errorf("error %v, sent reported %v", err, during)
	}
}

// plainServer is a TCP server without TLS that keeps all bytes it gets, and
// answers each request with an address.
func plainServer(t *testing.T) (url string, received func() []byte) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	var mu sync.Mutex
	var all []byte
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answerAddress(w, otherVNIC) })}
	go s.Serve(tapListener{l, func(b []byte) { mu.Lock(); defer mu.Unlock(); all = append(all, b...) }})
	t.Cleanup(func() { s.Close() })
	return "http://" + l.Addr().String(), func() []byte { mu.Lock(); defer mu.Unlock(); return append([]byte(nil), all...) }
}

type tapListener struct {
	net.Listener
	tap func([]byte)
}

func (l tapListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return tapConn{conn, l.tap}, err
}

type tapConn struct {
	net.Conn
	tap func([]byte)
}

func (c tapConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.tap(b[:n])
	return n, err
}

// The deadline is asked more than once on the way of a write. Wherever it
// passes, the server sees nothing of the request.
func TestDeadlineStopsWrite(t *testing.T) {
	c := newCloud(t)
	dir := stateDir(t)
	opt := c.options(dir)
	if _, err := c.client(opt).Address(within(t, 5*time.Second), testPrivateIP); err != nil { // credentials
		t.Fatal(err)
	}
	var received func() []byte
	opt.Endpoint, received = plainServer(t)
	for allowed := range int32(2) {
		var asked atomic.Int32
		opt.Deadline = func() error {
			if asked.Add(1) > allowed {
				return errLate
			}
			return nil
		}
		client := c.client(opt)
		for name, write := range map[string]func(context.Context) error{
			"Move": func(ctx context.Context) error {
				_, err := client.Move(ctx, Address{ID: testPrivateIP}, otherVNIC, "")
				return err
			},
			"Create": func(ctx context.Context) error {
				_, err := client.Create(ctx, otherVNIC, netip.MustParseAddr("10.0.0.100"), "token")
				return err
			},
			"Detach": func(ctx context.Context) error { return client.Detach(ctx, testPrivateIP, "") },
		} {
			asked.Store(0)
			err := write(within(t, 3*time.Second))
			if KindOf(err) != TooLate || IsAmbiguous(err) || !errors.Is(err, errLate) {
				t.Errorf("%s, allowed %d times: %v", name, allowed, err)
			}
			if got := received(); len(got) != 0 {
				t.Errorf("%s, allowed %d times: the server got %q", name, allowed, got)
			}
		}
	}
	// Reads are not guarded, and a connection that carried one is guarded for
	// the write that follows on it.
	opt.Deadline = func() error { return errLate }
	client := c.client(opt)
	if _, err := client.Address(within(t, 3*time.Second), testPrivateIP); err != nil {
		t.Fatal(err)
	}
	before := len(received())
	var asked atomic.Int32
	client.opt.Deadline = func() error {
		if asked.Add(1) > 1 {
			return errLate
		}
		return nil
	}
	if _, err := client.Move(within(t, 3*time.Second), Address{ID: testPrivateIP}, otherVNIC, ""); KindOf(err) != TooLate {
		t.Errorf("write on a used connection: %v", err)
	}
	if after := len(received()); before == 0 || after != before {
		t.Errorf("the server got %d bytes of a write that was too late", after-before)
	}
}

// Retry does not repeat what is too late.
func TestTooLateIsFinal(t *testing.T) {
	n := 0
	err := Retry(context.Background(), nil, func(context.Context) error { n++; return &Error{Op: "x", Kind: TooLate, Err: errLate} })
	if n != 1 || KindOf(err) != TooLate {
		t.Errorf("%d tries, %v", n, err)
	}
}
