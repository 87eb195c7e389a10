// SPDX-License-Identifier: Apache-2.0

package plainfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(os.WriteFile(at("file"), []byte("four"), 0o600), os.Symlink(at("file"), at("link")), os.Symlink(at("nowhere"), at("dangling")),
		os.Symlink(at("loop"), at("loop")), os.WriteFile(at("empty"), nil, 0o600), os.Mkdir(at("folder"), 0o700), unix.Mkfifo(at("pipe"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"file": "four", "link": "four", "empty": ""} {
		if got, err := Read(at(name), 4); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for path, want := range map[string]error{at("missing"): fs.ErrNotExist, at("dangling"): fs.ErrNotExist, at("loop"): unix.ELOOP, at("folder"): fs.ErrInvalid,
		at("pipe"): fs.ErrInvalid, "/dev/zero": fs.ErrInvalid, at("file") + "/below": unix.ENOTDIR} {
		if got, err := Read(path, 4); !errors.Is(err, want) {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	if _, err := Read(at("file"), 3); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("too long: %v", err)
	}
}

// A pipe by its name is refused, one that the shell handed over is read; a device is refused however it is named.
func TestReadGiven(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadGiven(pipe, 4); !errors.Is(err, ErrNotRegular) {
		t.Errorf("a pipe: %v", err)
	}
	for _, folder := range []string{"/dev/fd/", "/proc/self/fd/"} {
		for text, want := range map[string]error{"four": nil, "fives": fs.ErrInvalid} {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			_, err = w.WriteString(text)
			w.Close()
			got, rerr := ReadGiven(fmt.Sprint(folder, r.Fd()), 4)
			if err != nil || !errors.Is(rerr, want) || want == nil && string(got) != text {
				t.Errorf("%s: %s: %q, %v", folder, text, got, rerr)
			}
			if _, err := Read(fmt.Sprint(folder, r.Fd()), 4); !errors.Is(err, ErrNotRegular) {
				t.Errorf("Read: %v", err)
			}
			r.Close()
		}
	}
	zero, err := os.Open("/dev/zero")
	if err != nil {
		t.Fatal(err)
	}
	defer zero.Close()
	if _, err := ReadGiven(fmt.Sprint("/dev/fd/", zero.Fd()), 4); !errors.Is(err, ErrNotRegular) {
		t.Errorf("a device: %v", err)
	}
}
