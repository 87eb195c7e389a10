// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"ocf-oci/internal/migration"
	"ocf-oci/internal/packages"
)

// What is saved, below migration.Dir.
const (
	savedConfig   = "ha.d"     // a copy of /etc/ha.d
	savedPackages = "packages" // the package files of Heartbeat
	manifestFile  = "manifest.json"
)

// manifest are the digests of everything that was saved: path below migration.Dir to SHA-256, or "-> target" of a link.
type manifest map[string]string

// save saves the package files of Heartbeat and /etc/ha.d, with checksums.
func (m *Machine) save(ctx context.Context, _ migration.Order, j *migration.Journal, event func(string)) error {
	list, err := m.heartbeatPackages(ctx)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errors.New("no package of Heartbeat is installed: there is nothing to save")
	}
	next := saved("next")
	if err := os.RemoveAll(next); err != nil {
		return fmt.Errorf("clear what an interrupted run left: %w", err)
	}
	dir := filepath.Join(next, savedPackages)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make room for the packages: %w", err)
	}
	if err := m.manager.Save(ctx, dir, list); err != nil {
		return err
	}
	if _, err := m.run(ctx, "cp", "-a", haDir, filepath.Join(next, savedConfig)); err != nil {
		return fmt.Errorf("save %s: %w", haDir, err)
	}
	sums, err := digests(next)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(sums, "", " ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(next, manifestFile), text, 0o600); err != nil {
		return fmt.Errorf("write checksums: %w", err)
	}
	for _, name := range []string{savedPackages, savedConfig, manifestFile} {
		if err := os.RemoveAll(saved(name)); err != nil {
			return fmt.Errorf("replace what was saved before: %w", err)
		}
		if err := os.Rename(filepath.Join(next, name), saved(name)); err != nil {
			return fmt.Errorf("keep what was saved: %w", err)
		}
	}
	if err := flush(migration.Dir); err != nil {
		return err
	}
	enabled, _ := m.run(ctx, "systemctl", "is-enabled", "heartbeat.service")
	j.Enabled = len(enabled) >= 7 && enabled[:7] == "enabled"
	j.Saved = list
	event(fmt.Sprintf("saved %d packages and %d files in %s", len(list), len(sums)-len(list), migration.Dir))
	return checkSaved()
}

// flush writes the file system of dir to its disk: the package manager deletes Heartbeat next, and the power may fail
// right then.
func flush(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("write to disk what was saved: %w", err)
	}
	defer d.Close()
	if err := unix.Syncfs(int(d.Fd())); err != nil {
		return fmt.Errorf("write to disk what was saved in %s: %w", dir, err)
	}
	return nil
}

// heartbeatPackages are those that leave with Heartbeat or that it was installed with.
func (m *Machine) heartbeatPackages(ctx context.Context) ([]packages.Package, error) {
	all, err := m.manager.Installed(ctx)
	if err != nil {
		return nil, err
	}
	var list []packages.Package
	found := false
	for _, p := range all {
		if slices.Contains([]string{"heartbeat", "heartbeat-2"}, p.Source) {
			list = append(list, p)
			found = found || isHeartbeat(p.Name)
		}
	}
	if !found {
		return nil, nil
	}
	return list, nil
}

func isHeartbeat(name string) bool { return name == "heartbeat" || name == "heartbeat-2" }

// digests of all files below dir.
func digests(dir string) (manifest, error) {
	sums := manifest{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		switch {
		case d.IsDir() || name == manifestFile:
			return nil
		case d.Type()&fs.ModeSymlink != 0:
			to, err := os.Readlink(path)
			sums[name] = "-> " + to
			return err
		case !d.Type().IsRegular():
			return nil
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		h := sha256.New()
		if _, err := io.Copy(h, f); err != nil {
			return err
		}
		sums[name] = hex.EncodeToString(h.Sum(nil))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("make checksums of what was saved: %w", err)
	}
	return sums, nil
}

// checkSaved compares what was saved with its checksums.
func checkSaved() error {
	want, err := readManifest()
	if err != nil {
		return err
	}
	got := manifest{}
	for _, dir := range []string{savedPackages, savedConfig} {
		sums, err := digests(saved(dir))
		if err != nil {
			return err
		}
		for name, sum := range sums {
			got[filepath.Join(dir, name)] = sum
		}
	}
	for name, sum := range want {
		if got[name] != sum {
			return fmt.Errorf("%s is missing or not as it was saved (checksum)", saved(name))
		}
	}
	return nil
}

func readManifest() (manifest, error) {
	text, err := os.ReadFile(saved(manifestFile))
	if err != nil {
		return nil, fmt.Errorf("there is nothing saved of Heartbeat to go back to: %w", err)
	}
	want := manifest{}
	if err := json.Unmarshal(text, &want); err != nil || len(want) == 0 {
		return nil, fmt.Errorf("%s is damaged: %w", saved(manifestFile), errors.Join(err, fs.ErrInvalid))
	}
	return want, nil
}

// restoreConfig brings /etc/ha.d back as it was saved, file by file, and checks it. With held, haresources is empty.
func (m *Machine) restoreConfig(ctx context.Context, held bool) error {
	if err := checkSaved(); err != nil {
		return err
	}
	if err := os.MkdirAll(haDir, 0o755); err != nil {
		return err
	}
	if _, err := m.run(ctx, "cp", "-a", saved(savedConfig)+"/.", haDir); err != nil {
		return fmt.Errorf("restore %s: %w", haDir, err)
	}
	if held {
		if err := withhold(); err != nil {
			return err
		}
	}
	want, err := readManifest()
	if err != nil {
		return err
	}
	got, err := digests(haDir)
	if err != nil {
		return err
	}
	for name, sum := range want {
		below, ok := cutDir(name, savedConfig)
		if ok && got[below] != sum && (!held || below != "haresources") {
			return fmt.Errorf("%s is not as it was saved after restoring it", filepath.Join(haDir, below))
		}
	}
	return nil
}

func cutDir(name, dir string) (string, bool) {
	rest, err := filepath.Rel(dir, name)
	return rest, err == nil && !filepath.IsAbs(rest) && rest != ".." && (len(rest) < 3 || rest[:3] != "../")
}

// noResources is haresources without resources.
const noResources = "# The resources are with pacemaker on the other node; ngcp-ha migrate --rollback brings them back.\n"

// withhold makes haresources one without resources: Heartbeat does not start without the file.
func withhold() error { return replaceFile(haresources, []byte(noResources), 0o644) }

// withheld tells whether haresources is the one without resources.
func withheld() bool {
	text, err := os.ReadFile(haresources)
	return err == nil && string(text) == noResources
}
