// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"ocf-oci/internal/imds"
	"ocf-oci/internal/state"
)

// Names in the state folder.
const (
	cacheName    = "credentials.json" // stored
	cacheVersion = 1
	updateLock   = "credentials"      // held while cacheName is changed
	exchangeLock = "federation"       // held during an exchange
	triedName    = "federation.tried" // renewalTry
)

// cache keeps what a cold start had to ask for in the state folder, which only
// root can enter and which all agents of this machine share. It holds a signing
// key and a session token until the token expires. Any process of root could get
// the same from the metadata service, so the cache gives away nothing new.
//
// A cache that cannot be used (no folder, wrong mode or owner, read-only, full)
// is no error: everything works without, only slower.
type cache struct {
	dir    *state.Dir // nil: none
	log    *slog.Logger
	warned sync.Once
}

// stored is the content of the cache file.
type stored struct {
	Version int              `json:"version"`
	Home    *imds.RegionInfo `json:"home,omitempty"`
	Session *savedSession    `json:"session,omitempty"`
}

func newCache(path string, log *slog.Logger) *cache {
	c := &cache{log: log}
	if path == "" {
		return c
	}
	dir, err := state.Open(path)
	if err != nil {
		c.warn(err)
		return c
	}
	c.dir = dir
	return c
}

// warn says once per process that the cache is of no use.
func (c *cache) warn(err error) {
	c.warned.Do(func() { c.log.Warn("credentials are not cached, starts take longer", "error", err) })
}

// load reads the cache file; a missing or unusable one is empty.
func (c *cache) load() stored {
	var s stored
	if c.dir == nil {
		return s
	}
	presence, err := c.dir.Read(cacheName, &s)
	if err == nil && presence == state.Present && s.Version != cacheVersion {
		err = fmt.Errorf("%s was written by another version (%d)", cacheName, s.Version)
	}
	if err != nil {
		c.warn(err)
		return stored{}
	}
	return s
}

// updatePatience is how long a process waits for another one that writes the cache: one that was stopped there must not
// keep a start from going on without it.
const updatePatience = 500 * time.Millisecond

// update changes the cache file, one process at a time.
func (c *cache) update(ctx context.Context, change func(*stored)) {
	if c.dir == nil {
		return
	}
	short, cancel := context.WithTimeout(ctx, updatePatience)
	defer cancel()
	unlock, err := c.dir.Lock(short, updateLock)
	if err == nil {
		defer unlock()
		s := c.load()
		s.Version = cacheVersion
		change(&s)
		err = c.dir.Write(cacheName, s)
	}
	if err != nil {
		c.warn(err)
	}
}

var errNoCache = errors.New("there is no state folder")

// exchangeTurn waits for the lock that makes processes share one exchange.
func (c *cache) exchangeTurn(ctx context.Context) (unlock func(), err error) {
	if c.dir == nil {
		return nil, errNoCache
	}
	return c.dir.Lock(ctx, exchangeLock)
}

// renewalTry remembers when an exchange was last tried.
type renewalTry struct {
	Uptime time.Duration `json:"uptime_ns"` // CLOCK_BOOTTIME
	Boot   string        `json:"boot_id"`
}

// tried marks that an exchange is being tried.
func (c *cache) tried() {
	if err := c.dir.Write(triedName, renewalTry{Uptime: uptime(), Boot: bootID()}); err != nil {
		c.warn(err)
	}
}

// triedWithin tells whether one was tried so recently.
func (c *cache) triedWithin(d time.Duration) bool {
	var last renewalTry
	presence, _ := c.dir.Read(triedName, &last)
	return presence == state.Present && last.Boot == bootID() && uptime()-last.Uptime < d
}
