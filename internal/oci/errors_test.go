// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Oracle's list of API errors, and what has to be done about each.
func TestKinds(t *testing.T) {
	c := newCloud(t)
	client := c.client(c.options(stateDir(t)))
	for _, test := range []struct {
		status int
		code   string
		want   Kind
	}{
		{400, "InvalidParameter", Invalid}, {400, "LimitExceeded", Invalid}, {400, "RelatedResourceNotAuthorizedOrNotFound", Denied},
		{401, "NotAuthenticated", Unauthenticated}, {403, "NotAuthorized", Denied},
		{404, "NotAuthorizedOrNotFound", Denied}, {404, "NotFound", NotFound},
		{409, "IncorrectState", Transient}, {409, "ExternalServerIncorrectState", Transient}, {409, "LockConflict", Transient},
		{409, "Conflict", Conflict}, {409, "NotAuthorizedOrResourceAlreadyExists", Conflict}, {409, "InvalidatedRetryToken", Conflict},
		{412, "NoEtagMatch", PreconditionFailed}, {429, "TooManyRequests", Throttled}, {408, "", Transient},
		{500, "InternalServerError", Transient}, {501, "MethodNotImplemented", Invalid}, {502, "", Transient}, {503, "ServiceUnavailable", Transient}, {504, "", Transient},
	} {
		t.Run(fmt.Sprint(test.status, test.code), func(t *testing.T) {
			c.set("api", func(w http.ResponseWriter, r *http.Request) { apiError(w, test.status, test.code, "told\nyou so") })
			_, err := client.Address(within(t, 5*time.Second), testPrivateIP)
			var e *Error
			if !errors.As(err, &e) || e.Kind != test.want {
				t.Fatalf("%v is %s, want %s", err, KindOf(err), test.want)
			}
			if e.Op != "GetPrivateIp" || e.Status != test.status || e.Code != test.code || !strings.HasPrefix(e.Message, "told you so") || e.RequestID != "req-1" || e.Ambiguous {
				t.Errorf("error %+v", e)
			}
			if strings.Contains(e.Error(), "\n") {
				t.Errorf("error has more than one line: %q", e.Error())
			}
			// A write that a gateway or the service broke off may be done.
			_, err = client.Move(within(t, 5*time.Second), Address{ID: testPrivateIP}, otherVNIC, "")
			if want := test.want == Transient && test.status >= 500; IsAmbiguous(err) != want {
				t.Errorf("write: ambiguous %v, want %v", !want, want)
			}
		})
	}
}

// An answer that is not what was asked for is never taken for an address that
// nobody has.
func TestAnswersThatMakeNoSense(t *testing.T) {
	c := newCloud(t)
	client := c.client(c.options(stateDir(t)))
	for name, body := range map[string]string{
		"empty object":   `{}`,
		"empty":          ``,
		"web page":       `<html>sign in</html>`,
		"another object": `{"id":"ocid1.privateip.oc1..other","ipAddress":"10.0.0.100","vnicId":"v","subnetId":"s"}`,
		"no address":     `{"id":"` + string(testPrivateIP) + `","vnicId":"v","subnetId":"s"}`,
		"wrong type":     `{"id":1}`,
		"list":           `[]`,
		"null":           `null`,
	} {
		t.Run(name, func(t *testing.T) {
			c.set("api", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, body) })
			if a, err := client.Address(within(t, 5*time.Second), testPrivateIP); KindOf(err) != Transient || IsAmbiguous(err) {
				t.Errorf("read: %+v, %v", a, err)
			}
			if a, err := client.Move(within(t, 5*time.Second), Address{ID: testPrivateIP}, otherVNIC, ""); KindOf(err) != Transient || !IsAmbiguous(err) {
				t.Errorf("write: %+v, %v", a, err)
			}
		})
	}
}

// Redirects are answers nobody asked for: the signature is for this host.
func TestRedirectNotFollowed(t *testing.T) {
	c := newCloud(t)
	client := c.client(c.options(stateDir(t)))
	c.set("api", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://"+r.Host+"/20160918/elsewhere", http.StatusTemporaryRedirect)
	})
	_, err := client.Address(within(t, 5*time.Second), testPrivateIP)
	if _, _, api := c.seen(); KindOf(err) != Transient || api != 1 {
		t.Errorf("%d requests, %v", api, err)
	}
}

// broken are the ways in which a connection fails after the request arrived.
var broken = map[string]http.HandlerFunc{
	"reset after the commit": func(w http.ResponseWriter, _ *http.Request) {
		conn := hijack(w)
		conn.(*tls.Conn).NetConn().(*net.TCPConn).SetLinger(0)
		conn.(*tls.Conn).NetConn().Close()
	},
	"closed without an answer": func(w http.ResponseWriter, _ *http.Request) { hijack(w).Close() },
	"truncated body": func(w http.ResponseWriter, _ *http.Request) {
		conn := hijack(w)
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"id\":")
		conn.Close()
	},
	"hang": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	"slow body": func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			fmt.Fprint(w, " ")
			w.(http.Flusher).Flush()
			time.Sleep(10 * time.Millisecond)
		}
	},
}

func hijack(w http.ResponseWriter) net.Conn {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	return conn
}

