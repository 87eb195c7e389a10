// SPDX-License-Identifier: Apache-2.0

package command

import "sync"

// bounded keeps the first limit bytes written to it and swallows the rest, so
// that the writer never blocks or fails. os/exec may still write to it while
// WaitDelay ends, hence the lock.
type bounded struct {
	mu    sync.Mutex
	kept  []byte
	limit int
	cut   bool
}

func (b *bounded) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	room := max(0, b.limit-len(b.kept))
	if len(p) > room {
		b.cut = true
	}
	b.kept = append(b.kept, p[:min(room, len(p))]...)
	return len(p), nil
}

func (b *bounded) bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.kept
}
