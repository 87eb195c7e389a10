// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// When a cached token may not be used, and that it may in the control case.
func TestCacheTrust(t *testing.T) {
	t.Parallel()
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
