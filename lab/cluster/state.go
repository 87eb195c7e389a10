// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// What a lab leaves for later processes: DIR/cluster/cluster.json, written before anything else is made, and
// DIR/cluster/NODE/node.json, which changes at each boot and crash. The files are the truth; no process keeps
// a copy of its own.

// labState is cluster.json.
type labState struct {
	Lab      string      `json:"lab"`
	Owner    process     `json:"owner"` // whose death makes the lab stale
	Cgroup   string      `json:"cgroup"`
	Root     string      `json:"root"`
	AssetTag string      `json:"assetTag,omitempty"`
	Password string      `json:"password"`
	Daemons  bool        `json:"daemons,omitempty"`
	Nodes    []nodeEntry `json:"nodes"`
}

type nodeEntry struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	NetNS   string `json:"netns,omitempty"` // fixed namespace, when there is no Network
}

// nodeState is node.json.
type nodeState struct {
	Init  process   `json:"init"`            // process 1 of the node, as the host sees it; PID 0 when down
	NetNS string    `json:"netns,omitempty"` // the network namespace of this boot
	Since time.Time `json:"since"`           // when it was booted or went down
}

func readJSON(path string, v any) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read lab state: %w", err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("read lab state %s: %w", path, err)
	}
	return nil
}

func writeJSON(path string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write lab state %s: %w", path, err)
	}
	// The password is in it.
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write lab state %s: %w", path, err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(b, '\n'))
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write lab state %s: %w", path, err)
	}
	return nil
}

// lock takes an exclusive lock on the file path (made when missing) within ctx, against other goroutines and processes.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	return flock(ctx, path, unix.O_RDWR|unix.O_CREAT)
}

// lockFolder is lock on an existing folder.
func lockFolder(ctx context.Context, path string) (unlock func(), err error) {
	return flock(ctx, path, unix.O_RDONLY|unix.O_DIRECTORY)
}

func flock(ctx context.Context, path string, flags int) (unlock func(), err error) {
	fd, err := unix.Open(path, flags|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	for {
		err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return func() { unix.Close(fd) }, nil
		}
		if err != unix.EWOULDBLOCK && err != unix.EINTR {
			unix.Close(fd)
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		select {
		case <-ctx.Done():
			unix.Close(fd)
			return nil, fmt.Errorf("lock %s, held by another command: %w", path, context.Cause(ctx))
		case <-time.After(20 * time.Millisecond):
		}
	}
}
