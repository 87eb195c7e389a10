// SPDX-License-Identifier: Apache-2.0

// Package doctor finds what is wrong with a pair before it costs an outage: in the cluster's configuration, in its state,
// and on the node that it runs on. Each finding says what it means and gives the line that mends it.
package doctor

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
