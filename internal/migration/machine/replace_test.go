// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"ocf-oci/internal/migration"
)

// A configuration file that is a link stays one, and what it points to keeps its owner, group and mode.
func TestWriteConfigKeeps(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "real", "site.yml"), filepath.Join(dir, "config.yml")
	if err := errors.Join(os.Mkdir(filepath.Dir(target), 0o755), os.WriteFile(target, []byte("old\n"), 0o600), os.Chown(target, 65534, 65533),
		os.Chmod(target, 0o640), os.Symlink("real/site.yml", link)); err != nil {
		t.Fatal(err)
	}
	if err := writeConfig(link, []byte("new\n")); err != nil {
		t.Fatal(err)
	}
	if to, err := os.Readlink(link); to != "real/site.yml" || err != nil {
		t.Errorf("the link became %q, %v", to, err)
	}
	st, err := os.Stat(target)
	if err != nil {
		t.Fatal(err)
	}
	if own := st.Sys().(*syscall.Stat_t); own.Uid != 65534 || own.Gid != 65533 || st.Mode() != 0o640 {
		t.Errorf("%d:%d %v, not 65534:65533 0640", own.Uid, own.Gid, st.Mode())
	}
	if text, err := os.ReadFile(target); string(text) != "new\n" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	for _, d := range []string{dir, filepath.Dir(target)} {
		if left, _ := filepath.Glob(filepath.Join(d, ".*.yml.*")); left != nil {
			t.Errorf("left behind: %v", left)
		}
	}
}

// A file that is not there is made; a link to nothing is neither followed nor replaced.
func TestWriteConfigNew(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "config.sp.yml"), filepath.Join(dir, "config.yml")
	if err := errors.Join(os.Symlink("gone.yml", link), writeConfig(file, []byte("x\n"))); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(file); err != nil || st.Mode() != 0o644 {
		t.Errorf("%v, %v", st, err)
	}
	if err := writeConfig(link, []byte("x\n")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("written through a link to nothing: %v", err)
	}
	if to, err := os.Readlink(link); to != "gone.yml" || err != nil {
		t.Errorf("the link became %q, %v", to, err)
	}
}

// Switching back leaves no section that the switch made, and no file that it made.
func TestSwitchBackLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	made, had := filepath.Join(dir, "config.sp.yml"), filepath.Join(dir, "config.yml")
	const both = "ha:\n  gcs: corosync\n  crm: pacemaker\n"
	if err := errors.Join(os.WriteFile(made, []byte(both), 0o644), os.WriteFile(had, []byte("a: 1\n"+both), 0o644)); err != nil {
		t.Fatal(err)
	}
	j := &migration.Journal{}
	for _, kv := range switched {
		j.Config = append(j.Config, migration.Setting{File: made, Key: kv[0], NoFile: true}, migration.Setting{File: had, Key: kv[0]})
	}
	if err := (&Machine{}).switchBack(context.Background(), migration.Order{}, j, func(string) {}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(made); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", made, err)
	}
	if text, err := os.ReadFile(had); string(text) != "a: 1\n" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}
