// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"regexp"
	"strings"
)

// A score is a whole number or inf, -inf, +inf (also written infinity), or
// one of the old names mandatory (inf) and advisory (0); a colon follows it.

// isScore tells whether a word stands where a score is written: one colon, at its end.
func isScore(word string) bool {
	return len(word) > 1 && strings.IndexByte(word, ':') == len(word)-1
}

var scoreNumber = regexp.MustCompile(`^[+-]?[0-9]+$`)

// parseScore returns the score as the schema wants it (score.rng).
func parseScore(word string) (string, bool) {
	lower := strings.ToLower(word)
	switch lower {
	case "mandatory":
		return "INFINITY", true
	case "advisory":
		return "0", true
	}
	sign := ""
	if strings.HasPrefix(lower, "+") || strings.HasPrefix(lower, "-") {
		sign, lower = lower[:1], lower[1:]
	}
	if lower == "inf" || lower == "infinity" {
		return sign + "INFINITY", true
	}
	return word, scoreNumber.MatchString(word)
}

// plainScore reads a score where the schema allows no node attribute in its place.
func (c *cursor) plainScore(tok token) string {
	word := strings.TrimSuffix(tok.text, ":")
	score, ok := parseScore(word)
	if !ok {
		remedy := c.p.near(word, []string{"infinity", "mandatory", "advisory"})
		if remedy == "" {
			remedy = "use a whole number, inf or -inf"
		}
		c.report(tok, remedy, "%s is no score", quoteWord(shorten(word)))
	}
	return score
}

// scoreWord takes the next word as SCORE: or fails.
func (c *cursor) scoreWord(what string) token {
	tok := c.peek()
	if !c.more() || isScore(tok.text) {
		return c.take(what)
	}
	remedy := ""
	if left, right, found := strings.Cut(tok.text, ":"); found && left != "" && right != "" {
		if _, ok := parseScore(left); ok {
			remedy = "put a space after " + left + ":"
		}
	} else if _, ok := parseScore(tok.text); ok {
		remedy = "write " + tok.text + ":"
	}
	c.fail(tok, remedy, "expected %s, found %s", what, quoteWord(shorten(tok.text)))
	return tok
}

// printScore writes a score the way crmsh does.
func printScore(score string) string {
	return strings.Replace(score, "INFINITY", "inf", 1)
}
