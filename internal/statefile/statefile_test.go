// SPDX-License-Identifier: Apache-2.0

package statefile

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestLife(t *testing.T) {
	f := File(filepath.Join(t.TempDir(), "ping-pingd"))
	if on, err := f.Exists(); on || err != nil {
		t.Errorf("before: %v, %v", on, err)
	}
	for _, content := range []string{"one", "", "two"} {
		if err := f.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
		got, err := f.Read()
		if on, err := f.Exists(); !on || err != nil {
			t.Errorf("%q: %v, %v", content, on, err)
		}
		if string(got) != content || err != nil {
			t.Errorf("read %q, %v, want %q", got, err, content)
		}
	}
	if left, _ := os.ReadDir(filepath.Dir(string(f))); len(left) != 1 {
		t.Errorf("files left: %v", left)
	}
	if err := errors.Join(f.Remove(), f.Remove()); err != nil {
		t.Error(err)
	}
	if on, err := f.Exists(); on || err != nil {
		t.Errorf("after: %v, %v", on, err)
	}
}

func TestForeignFilesSayNothing(t *testing.T) {
	dir := t.TempDir()
	link, folder := File(filepath.Join(dir, "link")), File(filepath.Join(dir, "folder"))
	real := filepath.Join(dir, "real")
	if err := errors.Join(os.WriteFile(real, nil, 0o600), os.Symlink(real, string(link)), os.Mkdir(string(folder), 0o700)); err != nil {
		t.Fatal(err)
	}
	foreign := []File{link, folder}
	if os.Getuid() == 0 {
		other := filepath.Join(dir, "other")
		if err := errors.Join(os.WriteFile(other, nil, 0o644), os.Chown(other, 65534, 65534)); err != nil {
			t.Fatal(err)
		}
		foreign = append(foreign, File(other))
	}
	for _, f := range foreign {
		var notOurs *NotOurs
		if on, err := f.Exists(); on || !errors.As(err, &notOurs) {
			t.Errorf("%s: %v, %v", f, on, err)
		}
	}
}

func TestWritableByOthersIsNoMemory(t *testing.T) {
	f := File(filepath.Join(t.TempDir(), "ping"))
	if err := errors.Join(os.WriteFile(string(f), []byte("planted"), 0o600), os.Chmod(string(f), 0o666)); err != nil {
		t.Fatal(err)
	}
	if on, err := f.Exists(); !on || err != nil {
		t.Errorf("%v, %v", on, err)
	}
	if got, err := f.Read(); len(got) != 0 || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestWhatCannotBeTold(t *testing.T) {
	f := File("/dev/null/ping")
	if on, err := f.Exists(); on || err != nil {
		t.Errorf("below a file nothing can exist: %v, %v", on, err)
	}
	if err := f.Write(nil); err == nil {
		t.Error("written below a file")
	}
	long := File("/" + string(make([]byte, 300)))
	if _, err := long.Exists(); err == nil {
		t.Error("a path that cannot be looked up is not absent")
	}
}
