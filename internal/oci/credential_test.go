// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
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

// When a cached token may not be used, and that it may in the control case.
func TestCacheTrust(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("changing owners needs root")
	}
	for name, test := range map[string]struct {
		spoil   func(t *testing.T, dir string)
		trusted bool
	}{
		"as it was left":       {func(*testing.T, string) {}, true},
		"readable by others":   {func(t *testing.T, dir string) { must(t, os.Chmod(filepath.Join(dir, cacheName), 0o644)) }, false},
		"somebody else's":      {func(t *testing.T, dir string) { must(t, os.Chown(filepath.Join(dir, cacheName), 65534, 65534)) }, false},
		"folder open":          {func(t *testing.T, dir string) { must(t, os.Chmod(dir, 0o777)) }, false},
		"folder somebody's":    {func(t *testing.T, dir string) { must(t, os.Chown(dir, 65534, 65534)) }, false},
		"symbolic link":        {linkAway, false},
		"expired":              {aged(-2*time.Hour, -2*time.Hour), false},
		"about to expire":      {aged(-56*time.Minute, -56*time.Minute), false},
		"clock set back":       {aged(time.Hour, 0), false},
		"clock set forward":    {aged(-20*time.Minute, 0), false},
		"from another boot":    {change(func(s *stored) { s.Session.Boot = "another" }), false},
		"token is no token":    {change(func(s *stored) { s.Session.Token = "x" }), false},
		"key is no key":        {change(func(s *stored) { s.Session.Key = "x" }), false},
		"other format version": {change(func(s *stored) { s.Version = 99 }), false},
		"cut short": {func(t *testing.T, dir string) {
			must(t, os.Truncate(filepath.Join(dir, cacheName), 100))
		}, false},
		"a FIFO": {func(t *testing.T, dir string) {
			must(t, os.Remove(filepath.Join(dir, cacheName)))
			must(t, unix.Mkfifo(filepath.Join(dir, cacheName), 0o600))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t)
			dir := stateDir(t)
			if _, err := c.client(c.options(dir)).Address(within(t, 5*time.Second), testPrivateIP); err != nil {
				t.Fatal(err)
			}
			test.spoil(t, dir)
			c.seen()
			if _, err := c.client(c.options(dir)).Address(within(t, 5*time.Second), testPrivateIP); err != nil {
				t.Fatal(err)
			}
			if _, f, _ := c.seen(); (f == 0) != test.trusted {
				t.Errorf("%d federation requests, want the cache trusted: %v", f, test.trusted)
			}
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func readCache(t testing.TB, dir string) stored {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, cacheName))
	must(t, err)
	var s stored
	must(t, json.Unmarshal(data, &s))
	return s
}

func change(f func(*stored)) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		s := readCache(t, dir)
		f(&s)
		data, err := json.Marshal(s)
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, cacheName), data, 0o600))
	}
}

// aged moves the two clocks' times at which the token was obtained. Moving both
// makes it older; moving one is what a clock that was set looks like. The token
// lives an hour from when the test's cloud issued it, so its own expiry is moved
// by making the reader believe it was issued earlier: exp stays, obtained moves.
func aged(wall, uptime time.Duration) func(*testing.T, string) {
	return change(func(s *stored) {
		s.Session.Obtained = s.Session.Obtained.Add(wall)
		s.Session.Uptime += int64(uptime)
		if wall == uptime { // really older: so is the token
			s.Session.Token = tokenExpiring(s.Session.Obtained.Add(time.Hour))
		}
	})
}

func linkAway(t *testing.T, dir string) {
	outside := filepath.Join(t.TempDir(), "elsewhere.json")
	must(t, os.Rename(filepath.Join(dir, cacheName), outside))
	must(t, os.Symlink(outside, filepath.Join(dir, cacheName)))
}

func TestCacheModes(t *testing.T) {
	c := newCloud(t)
	dir := stateDir(t)
	old := unix.Umask(0)
	defer unix.Umask(old)
	if _, err := c.client(c.options(dir)).Address(within(t, 5*time.Second), testPrivateIP); err != nil {
		t.Fatal(err)
	}
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		must(t, err)
		want := os.FileMode(0o600)
		if info.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %04o, want %04o", path, info.Mode().Perm(), want)
		}
		if strings.HasPrefix(filepath.Base(path), ".") {
			t.Errorf("temporary file %s was left", path)
		}
		return nil
	})
	must(t, err)
}

// Without a folder to cache in everything works, only slower.
func TestUnusableStateDir(t *testing.T) {
	c := newCloud(t)
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	for _, dir := range []string{"", file, filepath.Join(file, "below"), "/proc/ocf-oci"} {
		client := c.client(c.options(dir))
		for range 2 {
			if _, err := client.Address(within(t, 5*time.Second), testPrivateIP); err != nil {
				t.Fatalf("state folder %q: %v", dir, err)
			}
		}
		if _, f, _ := c.seen(); f != 1 {
			t.Errorf("state folder %q: %d federation requests, want 1", dir, f)
		}
	}
}

// In the second half of its life a token is renewed in passing; if that fails
// it is used on, quickly, and the try is not repeated at once.
func TestRenewalInPassing(t *testing.T) {
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
