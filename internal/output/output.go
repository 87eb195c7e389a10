// SPDX-License-Identifier: Apache-2.0

// Package output keeps a command honest about what it printed: one whose output was lost has not done its work.
package output

import (
	"fmt"
	"io"
	"sync"
)

// Writer passes on what is written and remembers the first error.
type Writer struct {
	w       io.Writer
	mu      sync.Mutex
	written bool
	err     error
}

// To returns a Writer.
func To(w io.Writer) *Writer { return &Writer{w: w} }

// Write writes; after an error nothing more.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return 0, w.err
	}
	w.written = w.written || len(p) > 0
	n, err := w.w.Write(p)
	w.err = err
	return n, err
}

// Written tells whether anything was printed.
func (w *Writer) Written() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.written
}

// Code is the exit code of a command that ended with code: 1 instead of 0, said on stderr, if output was lost.
func (w *Writer) Code(code int, stderr io.Writer, command string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if code == 0 && w.err != nil {
		fmt.Fprintf(stderr, "%s: the output is not complete: %v\n", command, w.err)
		return 1
	}
	return code
}
