// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"
)

// connectProxy passes CONNECT requests on and notes where they went and whence
// they came.
type connectProxy struct {
	mu      sync.Mutex
	targets []string
	sources []string
}

func (p *connectProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.targets = append(p.targets, r.Method+" "+r.Host)
	p.sources = append(p.sources, netip.MustParseAddrPort(r.RemoteAddr).Addr().String())
	p.mu.Unlock()
	there, err := net.Dial("tcp", r.Host)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	here := hijack(w)
	_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
	go func() { _, _ = io.Copy(there, here); there.Close() }()
	_, _ = io.Copy(here, there)
	here.Close()
}

// A proxy from the environment is used for the API and the identity service,
// from the source address and with the write guard in force; never for the
// metadata service.
func TestProxy(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	addresses(t, "10.0.0.100/24", "10.0.0.11/24", "169.254.169.254/32", "192.0.2.10/32", "192.0.2.80/32")
	// Read once, at the first request of this process.
	t.Setenv("HTTPS_PROXY", "http://192.0.2.80:3128")
	t.Setenv("HTTP_PROXY", "http://192.0.2.80:3128")
	c := newCloud(t)
	proxy := &connectProxy{}
	var wrote sync.Map
	serve := func(where string, h http.Handler, secure bool) {
		l, err := net.Listen("tcp", where)
		must(t, err)
		if secure {
			l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{serverCert()}})
		}
		s := &http.Server{Handler: h}
		go s.Serve(l)
		t.Cleanup(func() { s.Close() })
	}
	serve("192.0.2.80:3128", proxy, false)
	serve("169.254.169.254:80", http.HandlerFunc(c.serveMetadata), false)
	serve("192.0.2.10:444", http.HandlerFunc(c.serveAuth), true)
	serve("192.0.2.10:443", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wrote.Store(r.Method, true)
		c.serveAPI(w, r)
	}), true)
	asked := 0
	opt := Options{Endpoint: "https://192.0.2.10", AuthEndpoint: "https://192.0.2.10:444", Source: netip.MustParseAddr("10.0.0.11"), Deadline: func() error {
		if asked++; asked > 1 {
			return errLate
		}
		return nil
	}}
	client, err := New(context.Background(), opt)
	must(t, err)
	if _, err := client.Address(within(t, 5*time.Second), testPrivateIP); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Move(within(t, 5*time.Second), Address{ID: testPrivateIP}, otherVNIC, ""); KindOf(err) != TooLate {
		t.Errorf("late write: %v", err)
	}
	if _, ok := wrote.Load(http.MethodPut); ok {
		t.Error("a late write went through the proxy")
	}
	proxy.mu.Lock()
	defer proxy.mu.Unlock()
	slices.Sort(proxy.targets)
	if want := []string{"CONNECT 192.0.2.10:443", "CONNECT 192.0.2.10:444"}; !slices.Equal(slices.Compact(proxy.targets), want) {
		t.Errorf("the proxy was asked for %q, want %q", proxy.targets, want)
	}
	for _, source := range proxy.sources {
		if source != "10.0.0.11" {
			t.Errorf("the proxy was reached from %s", source)
		}
	}
}
