// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A 401 costs one renewal and one repetition, at once: the SDK would sleep
// three times a second and keep the token.
func TestUnauthorizedRenewsOnce(t *testing.T) {
	c := newCloud(t)
	dir := stateDir(t)
	client := c.client(c.options(dir))
	if _, err := client.Address(within(t, 5*time.Second), testPrivateIP); err != nil {
		t.Fatal(err)
	}
	first := readCache(t, dir).Session.Token
	c.mu.Lock()
	c.refused[first] = true
	c.mu.Unlock()
	c.seen()
	start := time.Now()
	if _, err := client.Move(within(t, 5*time.Second), Address{ID: testPrivateIP}, testVNIC, ""); err != nil {
		t.Fatal(err)
	}
	if m, f, api := c.seen(); m != 3 || f != 1 || api != 2 || time.Since(start) > 2500*time.Millisecond {
		t.Errorf("%d metadata, %d federation, %d API requests in %s", m, f, api, time.Since(start))
	}
	if now := readCache(t, dir).Session.Token; now == first {
		t.Error("the refused token is still in the cache")
	}
	// Another process that has the old token in memory takes the new one.
	c.set("api", func(w http.ResponseWriter, r *http.Request) { apiError(w, 401, "NotAuthenticated", "no") })
	start = time.Now()
	_, err := client.Address(within(t, 5*time.Second), testPrivateIP)
	if m, f, api := c.seen(); KindOf(err) != Unauthenticated || m != 3 || f != 1 || api != 2 || time.Since(start) > 2500*time.Millisecond {
		t.Errorf("always 401: %v after %d metadata, %d federation, %d API requests in %s", err, m, f, api, time.Since(start))
	}
}

// The token that another process renewed meanwhile is taken, not renewed again.
func TestUnauthorizedTakesTheOthersToken(t *testing.T) {
	c := newCloud(t)
	dir := stateDir(t)
	a, b := c.client(c.options(dir)), c.client(c.options(dir))
	for _, client := range []*Client{a, b} {
		if _, err := client.Address(within(t, 5*time.Second), testPrivateIP); err != nil {
			t.Fatal(err)
		}
	}
	c.mu.Lock()
	c.refused[readCache(t, dir).Session.Token] = true
	c.mu.Unlock()
	c.seen()
	for _, client := range []*Client{a, b} {
		if _, err := client.Address(within(t, 5*time.Second), testPrivateIP); err != nil {
			t.Fatal(err)
		}
	}
	if _, f, api := c.seen(); f != 1 || api != 4 {
		t.Errorf("%d federation, %d API requests; want 1, 4", f, api)
	}
}

func TestClockHint(t *testing.T) {
	c := newCloud(t)
	client := c.client(c.options(stateDir(t)))
	c.set("api", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
		apiError(w, 401, "NotAuthenticated", "Date is out of range.")
	})
	_, err := client.Address(within(t, 5*time.Second), testPrivateIP)
	if KindOf(err) != Unauthenticated || !strings.Contains(err.Error(), "clock is 1h0m") || !strings.Contains(err.Error(), "ahead of") {
		t.Errorf("error %v", err)
	}
}

// In the second half of its life a token is renewed in passing; if that fails
// it is used on, quickly, and the try is not repeated at once.
func TestRenewalInPassing(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]bool{"works": false, "metadata hangs": true} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t)
			dir := stateDir(t)
			if _, err := c.client(c.options(dir)).Address(within(t, 5*time.Second), testPrivateIP); err != nil {
				t.Fatal(err)
			}
			aged(-40*time.Minute, -40*time.Minute)(t, dir)
			must(t, os.Remove(filepath.Join(dir, triedName)))
			if broken {
				c.set("imds", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
			}
			c.seen()
			start := time.Now()
			if _, err := c.client(c.options(dir)).Address(within(t, 10*time.Second), testPrivateIP); err != nil {
				t.Fatal(err)
			}
			took := time.Since(start)
			_, f, _ := c.seen()
			if broken && (f != 0 || took > renewEarly+time.Second) || !broken && f != 1 {
				t.Errorf("%d federation requests in %s", f, took)
			}
			start = time.Now()
			if _, err := c.client(c.options(dir)).Address(within(t, 10*time.Second), testPrivateIP); err != nil {
				t.Fatal(err)
			}
			if m, _, _ := c.seen(); m != 0 || time.Since(start) > time.Second {
				t.Errorf("the next process asked the metadata service %d times and took %s", m, time.Since(start))
			}
		})
	}
}

