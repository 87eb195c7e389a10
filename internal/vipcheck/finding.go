// SPDX-License-Identifier: Apache-2.0

// Package vipcheck finds what is wrong with floating addresses before it costs an outage: in the cluster's
// configuration, on this node, and in what the cloud lets it do. Each finding says what it means and gives the command
// that mends it.
package vipcheck

import "strings"

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

// Quote protects a word from a shell.
func Quote(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,@+") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
