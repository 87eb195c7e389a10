// SPDX-License-Identifier: Apache-2.0

// Package yamllimit refuses YAML that would cost the parser more than a file that somebody wrote can be worth: it needs
// memory in the square of the nesting, several gigabytes for a hundred kilobytes of brackets, and a program that runs out
// of memory says nothing of why.
package yamllimit

import (
	"bytes"
	"fmt"

	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

const (
	// Size is how many bytes a file may have.
	Size = 1 << 20
	// Depth is how deep brackets and braces may be nested, and how many "- " may stand in one line.
	Depth = 64
)

// Check is to be called before text is parsed. name is for the message, which has the form NAME:LINE:COLUMN: message; the
// place is where the limit is passed. It takes time and memory in proportion to the text.
func Check(name string, text []byte) error {
	if len(text) > Size {
		before := text[:Size]
		return fmt.Errorf("%s:%d:%d: the file has more than %d bytes; nothing that is configured here is that long", name,
			bytes.Count(before, []byte("\n"))+1, Size-bytes.LastIndexByte(before, '\n'), Size)
	}
	var sequences, mappings, entries, line int // what has no partner closes nothing of the other kind
	for _, t := range lexer.Tokenize(string(text)) {
		if t.Position.Line != line {
			entries, line = 0, t.Position.Line
		}
		switch t.Type {
		case token.SequenceStartType:
			sequences++
		case token.SequenceEndType:
			sequences = max(sequences-1, 0)
		case token.MappingStartType:
			mappings++
		case token.MappingEndType:
			mappings = max(mappings-1, 0)
		case token.SequenceEntryType:
			entries++
		}
		if sequences+mappings > Depth || entries > Depth {
			return fmt.Errorf("%s:%d:%d: lists or mappings are nested more than %d deep here; is a bracket not closed?", name, line, t.Position.Column, Depth)
		}
	}
	return nil
}