// Refresh keeps the cache in the first half of a token's life.
func TestRefresh(t *testing.T) {
	c := newCloud(t)
	dir := stateDir(t)
	client := c.client(c.options(dir))
	for i, want := range []int{1, 0} {
		must(t, client.Refresh(within(t, 5*time.Second)))
		if _, f, api := c.seen(); f != want || api != 0 {
			t.Errorf("refresh %d: %d federation, %d API requests", i, f, api)
		}
	}
	aged(-40*time.Minute, -40*time.Minute)(t, dir)
	must(t, c.client(c.options(dir)).Refresh(within(t, 5*time.Second)))
	if _, f, _ := c.seen(); f != 1 {
		t.Errorf("an old token was renewed %d times", f)
	}
	aged(-40*time.Minute, -40*time.Minute)(t, dir)
	c.set("auth", func(w http.ResponseWriter, r *http.Request) { apiError(w, 503, "ServiceUnavailable", "later") })
	if err := c.client(c.options(dir)).Refresh(within(t, 5*time.Second)); KindOf(err) != Transient {
		t.Errorf("identity service down: %v", err)
	}
}

// A metadata service that answers nothing, or never what is needed, costs the
// context and no more; the error is transient.
func TestMetadataSilent(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"black hole": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"404":        http.NotFound,
		"no PEM":     func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("soon")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t)
			c.set("imds", handler)
			client := c.client(c.options(stateDir(t)))
			err := promptly(t, 400*time.Millisecond, func(ctx context.Context) error {
				_, err := client.Move(ctx, Address{ID: testPrivateIP}, otherVNIC, "")
				return err
			})
			if KindOf(err) != Transient || IsAmbiguous(err) || !strings.Contains(err.Error(), "metadata") {
				t.Errorf("%v (kind %s, ambiguous %v)", err, KindOf(err), IsAmbiguous(err))
			}
			if err = promptly(t, 400*time.Millisecond, client.Refresh); KindOf(err) != Transient {
				t.Errorf("Refresh: %v", err)
			}
		})
	}
}

// An identity service that answers nonsense with status 200 gives no token.
func TestFederationNonsense(t *testing.T) {
	for _, body := range []string{"", "null", "{}", "[]", `"x"`, "<html>", `{"token":null}`, `{"token":"a.b"}`, `{"token":"a.b.c"}`, `{"token":"` + tokenExpiring(time.Unix(-1, 0)) + `"}`} {
		c := newCloud(t)
		c.set("auth", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(body)) })
		dir := stateDir(t)
		_, err := c.client(c.options(dir)).Move(within(t, 5*time.Second), Address{ID: testPrivateIP}, otherVNIC, "")
		if _, _, api := c.seen(); KindOf(err) != Transient || IsAmbiguous(err) || api != 0 {
			t.Errorf("%s: %v after %d API requests", body, err, api)
		}
		if err := c.client(c.options(dir)).Refresh(within(t, 5*time.Second)); KindOf(err) != Transient {
			t.Errorf("Refresh: %s: %v", body, err)
		}
	}
}

// A certificate and a key from two sides of a rotation are read again.
func TestCertificateRotation(t *testing.T) {
	c := newCloud(t)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	first := true
	c.set("imds", func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "cert.pem") && first {
			first = false
			w.Write(instanceCert(t, other))
			return
		}
		c.serveMetadata(w, r)
	})
	if _, err := c.client(c.options(stateDir(t))).Address(within(t, 5*time.Second), testPrivateIP); err != nil {
		t.Fatal(err)
	}
	if m, f, _ := c.seen(); m != 6 || f != 1 {
		t.Errorf("%d metadata, %d federation requests; want 6, 1", m, f)
	}
}

// Goroutines of one process share one exchange too.
func TestGoroutinesShareOneExchange(t *testing.T) {
	c := newCloud(t)
	client := c.client(c.options(""))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := client.Address(within(t, 5*time.Second), testPrivateIP); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if _, f, api := c.seen(); f != 1 || api != 8 {
		t.Errorf("%d federation, %d API requests", f, api)
	}
}

// A process that was stopped while it held the lock does not keep the machine
// without credentials.
func TestStoppedLockHolder(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	dir := stateDir(t)
	must(t, os.Mkdir(dir, 0o700))
	holder, err := os.OpenFile(filepath.Join(dir, exchangeLock+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	must(t, err)
	defer holder.Close()
	must(t, unix.Flock(int(holder.Fd()), unix.LOCK_EX))
	start := time.Now()
	if _, err := c.client(c.options(dir)).Address(within(t, 10*time.Second), testPrivateIP); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took < lockPatience/2 || took > lockPatience+3*time.Second {
		t.Errorf("took %s", took)
	}
}

// New sends nothing, and an ended context ends it.
func TestNewIsLocal(t *testing.T) {
	c := newCloud(t)
	c.client(c.options(stateDir(t)))
	if m, f, api := c.seen(); m+f+api != 0 {
		t.Errorf("New sent %d, %d, %d requests", m, f, api)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := New(ctx, c.options("")); KindOf(err) != Transient {
		t.Errorf("ended context: %v", err)
	}
	for _, endpoint := range []string{"iaas.example.com", "ftp://x", "https://u:p@x", "https://x/path", "https://", "://", "http://iaas.example.com", "http://192.0.2.10:80"} {
		opt := c.options("")
		opt.Endpoint = endpoint
		if _, err := New(context.Background(), opt); KindOf(err) != Invalid {
			t.Errorf("endpoint %q: %v", endpoint, err)
		}
	}
}
