// SPDX-License-Identifier: Apache-2.0

package imds

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const oneVNIC = `[{"vnicId":"ocid1.vnic.oc1.phx.a","privateIp":"10.0.0.11","macAddr":"02:00:17:05:D1:DB","virtualRouterIp":"10.0.0.1","subnetCidrBlock":"10.0.0.0/24","vlanTag":1036}]`

// serve starts a metadata service whose n-th answer (from 1) the test decides.
func serve(t testing.TB, answer func(n int, w http.ResponseWriter, r *http.Request)) (*Client, *atomic.Int32) {
	t.Helper()
	var n atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer(int(n.Add(1)), w, r)
	}))
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return New(Options{BaseURL: s.URL + "/opc/v2/", Timeout: 150 * time.Millisecond}), &n
}

func within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestRequest(t *testing.T) {
	var path, auth string
	c, _ := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		path, auth = r.URL.Path, r.Header.Get("Authorization")
		fmt.Fprint(w, oneVNIC)
	})
	if _, err := c.VNICs(within(t, time.Second)); err != nil {
		t.Fatal(err)
	}
	if path != "/opc/v2/vnics/" || auth != "Bearer Oracle" {
		t.Errorf("asked for %s with Authorization %q", path, auth)
	}
}

// What a service that is coming up does must cost time, not the answer.
func TestRetries(t *testing.T) {
	hang := func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	for name, bad := range map[string]http.HandlerFunc{
		"404": status(404), "500": status(500), "503": status(503), "429": status(429), "hang": hang,
		"reset": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			conn.(*net.TCPConn).SetLinger(0)
			conn.Close()
		},
		"truncated body": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(oneVNIC)))
			fmt.Fprint(w, oneVNIC[:20])
		},
		"truncated document": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, oneVNIC[:20]) },
		"empty list":         func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "[]") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, n := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
				if n <= 2 {
					bad(w, r)
					return
				}
				fmt.Fprint(w, oneVNIC)
			})
			vnics, err := c.VNICs(within(t, 3*time.Second))
			if err != nil || len(vnics) != 1 || n.Load() != 3 {
				t.Errorf("after %d requests: %v, %v", n.Load(), vnics, err)
			}
		})
	}
}

func TestRefusedThenUp(t *testing.T) {
	probe, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := probe.Addr().String()
	probe.Close()
	up := make(chan *http.Server, 1)
	time.AfterFunc(200*time.Millisecond, func() {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Error(err)
			up <- nil
			return
		}
		s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, oneVNIC) })}
		up <- s
		_ = s.Serve(l)
	})
	if _, err := New(Options{BaseURL: "http://" + address}).VNICs(within(t, 5*time.Second)); err != nil {
		t.Error(err)
	}
	if s := <-up; s != nil {
		s.Close()
	}
}

// Whatever the service does, the caller's context ends the call, and the error
// says what the service did rather than that time ran out.
func TestContextEnds(t *testing.T) {
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		status int
	}{
		"hang": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 0},
		"404":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, 404},
		"slow body": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				fmt.Fprint(w, " ")
				w.(http.Flusher).Flush()
				time.Sleep(10 * time.Millisecond)
			}
		}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) { test.answer(w, r) })
			var err error
			var late time.Duration
			for range 3 { // a busy machine gets three tries
				start := time.Now()
				_, err = c.VNICs(within(t, 400*time.Millisecond))
				if late = time.Since(start) - 400*time.Millisecond; late <= 300*time.Millisecond {
					break
				}
			}
			if late > 300*time.Millisecond {
				t.Errorf("returned %s after the end of the context", late)
			}
			var failed *Error
			if !errors.As(err, &failed) || failed.Status != test.status {
				t.Errorf("error %v, want status %d", err, test.status)
			}
		})
	}
}

// 403 is an answer: asking again does not change it.
func TestDefiniteRefusal(t *testing.T) {
	c, n := serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) })
	_, err := c.VNICs(within(t, 2*time.Second))
	var failed *Error
	if !errors.As(err, &failed) || failed.Status != 403 || n.Load() != 1 {
		t.Errorf("%d requests, error %v", n.Load(), err)
	}
	if !strings.Contains(err.Error(), "/opc/v2/vnics/") || !strings.Contains(err.Error(), "403") {
		t.Errorf("error %q does not say what was asked and answered", err)
	}
}

func TestRedirectNotFollowed(t *testing.T) {
	c, n := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	})
	if _, err := c.VNICs(within(t, 300*time.Millisecond)); err == nil || n.Load() != 1 {
		t.Errorf("%d requests, error %v", n.Load(), err)
	}
}

func TestRegionInfo(t *testing.T) {
	for name, test := range map[string]struct {
		paths map[string]string
		want  RegionInfo
	}{
		"regionInfo": {map[string]string{"instance/regionInfo": `{"realmKey":"oc99","realmDomainComponent":"sim.test","regionKey":"SIM","regionIdentifier":"sim-1"}`},
			RegionInfo{"oc99", "sim.test", "SIM", "sim-1"}},
		"short code": {map[string]string{"instance/": `{"id":"i","region":"phx"}`}, RegionInfo{"oc1", "oraclecloud.com", "PHX", "us-phoenix-1"}},
		"long name of a government region": {map[string]string{"instance/": `{"id":"i","region":"lfi","canonicalRegionName":"us-langley-1"}`},
			RegionInfo{"oc2", "oraclegovcloud.com", "", "us-langley-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			var asked []string
			c, _ := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
				path := strings.TrimPrefix(r.URL.Path, "/opc/v2/")
				asked = append(asked, path)
				body, ok := test.paths[path]
				if !ok {
					http.NotFound(w, r)
					return
				}
				fmt.Fprint(w, body)
			})
			got, err := c.RegionInfo(within(t, 2*time.Second))
			if err != nil || got != test.want {
				t.Errorf("%+v, %v; want %+v", got, err, test.want)
			}
			if _, direct := test.paths["instance/regionInfo"]; !direct && !slices.Equal(asked, []string{"instance/regionInfo", "instance/regionInfo", "instance/"}) {
				t.Errorf("asked for %q", asked)
			}
		})
	}
}
