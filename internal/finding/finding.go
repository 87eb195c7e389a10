// SPDX-License-Identifier: Apache-2.0

// Package finding is the answer of a check for trouble to come: each finding says what it means and gives the line that
// mends it. "oci-vip check" and "ngcp-ha check" print the same lines and end with the same codes.
package finding

import (
	"fmt"
	"io"
	"strings"
)

// Severity orders findings.
type Severity string

// Error keeps a failover from working, or will; Warning makes it slower, rarer to work, or harder to see.
const (
	Warning Severity = "warning"
	Error   Severity = "error"
)

// Finding is one thing that is wrong.
type Finding struct {
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`
	Resource string   `json:"resource,omitempty"`
	Text     string   `json:"text"` // what it means
	Fix      string   `json:"fix"`  // a command for a shell, or what to do, after #
}

// Worst is the exit code: 0 nothing, 1 warnings, 2 errors.
func Worst(list []Finding) int {
	code := 0
	for _, f := range list {
		if f.Severity == Error {
			return 2
		}
		code = 1
	}
	return code
}

// Print writes findings for people, two lines each.
func Print(w io.Writer, list []Finding) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "nothing found")
		return err
	}
	for _, f := range list {
		about := ""
		if f.Resource != "" {
			about = f.Resource + ": "
		}
		if _, err := fmt.Fprintf(w, "%s [%s] %s%s\n   %s\n", f.Severity, f.ID, about, f.Text, f.Fix); err != nil {
			return err
		}
	}
	return nil
}

// Quote protects a word from a shell.
func Quote(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,@+") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
