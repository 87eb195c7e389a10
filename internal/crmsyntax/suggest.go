// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import "strings"

// suggestLimit bounds the words that are compared: a longer word is no typing
// mistake, and garbage must not cost quadratic time.
const suggestLimit = 40

// suggest returns the candidate that word was most likely meant to be: at
// most one mistake in words of three to five letters, two in longer ones.
func suggest(word string, candidates []string) (string, bool) {
	if len(word) > suggestLimit {
		return "", false
	}
	lower := strings.ToLower(word)
	best, bestDistance := "", 0
	for _, candidate := range candidates {
		if len(candidate) > suggestLimit {
			continue
		}
		allowed := 0
		switch n := min(len(lower), len(candidate)); {
		case n >= 6:
			allowed = 2
		case n >= 2 && len(candidate) >= 3:
			allowed = 1
		}
		if d := len(lower) - len(candidate); d > allowed || -d > allowed {
			continue
		}
		distance := editDistance(lower, strings.ToLower(candidate))
		if distance <= allowed && (best == "" || distance < bestDistance) {
			best, bestDistance = candidate, distance
		}
	}
	return best, best != ""
}

// didYouMean is suggest as the remedy of an error; empty when nothing is near.
func didYouMean(word string, candidates []string) string {
	if best, ok := suggest(word, candidates); ok {
		return "did you mean " + best + "?"
	}
	return ""
}

// editDistance counts the insertions, deletions, replacements and swaps of
// neighbours that turn a into b (optimal string alignment).
// Both have at most suggestLimit bytes.
func editDistance(a, b string) int {
	var rows [3][suggestLimit + 1]int
	before, last, row := rows[0][:len(b)+1], rows[1][:len(b)+1], rows[2][:len(b)+1]
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
