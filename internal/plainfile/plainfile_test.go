// SPDX-License-Identifier: Apache-2.0

package plainfile

import (
	"errors"
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
