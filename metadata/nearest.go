// SPDX-License-Identifier: Apache-2.0

package metadata

import "strings"

// Nearest returns the visible parameter whose name is closest to name by edit
// distance (insert, delete, replace, swap of neighbours; case does not count),
// and false when none is close enough to be a likely slip of the pen: at most
// one edit for every three letters, and at least one.
func (a *Agent) Nearest(name string) (string, bool) {
	best, found := "", false
	limit := max(1, len(name)/3)
	for _, p := range a.Parameters {
		if p.Hidden {
			continue
		}
		if d := distance(strings.ToLower(name), strings.ToLower(p.Name)); d <= limit {
			best, limit, found = p.Name, d-1, true
		}
	}
	return best, found
}

// distance is the optimal string alignment distance between a and b.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	rows := make([][]int, len(s)+1)
	for i := range rows {
		rows[i] = make([]int, len(t)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(s); i++ {
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(s)][len(t)]
}
