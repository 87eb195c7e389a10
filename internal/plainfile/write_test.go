// SPDX-License-Identifier: Apache-2.0

package plainfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// One that cannot be written keeps all of them as they were.
func TestAllOrNone(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "missing", "b")
	if err := os.WriteFile(a, []byte("precious"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Write(false, File{a, []byte("new"), 0o644}, File{b, []byte("new"), 0o600}); err == nil {
		t.Error("a folder that does not exist is no error")
	}
	holds(t, dir, "a", "precious")
	if err := Write(true, File{a, []byte("new"), 0o644}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a fresh file over another: %v", err)
	}
	holds(t, dir, "a", "precious")
	if err := Write(false, File{a, []byte("new"), 0o600}); err != nil {
		t.Error(err)
	}
	holds(t, dir, "a", "new")
	if info, err := os.Stat(a); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
}

// holds checks that a folder has this file and nothing else, no temporary one either.
func holds(t *testing.T, dir, name, content string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != name {
		t.Errorf("the folder has %v (%v)", entries, err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(text) != content {
		t.Errorf("%s is %q (%v)", name, text, err)
	}
}
