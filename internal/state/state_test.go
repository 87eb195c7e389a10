// SPDX-License-Identifier: Apache-2.0

package state

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

type mark struct {
	Taker string
	When  time.Time
}

func open(t *testing.T) *Dir {
	t.Helper()
	d, err := Open(filepath.Join(t.TempDir(), "run"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestRoundTrip(t *testing.T) {
	d := open(t)
	var got mark
	if p, err := d.Read("a", &got); p != Absent || err != nil {
		t.Fatalf("before the first write: %v %v", p, err)
	}
	if _, err := os.Stat(d.Path()); !os.IsNotExist(err) {
		t.Fatalf("reading made the directory: %v", err)
	}
	if err := d.Remove("a"); err != nil {
		t.Fatal(err)
	}
	want := mark{"n2", time.Unix(5, 6).UTC()}
	for range 2 {
		if err := d.Write("a", want); err != nil {
			t.Fatal(err)
		}
	}
	if p, err := d.Read("a", &got); p != Present || err != nil || !cmp.Equal(got, want) {
		t.Fatalf("%v %v %+v", p, err, got)
	}
	if p, err := d.Read("b", &got); p != Absent || err != nil {
		t.Fatalf("another name: %v %v", p, err)
	}
	for path, mode := range map[string]os.FileMode{d.Path(): 0o700, filepath.Join(d.Path(), "a"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v %v", path, info.Mode(), err)
		}
	}
	if entries, _ := os.ReadDir(d.Path()); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	for range 2 {
		if err := d.Remove("a"); err != nil {
			t.Fatal(err)
		}
	}
	if p, err := d.Read("a", &got); p != Absent || err != nil {
		t.Fatalf("removed: %v %v", p, err)
	}
}

// TestSuspicious plants what must be unknown: never present, and never absent.
func TestSuspicious(t *testing.T) {
	file := func(d *Dir) string { return filepath.Join(d.Path(), "a") }
	for name, plant := range map[string]func(*Dir) error{
		"mode of the file":       func(d *Dir) error { return os.Chmod(file(d), 0o640) },
		"writable for others":    func(d *Dir) error { return os.Chmod(file(d), 0o602) },
		"owner of the file":      func(d *Dir) error { return os.Chown(file(d), 12345, 0) },
		"mode of the directory":  func(d *Dir) error { return os.Chmod(d.Path(), 0o755) },
		"owner of the directory": func(d *Dir) error { return os.Chown(d.Path(), 12345, 0) },
		"symbolic link": func(d *Dir) error {
			if err := os.Rename(file(d), file(d)+"2"); err != nil {
				return err
			}
			return os.Symlink("a2", file(d))
		},
		"directory is a link": func(d *Dir) error {
			if err := os.Rename(d.Path(), d.Path()+"2"); err != nil {
				return err
			}
			return os.Symlink("run2", d.Path())
		},
		"dangling link": func(d *Dir) error {
			os.Remove(file(d))
			return os.Symlink("nowhere", file(d))
		},
		"fifo": func(d *Dir) error {
			os.Remove(file(d))
			return syscall.Mkfifo(file(d), 0o600)
		},
		"directory instead of file": func(d *Dir) error {
			os.Remove(file(d))
			return os.Mkdir(file(d), 0o700)
		},
		"file instead of directory": func(d *Dir) error {
			os.RemoveAll(d.Path())
			return os.WriteFile(d.Path(), nil, 0o600)
		},
		"empty":        func(d *Dir) error { return os.WriteFile(file(d), nil, 0o600) },
		"half":         func(d *Dir) error { return os.WriteFile(file(d), []byte(`{"Taker":"n`), 0o600) },
		"other type":   func(d *Dir) error { return os.WriteFile(file(d), []byte(`{"Taker":5}`), 0o600) },
		"more follows": func(d *Dir) error { return os.WriteFile(file(d), []byte(`{"Taker":"n"}{}`), 0o600) },
		"too long":     func(d *Dir) error { return os.WriteFile(file(d), []byte(strings.Repeat(" ", limit)+"{}"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			if strings.HasPrefix(name, "owner") && os.Geteuid() != 0 {
				t.Skip("only root can give files away")
			}
			d := open(t)
			if err := d.Write("a", mark{Taker: "n2"}); err != nil {
				t.Fatal(err)
			}
			if err := plant(d); err != nil {
				t.Fatal(err)
			}
			var got mark
			p, err := d.Read("a", &got)
			if p != Unknown || err == nil {
				t.Fatalf("%v %v", p, err)
			}
			if !strings.Contains(err.Error(), d.Path()) {
				t.Errorf("the error does not name the file: %v", err)
			}
		})
	}
}

// TestMended: what a later write can put right, it does.
func TestMended(t *testing.T) {
	d := open(t)
	if err := d.Write("a", mark{Taker: "1"}); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(d.Path(), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(d.Path(), "a"), []byte("half"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := d.Write("a", mark{Taker: "2"}); err != nil {
		t.Fatal(err)
	}
	var got mark
	if p, err := d.Read("a", &got); p != Present || got.Taker != "2" {
		t.Errorf("%v %v %v", p, err, got)
	}
	if err := os.Chmod(d.Path(), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := d.Write("a", mark{}); err == nil {
		t.Error("wrote into a directory that anybody may write to")
	}
}

// TestSweep: a killed writer's file goes, a living one's stays.
func TestSweep(t *testing.T) {
	d := open(t)
	if err := d.Write("a", 1); err != nil {
		t.Fatal(err)
	}
	old, young := filepath.Join(d.Path(), ".old.tmp"), filepath.Join(d.Path(), ".young.tmp")
	for _, f := range []string{old, young} {
		if err := os.WriteFile(f, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(old, time.Time{}, time.Now().Add(-2*abandoned)); err != nil {
		t.Fatal(err)
	}
	if err := d.Write("a", 2); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Errorf("the old one: %v", err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Errorf("the young one: %v", err)
	}
}

// TestFullDisk: the old content survives a write that fails.
func TestFullDisk(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to mount a small tmpfs")
	}
	small := t.TempDir()
	if err := unix.Mount("small", small, "tmpfs", 0, "size=8k,mode=700"); err != nil {
		t.Fatal(err)
	}
	defer unix.Unmount(small, unix.MNT_DETACH)
	d, _ := Open(filepath.Join(small, "run"))
	if err := d.Write("a", "old"); err != nil {
		t.Fatal(err)
	}
	if err := d.Write("a", strings.Repeat("x", 20000)); err == nil {
		t.Fatal("20000 bytes fit into 8 kB")
	}
	var got string
	if p, err := d.Read("a", &got); p != Present || got != "old" {
		t.Errorf("%v %v %q", p, err, got)
	}
	if entries, _ := os.ReadDir(d.Path()); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestBadNames(t *testing.T) {
	d := open(t)
	for _, name := range []string{"", ".", "..", "../a", "a/b", ".hidden", "a\x00b", strings.Repeat("a", 256)} {
		if err := d.Write(name, 1); err == nil {
			t.Errorf("wrote %q", name)
		}
		if p, err := d.Read(name, nil); p != Unknown || err == nil {
			t.Errorf("read %q: %v", name, p)
		}
		if err := d.Remove(name); err == nil {
			t.Errorf("removed %q", name)
		}
	}
	if _, err := Open("relative"); err == nil {
		t.Error("opened a relative path")
	}
	if err := d.Write("a", func() {}); err == nil {
		t.Error("wrote what is no JSON")
	}
}

func TestName(t *testing.T) {
	for resource, want := range map[string]string{
		"Cluster_VIP": "Cluster_VIP.owned", "vip:0": "vip:0.owned", "a/../b": "a%2F..%2Fb.owned", ".x": "%2Ex.owned",
		"ü": "%C3%BC.owned", "a%2F": "a%252F.owned", "": "%.owned",
	} {
		if got := Name(resource, "owned"); got != want {
			t.Errorf("%q: %q, want %q", resource, got, want)
		}
	}
	text := rapid.OneOf(rapid.StringMatching(`[ab./%~2Fé]{0,6}`), rapid.StringN(0, 400, 400))
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		m, n := Name(a, "lost"), Name(b, "lost")
		if (m == n) != (a == b) {
			t.Fatalf("%q and %q", m, n)
		}
		if err := validName(m + lockSuffix); err != nil {
			t.Fatal(err)
		}
	})
}

func TestPresence(t *testing.T) {
	var p Presence
	if p != Unknown {
		t.Error("the zero value is not unknown")
	}
	text, _ := json.Marshal([]string{Unknown.String(), Absent.String(), Present.String()})
	if string(text) != `["unknown","absent","present"]` {
		t.Error(string(text))
	}
}
