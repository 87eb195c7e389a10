// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"fmt"
	"strings"
)

type token struct {
	text   string
	column int // from 1
	quoted bool
}

// scan cuts a statement into words, quoted text and the signs { } ( ) , = != /.
func scan(line string) ([]token, error) {
	var out []token
	for i := 0; i < len(line); {
		c := line[i]
		switch {
		case c == ' ' || c == '\t' || c == '\r':
			i++
		case c == '\'' || c == '"':
			end := strings.IndexByte(line[i+1:], c)
			if end < 0 {
				return nil, fmt.Errorf("column %d: the quote is not closed", i+1)
			}
			out = append(out, token{line[i+1 : i+1+end], i + 1, true})
			i += end + 2
		case c == '/' && len(out) > 0 && strings.HasSuffix(out[len(out)-1].text, "=") && !out[len(out)-1].quoted:
			end := strings.IndexByte(line[i+1:], '/')
			if end < 0 {
				return nil, fmt.Errorf("column %d: the pattern is not closed with /", i+1)
			}
			out = append(out, token{line[i : i+end+2], i + 1, false})
			i += end + 2
		case strings.HasPrefix(line[i:], "!="):
			out = append(out, token{"!=", i + 1, false})
			i += 2
		case strings.IndexByte("{}(),=/", c) >= 0:
			out = append(out, token{string(c), i + 1, false})
			i++
		default:
			end := strings.IndexAny(line[i:], " \t\r{}(),=/!'\"")
			if end < 0 {
				end = len(line) - i
			}
			if end == 0 {
				return nil, fmt.Errorf("column %d: %q does not belong here", i+1, string(c))
			}
			out = append(out, token{line[i : i+end], i + 1, false})
			i += end
		}
	}
	return out, nil
}

// reader walks over the tokens of a statement.
type reader struct {
	tokens []token
	at     int
}

func (r *reader) done() bool { return r.at >= len(r.tokens) }

// peek returns the next token's text, "" at the end.
func (r *reader) peek() string {
	if r.done() {
		return ""
	}
	return r.tokens[r.at].text
}

func (r *reader) next() string {
	s := r.peek()
	r.at++
	return s
}

// column is where the next token stands, or one past the last one.
func (r *reader) column() int {
	if !r.done() {
		return r.tokens[r.at].column
	}
	if len(r.tokens) == 0 {
		return 1
	}
	last := r.tokens[len(r.tokens)-1]
	return last.column + len(last.text)
}

func (r *reader) want(word string) error {
	column := r.column()
	if got := r.next(); !strings.EqualFold(got, word) {
		return fmt.Errorf("column %d: want %q, not %q", column, word, got)
	}
	return nil
}
