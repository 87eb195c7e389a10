// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// Error is one thing that is wrong in a file of crm syntax, or, when
// Warning is set, one that is legal but surely not meant.
type Error struct {
	File    string // as given to Parse
	Line    int    // from 1
	Column  int    // from 1, in characters
	Message string // what was expected and what was found
	Remedy  string // what to do about it; may be empty
	Warning bool

	src      *source
	from, to int // the bytes of the source that are wrong
}

// Error returns "FILE:LINE:COLUMN: message", with the remedy when there is one.
func (e *Error) Error() string {
	text := fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
	if e.Warning {
		text = fmt.Sprintf("%s:%d:%d: warning: %s", e.File, e.Line, e.Column, e.Message)
	}
	if e.Remedy != "" {
		text += "; " + e.Remedy
	}
	return text
}

// Detail returns the error followed by the line itself and a caret.
func (e *Error) Detail() string {
	line, caret := e.Excerpt()
	return e.Error() + "\n    " + line + "\n    " + caret
}

// Excerpt returns the line, shortened around the place if it is long, and a
// line to print below it that marks the place. Tabs are repeated in it, so
// that both align at any tab width.
func (e *Error) Excerpt() (line, caret string) {
	shown, before, width := e.src.excerpt(e.from, e.to)
	indent := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, before)
	return shown, indent + "^" + strings.Repeat("~", width-1)
}

// Errors are all errors of one file, in the order of their places.
type Errors []*Error

// Error lists every error with its line and caret.
func (e Errors) Error() string {
	details := make([]string, len(e))
	for i, one := range e {
		details[i] = one.Detail()
	}
	return strings.Join(details, "\n")
}

// AsErrors returns the errors of a file that an error of Parse holds.
func AsErrors(err error) (Errors, bool) {
	var list Errors
	ok := errors.As(err, &list)
	return list, ok
}

func (e Errors) sort() {
	sort.SliceStable(e, func(i, j int) bool {
		if e[i].Line != e[j].Line {
			return e[i].Line < e[j].Line
		}
		return e[i].Column < e[j].Column
	})
}

// errorAt makes an error for the bytes [from, to) of a source.
func (s *source) errorAt(from, to int, message, remedy string) *Error {
	line := s.line(from)
	return &Error{
		File: s.name, Line: line + 1, Column: s.column(line, from), Message: message, Remedy: remedy,
		src: s, from: from, to: to,
	}
}
