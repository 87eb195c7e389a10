// SPDX-License-Identifier: Apache-2.0

package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"ocf-oci/lab/cluster"
)

// BaseDir holds one folder per lab.
const BaseDir = cluster.BaseDir

// State is state.json of a lab: what there is to remove, and how to reach it.
type State struct {
	Options    Options   `json:"options"`
	Created    time.Time `json:"created"`
	Daemon     int       `json:"daemon"` // process ID; meaningful while the lock is held
	Namespaces []string  `json:"namespaces"`
	Ready      bool      `json:"ready"`
}

// folder is the path of a lab's folder.
type folder string

func folderOf(name string) folder { return folder(filepath.Join(BaseDir, name)) }
func (f folder) path(parts ...string) string {
	return filepath.Join(append([]string{string(f)}, parts...)...)
}
func (f folder) socket() string { return f.path("control.sock") }

// load reads the state. fs.ErrNotExist: no such lab.
func (f folder) load() (State, error) {
	var s State
	b, err := os.ReadFile(f.path("state.json"))
	if err != nil {
		return s, fmt.Errorf("read the lab's state: %w", err)
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, fmt.Errorf("read the lab's state %s: %w", f.path("state.json"), err)
	}
	return s, nil
}

// save replaces the state atomically.
func (f folder) save(s State) error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("write the lab's state: %w", err)
	}
	next := f.path("state.json.next")
	if err := os.WriteFile(next, append(b, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the lab's state: %w", err)
	}
	if err := os.Rename(next, f.path("state.json")); err != nil {
		return fmt.Errorf("write the lab's state: %w", err)
	}
	return nil
}

// refusal is an error whose text says all, and that errors.Is finds to be of a kind.
type refusal struct {
	text string
	kind error
}

func (r refusal) Error() string { return r.text }
func (r refusal) Unwrap() error { return r.kind }

func noLab(name string) error {
	return refusal{"there is no lab " + name + "; see ocf-lab list", fs.ErrNotExist}
}

// errLocked: somebody else holds the lock, so the lab is alive.
var errLocked = errors.New("locked")

// How to take a lock.
const (
	lockMake = 1 << iota // make the file. Without it a lab that is being removed would get a second lock
	lockWait             // wait for whoever holds it
)

// lockFile takes the lock on a file; errLocked: somebody else holds it. The lock lasts until the last copy of the file is
// closed, so the daemon inherits it from Up and holds it while it lives.
func lockFile(path string, flags int) (*os.File, error) {
	mode := os.O_RDWR
	if flags&lockMake != 0 {
		mode |= os.O_CREATE
	}
	file, err := os.OpenFile(path, mode, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock %s: %w", path, err)
	}
	how := unix.LOCK_EX
	if flags&lockWait == 0 {
		how |= unix.LOCK_NB
	}
	for {
		err = unix.Flock(int(file.Fd()), how)
		if err != unix.EINTR {
			break
		}
	}
	if err == nil {
		return file, nil
	}
	file.Close()
	if err == unix.EWOULDBLOCK {
		return nil, errLocked
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}

// withBase runs fn while no other process makes or sweeps labs.
func withBase(fn func() error) error {
	if err := os.MkdirAll(BaseDir, 0o755); err != nil {
		return fmt.Errorf("make %s (root is needed): %w", BaseDir, err)
	}
	lock, err := lockFile(filepath.Join(BaseDir, ".lock"), lockMake|lockWait)
	if err != nil {
		return err
	}
	defer lock.Close()
	return fn()
}

// Info is a line of List.
type Info struct {
	Name     string    `json:"name"`
	Scenario Scenario  `json:"scenario"`
	Nodes    []string  `json:"nodes"`
	Created  time.Time `json:"created"`
	// State is up, starting, or stale (its daemon is dead; the next up or down removes it).
	State  string `json:"state"`
	Daemon int    `json:"daemon"`
}

// List returns the labs on this machine by name.
func List() ([]Info, error) {
	files, err := filepath.Glob(filepath.Join(BaseDir, "*", "state.json"))
	if err != nil {
		return nil, fmt.Errorf("list labs: %w", err)
	}
	infos := []Info{}
	for _, file := range files {
		f := folder(filepath.Dir(file))
		s, err := f.load()
		if errors.Is(err, fs.ErrNotExist) {
			continue // went down meanwhile
		}
		if err != nil {
			return nil, err
		}
		i := Info{Name: s.Options.Name, Scenario: s.Options.Scenario, Created: s.Created, Daemon: s.Daemon, State: "starting"}
		if s.Ready {
			i.State = "up"
		}
		if lock, err := lockFile(f.path("lock"), 0); err == nil {
			lock.Close()
			i.State = "stale"
		}
		if t, err := topology(s.Options.Scenario, s.Options.Nodes); err == nil {
			i.Nodes = strings.Split(names(t.Nodes), ", ")
		}
		infos = append(infos, i)
	}
	sort.Slice(infos, func(a, b int) bool { return infos[a].Name < infos[b].Name })
	return infos, nil
}
