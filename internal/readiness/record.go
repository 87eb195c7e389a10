// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/state"
)

const kind = "ready"

// Record is the last answer for a resource, kept as RESOURCE.ready.
type Record struct {
	Resource string `json:"resource"`
	floating.Readiness
	At time.Time `json:"at"`
}

// Store keeps records in the state directory.
type Store struct{ dir *state.Dir }

// Open returns the store in a state directory; it need not exist.
func Open(dir string) (Store, error) {
	d, err := state.Open(dir)
	return Store{d}, err
}

// Last returns the last record of a resource. One that cannot be read counts as none: the next change is then logged
// once too often.
func (s Store) Last(resource string) (Record, bool) {
	var r Record
	p, err := s.dir.Read(state.Name(resource, kind), &r)
	return r, err == nil && p == state.Present
}

// Put keeps a record.
func (s Store) Put(r Record) error {
	if err := s.dir.Write(state.Name(r.Resource, kind), r); err != nil {
		return fmt.Errorf("keeping the readiness of %s: %w", r.Resource, err)
	}
	return nil
}

// Drop forgets a resource.
func (s Store) Drop(resource string) error { return s.dir.Remove(state.Name(resource, kind)) }

// Resources returns those that have a record, sorted.
func (s Store) Resources() ([]string, error) {
	entries, err := os.ReadDir(s.dir.Path())
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, fmt.Errorf("looking for records of readiness: %w", err)
	}
	var names []string
	for _, e := range entries {
		if filepath.Ext(e.Name()) != "."+kind || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		var r Record
		if p, err := s.dir.Read(e.Name(), &r); err == nil && p == state.Present {
			names = append(names, r.Resource)
		}
	}
	slices.Sort(names)
	return names, nil
}

// Changed tells whether there is news in a record: the answer, or which problems and warnings there are. Texts alone
// are no news, since they carry request ids and times.
func Changed(before, now Record) bool {
	return before.Ready != now.Ready || before.Degraded != now.Degraded ||
		!slices.Equal(ids(before.Problems), ids(now.Problems)) || !slices.Equal(ids(before.Warnings), ids(now.Warnings))
}

func ids(list []floating.Finding) []string {
	var out []string
	for _, f := range list {
		out = append(out, f.ID)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
