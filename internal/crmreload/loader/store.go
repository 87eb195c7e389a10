// SPDX-License-Identifier: Apache-2.0

package loader

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ocf-oci/internal/crmreload"
	"ocf-oci/internal/crmsyntax"
	"ocf-oci/internal/state"
)

// Store is a directory with the configurations that reloads on this node have replaced.
type Store string

const (
	savedPrefix = "configuration-"
	savedSuffix = ".xml"
	savedTime   = "20060102T150405.000000000Z"
	savedMost   = 20
)

// ErrNothingSaved means that no reload on this node has replaced anything.
var ErrNothingSaved = errors.New("no earlier configuration is saved on this node; if the other node of the pair did the reload, call --undo there")

// Lock waits until no other call on this node works.
func (s Store) Lock(ctx context.Context) (func(), error) {
	dir, err := state.Open(string(s))
	if err != nil {
		return nil, err
	}
	return dir.Lock(ctx, "crm-reload")
}

// Save writes a configuration, completely or not at all, and forgets the oldest ones.
func (s Store) Save(cfg *crmsyntax.Configuration) error {
	fail := func(err error) error {
		return fmt.Errorf("saving the present configuration before it is replaced (nothing was changed): %w", err)
	}
	if err := os.MkdirAll(string(s), 0o700); err != nil {
		return fail(err)
	}
	file, err := os.CreateTemp(string(s), ".configuration-*")
	if err != nil {
		return fail(err)
	}
	defer os.Remove(file.Name())
	_, err = file.Write(cfg.XML())
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), filepath.Join(string(s), savedPrefix+time.Now().UTC().Format(savedTime)+savedSuffix))
	}
	if err != nil {
		return fail(err)
	}
	saved, err := s.saved()
	for i := 0; err == nil && i < len(saved)-savedMost; i++ {
		err = os.Remove(saved[i])
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fail(err)
	}
	return nil
}

// saved are the files, the oldest first.
func (s Store) saved() ([]string, error) {
	entries, err := os.ReadDir(string(s))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), savedPrefix) && strings.HasSuffix(e.Name(), savedSuffix) {
			names = append(names, filepath.Join(string(s), e.Name()))
		}
	}
	slices.Sort(names)
	return names, err
}

// Previous is the source that brings back the last saved configuration that is not the live one (a call that was killed
// before it wrote has saved the live one).
func (s Store) Previous(live *crmsyntax.Configuration, _ string) (*crmsyntax.Configuration, error) {
	saved, err := s.saved()
	if err != nil {
		return nil, fmt.Errorf("looking for saved configurations: %w", err)
	}
	for _, name := range slices.Backward(saved) {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading a saved configuration: %w", err)
		}
		cfg, err := crmsyntax.Read(bytes.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("reading the saved configuration %s: %w", name, err)
		}
		if len(crmreload.Make(cfg, live, crmreload.Options{Exact: true}).Changes) > 0 {
			return cfg, nil
		}
	}
	return nil, ErrNothingSaved
}
