// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	dialTimeout = 2 * time.Second
	tlsTimeout  = 5 * time.Second
	maxAnswer   = 4 << 20
	levelTrace  = slog.Level(-8) // ocf.LevelTrace
)

// dispatcher sends the SDK's requests (common.HTTPRequestDispatcher) and hands
// back answers that are complete: the body has been read when Do returns, so a
// cut or slow body is an error of the request and not of a decoder.
type dispatcher struct {
	http *http.Client
	log  *slog.Logger
}

// newDispatcher makes an HTTP client whose connections start at source.
//
// It speaks HTTP/1.1 only: there a connection carries one request at a time, so
// the guard of a write (guardedConn) guards exactly that write. TLS roots are
// the system's, as Go finds them (SSL_CERT_FILE, SSL_CERT_DIR). A proxy from
// the environment is used.
func newDispatcher(source netip.Addr, unanswered time.Duration, log *slog.Logger) *dispatcher {
	dialer := boundDialer{source: source, unanswered: unanswered}
	return &dispatcher{log: log, http: &http.Client{
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         dialer.dial,
			TLSHandshakeTimeout: tlsTimeout,
			TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
			TLSNextProto:        map[string]func(string, *tls.Conn) http.RoundTripper{},
			MaxIdleConnsPerHost: 16,
			IdleConnTimeout:     30 * time.Second,
			DisableCompression:  true,
		},
		// A redirected request would carry a signature made for another host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Do sends one request. A write's deadline is checked here first, which costs
// no connection, and then again by the connection.
func (d *dispatcher) Do(req *http.Request) (*http.Response, error) {
	start := time.Now()
	x := exchangeOf(req)
	resp, err := d.do(req, x)
	attrs := []slog.Attr{slog.String("method", req.Method), slog.String("host", req.URL.Host), slog.String("path", req.URL.RequestURI())}
	if resp != nil {
		attrs = append(attrs, slog.Int("status", resp.StatusCode), slog.String("request_id", resp.Header.Get("opc-request-id")))
	}
	attrs = append(attrs, slog.Int64("ms", time.Since(start).Milliseconds()))
	if err != nil {
		attrs = append(attrs, slog.Any("error", err))
	}
	d.log.LogAttrs(req.Context(), levelTrace, "cloud request", attrs...)
	return resp, err
}

func (d *dispatcher) do(req *http.Request, x *exchange) (*http.Response, error) {
	if err := x.mayWrite(); err != nil {
		return nil, err
	}
	if err := bufferBody(req); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(x.ctx)
	defer cancel(nil)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		conn := guardOf(info.Conn)
		if conn == nil {
			cancel(fmt.Errorf("connection of type %T cannot be guarded", info.Conn))
			return
		}
		conn.serve(x)
	}})
	resp, err := d.http.Do(req.WithContext(ctx))
	if err != nil {
		return nil, plain(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("answer with status %d cut short: %w", resp.StatusCode, err)
	}
	if s := resp.StatusCode / 100; s != 2 && s != 4 && s != 5 {
		return nil, fmt.Errorf("unexpected HTTP status %s", resp.Status)
	}
	x.answered(resp)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// bufferBody gives the request a body that can be sent again, which net/http
// needs to move it from an idle connection that the server closed to a new one.
func bufferBody(req *http.Request) error {
	if req.Body == nil || req.Body == http.NoBody {
		return nil
	}
	data, err := io.ReadAll(req.Body)
	if err != nil {
		return fmt.Errorf("reading the body to send: %w", err)
	}
	req.ContentLength = int64(len(data))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	req.Body, err = req.GetBody()
	return err
}

// plain drops the *url.Error around a transport error: it repeats method and
// URL, which the caller names better.
func plain(err error) error {
	var outer *url.Error
	if errors.As(err, &outer) {
		return outer.Err
	}
	return err
}

// boundDialer connects from a given local address, so that a floating address
// on the same interface never becomes the source of cloud traffic: with it as
// source the answers go to whoever holds the address, and the node that is to
// take it over cannot call the API.
type boundDialer struct {
	source     netip.Addr
	unanswered time.Duration // TCP_USER_TIMEOUT
}

func (d boundDialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: dialTimeout, Control: d.control}
	if d.source.IsValid() && (d.source.IsLoopback() || !loopbackTarget(address)) {
		dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(d.source, 0))
		dialer.Resolver = &net.Resolver{PreferGo: true, Dial: d.dialNameServer}
	}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &guardedConn{Conn: conn}, nil
}

// dialNameServer reaches a name server from the same source. A server on this
// machine (systemd-resolved's 127.0.0.53) refuses foreign sources, and one of
// the other family cannot be reached from it: both are dialled unbound.
func (d boundDialer) dialNameServer(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: dialTimeout}
	server, err := netip.ParseAddrPort(address)
	if err == nil && !server.Addr().IsLoopback() && server.Addr().Unmap().Is4() == d.source.Is4() {
		local := netip.AddrPortFrom(d.source, 0)
		if network == "tcp" {
			dialer.LocalAddr = net.TCPAddrFromAddrPort(local)
		} else {
			dialer.LocalAddr = net.UDPAddrFromAddrPort(local)
		}
	}
	return dialer.DialContext(ctx, network, address)
}

// control bounds how long the kernel goes on sending what nobody acknowledges.
func (d boundDialer) control(_, _ string, raw syscall.RawConn) error {
	if d.unanswered <= 0 {
		return nil
	}
	return setUserTimeout(raw, d.unanswered)
}

// setUserTimeout sets TCP_USER_TIMEOUT (RFC 5482), which works even while this
// process is stopped.
func setUserTimeout(raw syscall.RawConn, d time.Duration) error {
	var err error
	if e := raw.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(d.Milliseconds()))
	}); e != nil {
		return e
	}
	if err != nil {
		return fmt.Errorf("setting TCP_USER_TIMEOUT: %w", err)
	}
	return nil
}

// loopbackTarget holds for a proxy or endpoint on this machine.
func loopbackTarget(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address // without a port
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
