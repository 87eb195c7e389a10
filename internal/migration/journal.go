// SPDX-License-Identifier: Apache-2.0

package migration

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ocf-oci/internal/packages"
	"ocf-oci/internal/state"
)

// Dir holds the journals, what was saved, and the program that the peer copied here.
const Dir = "/var/lib/ngcp-ha/migrate"

// Record is how far a step got.
type Record struct {
	Begun time.Time `json:"begun"`
	Done  time.Time `json:"done,omitzero"`
}

// Journal is what a node has done and must know to undo it.
type Journal struct {
	Steps    map[Step]Record `json:"steps"`
	Released bool            `json:"released,omitempty"` // it let go of the resources in this run
	Taken    bool            `json:"taken,omitempty"`    // it took them in this run
	// Direction is that of the run which Released and Taken belong to.
	Direction Direction          `json:"direction,omitempty"`
	Saved     []packages.Package `json:"saved,omitempty"`  // of Heartbeat
	Enabled   bool               `json:"enabled"`          // Heartbeat's unit started at boot
	Added     []string           `json:"added,omitempty"`  // packages that step 5 brought
	Config    []Setting          `json:"config,omitempty"` // of step 6, as they were
}

// Setting is a value of config.yml as it was.
type Setting struct {
	File    string `json:"file"`
	Key     string `json:"key"`
	Value   string `json:"value"`
	Present bool   `json:"present"`
	NoFile  bool   `json:"no_file,omitempty"` // the file did not exist
}

// Begun reports whether anything of the migration was begun here and not undone.
func (j Journal) Begun() bool { return len(j.Steps) > 0 }

// Complete reports whether all steps are done.
func (j Journal) Complete() bool {
	for s := Save; s <= Start; s++ {
		if j.Steps[s].Done.IsZero() {
			return false
		}
	}
	return true
}

// Run is what the node that leads a run remembers of it.
type Run struct {
	Direction Direction `json:"direction"`
	First     string    `json:"first"`
	Second    string    `json:"second"` // empty: alone
	Begun     time.Time `json:"begun"`
	Ended     time.Time `json:"ended,omitzero"`
	Where     string    `json:"where,omitempty"` // what it does, or where it failed
}

// Unfinished reports whether there is a run that was begun and not ended.
func (r Run) Unfinished() bool { return !r.Begun.IsZero() && r.Ended.IsZero() }

const (
	journalFile = "journal"
	runFile     = "run"
)

// Store reads and writes the journals of this node.
type Store struct{ dir *state.Dir }

// OpenStore opens the journals of this node.
func OpenStore() (Store, error) {
	if err := os.MkdirAll(filepath.Dir(Dir), 0o755); err != nil {
		return Store{}, fmt.Errorf("make the migration's folder: %w", err)
	}
	d, err := state.Open(Dir)
	if err != nil {
		return Store{}, fmt.Errorf("open the migration's journal: %w", err)
	}
	return Store{d}, nil
}

// Journal reads the node's journal; empty if there is none.
func (s Store) Journal() (Journal, error) {
	j := Journal{}
	if _, err := s.dir.Read(journalFile, &j); err != nil {
		return j, fmt.Errorf("read the migration's journal %s: %w", filepath.Join(Dir, journalFile), err)
	}
	if j.Steps == nil {
		j.Steps = map[Step]Record{}
	}
	return j, nil
}

// Write replaces the node's journal.
func (s Store) Write(j Journal) error {
	if err := s.dir.Write(journalFile, j); err != nil {
		return fmt.Errorf("write the migration's journal: %w", err)
	}
	return nil
}

// Run reads what the leading node remembers.
func (s Store) Run() (Run, error) {
	var r Run
	if _, err := s.dir.Read(runFile, &r); err != nil {
		return r, fmt.Errorf("read the migration's journal %s: %w", filepath.Join(Dir, runFile), err)
	}
	return r, nil
}

// WriteRun replaces it.
func (s Store) WriteRun(r Run) error {
	if err := s.dir.Write(runFile, r); err != nil {
		return fmt.Errorf("write the migration's journal: %w", err)
	}
	return nil
}

// Lock keeps others away from what name stands for, on this node; it waits until ctx ends.
func (s Store) Lock(ctx context.Context, name string) (func(), error) {
	unlock, err := s.dir.Lock(ctx, name+".lock")
	if err != nil {
		return nil, fmt.Errorf("another migration works on this node: %w", err)
	}
	return unlock, nil
}
