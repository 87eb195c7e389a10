// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"ocf-oci/internal/imds"
)

const (
	cacheFile    = "credentials.json"
	updateLock   = "credentials.lock"
	exchangeLock = "federation.lock"
	maxCacheSize = 64 << 10
	lockPoll     = 10 * time.Millisecond
)

// cache keeps what a cold start had to ask for in a folder on tmpfs that only
// root can enter, shared by all agents of this machine. It holds a signing key
// and a session token until the token expires; both are also in the metadata
// service's reach of any root process, so the cache gives nothing away that
// root does not have.
//
// A cache that cannot be used (no folder, wrong mode or owner, read-only, full)
// is no error: everything works without, only slower.
type cache struct {
	dir    string
	log    *slog.Logger
	warned sync.Once
}

// stored is the content of the cache file.
type stored struct {
	Version int              `json:"version"`
	Home    *imds.RegionInfo `json:"home,omitempty"`
	Session *savedSession    `json:"session,omitempty"`
}

const cacheVersion = 1

func newCache(dir string, log *slog.Logger) *cache {
	return &cache{dir: dir, log: log}
}

// load reads the cache file; a missing or unusable one is empty.
func (c *cache) load() stored {
	var s stored
	if c.dir == "" {
		return s
	}
	data, err := c.read()
	if errors.Is(err, os.ErrNotExist) {
		return s
	}
	if err == nil {
		err = json.Unmarshal(data, &s)
	}
	if err == nil && s.Version != cacheVersion {
		err = fmt.Errorf("written by another version (%d)", s.Version)
	}
	if err != nil {
		c.warned.Do(func() {
			c.log.Warn("credentials cache ignored", "file", filepath.Join(c.dir, cacheFile), "error", err)
		})
		return stored{}
	}
	return s
}

func (c *cache) read() ([]byte, error) {
	dir, err := c.open()
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	f, err := dir.OpenFile(cacheFile, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	if err := private(info); err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(f, maxCacheSize))
}

// open gives the folder if it is ours alone. Everything below goes through it,
// so that a folder swapped meanwhile is not written to.
func (c *cache) open() (*os.Root, error) {
	dir, err := os.OpenRoot(c.dir)
	if err != nil {
		return nil, err
	}
	info, err := dir.Stat(".")
	if err == nil {
		err = private(info)
	}
	if err != nil {
		dir.Close()
		return nil, fmt.Errorf("folder %s: %w", c.dir, err)
	}
	return dir, nil
}

// update changes the cache file, one process at a time.
func (c *cache) update(ctx context.Context, change func(*stored)) {
	if c.dir == "" {
		return
	}
	if err := c.tryUpdate(ctx, change); err != nil {
		c.warned.Do(func() {
			c.log.Warn("credentials not cached, the next start will be slower", "folder", c.dir, "error", err)
		})
	}
}

func (c *cache) tryUpdate(ctx context.Context, change func(*stored)) error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	dir, err := c.open()
	if err != nil {
		return err
	}
	defer dir.Close()
	lock, err := lockFile(ctx, dir, updateLock)
	if err != nil {
		return err
	}
	defer lock.Close()
	s := c.load()
	s.Version = cacheVersion
	change(&s)
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	temp := fmt.Sprintf(".%s.%d", cacheFile, os.Getpid())
	_ = dir.Remove(temp) // left by a killed process with our number
	f, err := dir.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if e := f.Close(); err == nil {
		err = e
	}
	// No fsync: after a crash of the machine tmpfs is empty anyway.
	if err == nil {
		err = dir.Rename(temp, cacheFile)
	}
	if err != nil {
		_ = dir.Remove(temp)
	}
	return err
}

// exchangeTurn waits for the lock that makes processes share one federation
// call. The file's time is that of the last attempt.
func (c *cache) exchangeTurn(ctx context.Context) (*os.File, error) {
	if c.dir == "" {
		return nil, os.ErrNotExist
	}
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return nil, err
	}
	dir, err := c.open()
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return lockFile(ctx, dir, exchangeLock)
}

// lockFile takes a lock, which ends with the file's Close or the process. It
// polls, because flock(2) cannot be given a context and a goroutine that hangs
// in it would keep the lock when it gets it at last.
func lockFile(ctx context.Context, dir *os.Root, name string) (*os.File, error) {
	f, err := dir.OpenFile(name, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			f.Close()
			return nil, fmt.Errorf("locking %s: %w", name, err)
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, fmt.Errorf("waiting for %s, which another process holds: %w", name, ctx.Err())
		case <-time.After(lockPoll):
		}
	}
}
