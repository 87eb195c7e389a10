// SPDX-License-Identifier: Apache-2.0

// Package heartbeat reads the configuration of a Heartbeat cluster in haresources mode, as the ResourceManager and the
// daemon of Heartbeat 2.1 and 3.0 read it, but strictly: what those would silently misunderstand is an error with its
// place.
//
//	groups, err := heartbeat.ParseResources("/etc/ha.d/haresources", text)
//	directives, err := heartbeat.ParseConfig("/etc/ha.d/ha.cf", text)
//	keys, err := heartbeat.ParseKeys("/etc/ha.d/authkeys", text)
package heartbeat

import (
	"fmt"
	"strings"
)

// Place is where something stands in a file. Lines and columns count from 1, columns in bytes.
type Place struct {
	File         string `json:"file"`
	Line, Column int
}

// String is FILE:LINE:COLUMN.
func (p Place) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column) }

// Error is something in a file that is wrong.
type Error struct {
	Place
	Message string
}

// Error is "FILE:LINE:COLUMN: message".
func (e *Error) Error() string { return e.Place.String() + ": " + e.Message }

// Errors are all that is wrong with a file, never empty.
type Errors []*Error

// Error has a line for each.
func (es Errors) Error() string {
	var lines []string
	for _, e := range es {
		lines = append(lines, e.Error())
	}
	return strings.Join(lines, "\n")
}

func (es *Errors) add(at Place, format string, args ...any) {
	*es = append(*es, &Error{at, fmt.Sprintf(format, args...)})
}

func (es Errors) orNil() error {
	if len(es) == 0 {
		return nil
	}
	return es
}

// Word is a piece of a line without blanks.
type Word struct {
	Text string
	At   Place
}
