// SPDX-License-Identifier: Apache-2.0

package region

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

type connKey struct{}

// Serve answers a service's requests on a listener until Close; API and Auth speak TLS
// (HTTP/2 and HTTP/1.1), IMDS plain HTTP. It returns nil after Close.
func (r *Region) Serve(service Service, l net.Listener) error {
	var handler http.Handler
	switch service {
	case API:
		handler = r.apiHandler()
	case Auth:
		handler = r.authHandler()
	case IMDS:
		handler = r.imdsHandler()
	default:
		return fmt.Errorf("serve: %q is not a service", service)
	}
	server := &http.Server{
		Handler: handler, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: 30 * time.Second,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) },
	}
	l = &watchedListener{Listener: l, r: r, service: service}
	stop := context.AfterFunc(r.life, func() { server.Close() })
	defer stop()
	var err error
	if service == IMDS {
		go r.issueLeaves()
		err = server.Serve(l)
	} else {
		var cert tls.Certificate
		if cert, err = r.serverCertificate(); err != nil {
			return err
		}
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
		err = server.ServeTLS(l, "", "")
	}
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return fmt.Errorf("serve %s on %s: %w", service, l.Addr(), err)
}

// HostNames returns the names of the API's and the identity service's hosts.
func (r *Region) HostNames() (api, auth string) {
	return "iaas." + r.spec.Region + "." + r.spec.Domain, "auth." + r.spec.Region + "." + r.spec.Domain
}

func (r *Region) serverCertificate() (tls.Certificate, error) {
	api, auth := r.HostNames()
	names := []string{
		api, auth, "iaas." + r.spec.Region + ".ds.oci." + r.spec.Domain, "auth." + r.spec.Region + ".oci." + r.spec.Domain,
		"iaas." + r.spec.Region + ".oci." + r.spec.Domain,
	}
	return r.ca.Server(append(names, r.spec.ServerNames...)...)
}

// CACertificate returns the root certificate as PEM, for trust stores.
func (r *Region) CACertificate() []byte { return r.ca.RootPEM() }

// watchedListener keeps an eye on the connections of a service, and refuses those that
// a fault refuses when no Gate does.
type watchedListener struct {
	net.Listener
	r       *Region
	service Service
}

func (l *watchedListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		source := addrOf(c.RemoteAddr())
		if l.r.opt.Gate == nil && l.r.refuses(l.service, source) {
			reset(c)
			l.r.Refused(l.service, source, 1)
			continue
		}
		return l.r.conns.add(c, l.service, source), nil
	}
}

func addrOf(a net.Addr) netip.Addr {
	if p, err := netip.ParseAddrPort(a.String()); err == nil {
		return p.Addr().Unmap()
	}
	return netip.Addr{}
}

// reset ends a TCP connection with RST instead of FIN.
func reset(c net.Conn) {
	for {
		switch inner := c.(type) {
		case *tls.Conn:
			c = inner.NetConn()
			continue
		case *watchedConn:
			c = inner.Conn
			continue
		case *net.TCPConn:
			inner.SetLinger(0)
		}
		c.Close()
		return
	}
}

// connections are the open connections of all services.
type connections struct {
	mu   sync.Mutex
	open map[*watchedConn]struct{}
}

type watchedConn struct {
	net.Conn
	all     *connections
	service Service
	source  netip.Addr
}

func newConnections() *connections { return &connections{open: map[*watchedConn]struct{}{}} }

func (cs *connections) add(c net.Conn, service Service, source netip.Addr) net.Conn {
	w := &watchedConn{c, cs, service, source}
	cs.mu.Lock()
	cs.open[w] = struct{}{}
	cs.mu.Unlock()
	return w
}

func (c *watchedConn) Close() error {
	c.all.mu.Lock()
	delete(c.all.open, c)
	c.all.mu.Unlock()
	return c.Conn.Close()
}

// reset ends the connections that match.
func (cs *connections) reset(match func(Service, netip.Addr) bool) {
	cs.mu.Lock()
	var hit []*watchedConn
	for c := range cs.open {
		if match(c.service, c.source) {
			hit = append(hit, c)
			delete(cs.open, c)
		}
	}
	cs.mu.Unlock()
	for _, c := range hit {
		reset(c)
	}
}

func (cs *connections) closeAll() { cs.reset(func(Service, netip.Addr) bool { return true }) }
