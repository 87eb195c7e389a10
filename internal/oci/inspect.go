// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"log/slog"
	"time"
)

// CachedCredentials tells when the cached session token was obtained and when it expires, without asking anybody; false
// where no token is cached that still works.
func CachedCredentials(stateDir string) (obtained, expires time.Time, ok bool) {
	saved := newCache(stateDir, slog.New(slog.DiscardHandler)).load().Session
	if saved == nil {
		return time.Time{}, time.Time{}, false
	}
	s, err := saved.restore(time.Now())
	if err != nil || !s.usable(time.Now()) {
		return time.Time{}, time.Time{}, false
	}
	return s.obtained, s.expires, true
}