// A write that was sent and not answered is ambiguous; a read never is. And
// whatever happens, the context ends the call.
func TestBrokenConnections(t *testing.T) {
	for name, handler := range broken {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t)
			client := c.client(c.options(stateDir(t)))
			if _, err := client.Address(within(t, 5*time.Second), testPrivateIP); err != nil { // credentials and a connection
				t.Fatal(err)
			}
			c.set("api", handler)
			const limit = 400 * time.Millisecond
			for _, try := range []struct {
				write bool
				do    func(context.Context) error
			}{
				{false, func(ctx context.Context) error { _, err := client.Address(ctx, testPrivateIP); return err }},
				{true, func(ctx context.Context) error {
					_, err := client.Move(ctx, Address{ID: testPrivateIP}, otherVNIC, "")
					return err
				}},
				{true, func(ctx context.Context) error { return client.Detach(ctx, testPrivateIP, "") }},
			} {
				err := promptly(t, limit, try.do)
				if KindOf(err) != Transient || IsAmbiguous(err) != try.write {
					t.Errorf("write %v: %v (kind %s, ambiguous %v)", try.write, err, KindOf(err), IsAmbiguous(err))
				}
			}
		})
	}
}

// A call that was given up does not keep its connection, nor a goroutine.
func TestGivenUpCallLetsGo(t *testing.T) {
	c := newCloud(t)
	client := c.client(c.options(stateDir(t)))
	must(t, client.Refresh(within(t, 10*time.Second)))
	gone := make(chan struct{})
	c.set("api", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done(); close(gone) })
	if _, err := client.Address(within(t, 300*time.Millisecond), testPrivateIP); KindOf(err) != Transient {
		t.Error(err)
	}
	select {
	case <-gone:
	case <-time.After(3 * time.Second):
		t.Error("the request goes on")
	}
}

// stuck gives its credential only when released, whatever the context says.
type stuck struct {
	fixed
	release, taken chan struct{}
}

func (s stuck) credential(ctx context.Context) (credential, error) {
	<-s.release
	defer close(s.taken)
	return s.fixed.credential(ctx)
}

// Should anything ever not heed the context, the call ends all the same, and
// what goes on behind its back can write no more.
func TestCallEndsThoughSomethingHangs(t *testing.T) {
	c := newCloud(t)
	client := c.client(c.options(""))
	s := stuck{fixed{cred: credential{key: testKey(), keyID: "k"}}, make(chan struct{}), make(chan struct{})}
	client.credentials = s
	start := time.Now()
	_, err := client.Move(within(t, 300*time.Millisecond), Address{ID: testPrivateIP}, otherVNIC, "")
	if KindOf(err) != Transient || IsAmbiguous(err) || time.Since(start) > 2*time.Second {
		t.Errorf("%v after %s", err, time.Since(start))
	}
	close(s.release)
	<-s.taken
	time.Sleep(300 * time.Millisecond)
	if _, _, api := c.seen(); api != 0 {
		t.Error("the write went out after the call had ended")
	}
}

// Where nobody listens nothing was sent: transient, and not ambiguous. Retry
// outlasts it.
func TestRefused(t *testing.T) {
	c := newCloud(t)
	opt := c.options(stateDir(t))
	if _, err := c.client(opt).Address(within(t, 5*time.Second), testPrivateIP); err != nil { // credentials
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	opt.Endpoint = "https://" + l.Addr().String()
	l.Close()
	client := c.client(opt)
	_, err = client.Move(within(t, 2*time.Second), Address{ID: testPrivateIP}, otherVNIC, "")
	if KindOf(err) != Transient || IsAmbiguous(err) {
		t.Fatalf("refused: %v (kind %s, ambiguous %v)", err, KindOf(err), IsAmbiguous(err))
	}
	time.AfterFunc(400*time.Millisecond, func() {
		late, err := tls.Listen("tcp", l.Addr().String(), &tls.Config{Certificates: []tls.Certificate{serverCert()}})
		if err != nil {
			t.Error(err)
			return
		}
		t.Cleanup(func() { late.Close() })
		_ = http.Serve(late, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answerAddress(w, otherVNIC) }))
	})
	tries := 0
	err = Retry(within(t, 5*time.Second), nil, func(ctx context.Context) error {
		tries++
		_, err := client.Move(ctx, Address{ID: testPrivateIP}, otherVNIC, "")
		return err
	})
	if err != nil || tries < 2 {
		t.Errorf("after %d tries: %v", tries, err)
	}
}

// A certificate that the machine does not trust is no reason to send anything.
func TestUntrustedCertificate(t *testing.T) {
	c := newCloud(t)
	opt := c.options(stateDir(t))
	if _, err := c.client(opt).Address(within(t, 5*time.Second), testPrivateIP); err != nil {
		t.Fatal(err)
	}
	opt.Endpoint = strings.Replace(c.api.URL, "127.0.0.1", "localhost", 1) // not in the certificate
	c.seen()
	_, err := c.client(opt).Move(within(t, 2*time.Second), Address{ID: testPrivateIP}, otherVNIC, "")
	if _, _, api := c.seen(); KindOf(err) != Transient || IsAmbiguous(err) || api != 0 {
		t.Errorf("%d requests, %v", api, err)
	}
	if !strings.Contains(err.Error(), "certificate") {
		t.Errorf("error does not say why: %v", err)
	}
}
