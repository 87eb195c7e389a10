// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// token is one word of a statement with its quotes taken off.
type token struct {
	text     string
	from, to int  // bytes of the source it was written with, quotes included
	quoted   bool // at least a part stood in quotes
}

// statement is one logical line: an object, a comment or an xml statement.
type statement struct {
	tokens   []token
	comment  string // the whole comment with its #; tokens is empty then
	xml      string // what follows the word xml; tokens holds only that word
	broken   bool   // it has an error; tokens are then just what blanks separate
	from, to int
}

// lexer cuts a source into statements.
//
// Lines: a line that ends in a backslash goes on in the next one, whose
// indentation does not count. A logical line that begins with # is a comment,
// and so are the lines that continue it. Words: blanks separate them; '…'
// takes everything literally, "…" knows \" and \\, a backslash outside of
// quotes makes the next character ordinary. Parts that touch form one word.
type lexer struct {
	src    *source
	errors Errors
}

// logicalLine is a statement before it is cut into words: the parts of the
// physical lines, blanks around them and the backslashes at their ends taken off.
type logicalLine struct {
	parts []linePart
}

type linePart struct {
	from, to int
	indented bool
}

func (lx *lexer) fail(from, to int, remedy, format string, args ...any) {
	lx.errors = append(lx.errors, lx.src.errorAt(from, to, fmt.Sprintf(format, args...), remedy))
}

// statements reads the whole source. After an error it goes on with the next
// statement, so that all errors are found at once.
func (lx *lexer) statements() []statement {
	var found []statement
	for line := 0; line < len(lx.src.lines); {
		logical, next := lx.logicalLine(line)
		line = next
		if st, ok := lx.statement(logical); ok {
			found = append(found, st)
		}
	}
	return found
}

// logicalLine joins the physical lines from the given one on and returns the
// number of the line after them.
func (lx *lexer) logicalLine(line int) (logicalLine, int) {
	var logical logicalLine
	for {
		start, end := lx.src.lineBounds(line)
		if line == 0 && bytes.HasPrefix(lx.src.text, []byte("\ufeff")) {
			start += len("\ufeff") // a byte order mark is no text
		}
		from, to := trimBlanks(lx.src.text, start, end)
		line++
		continues := to > from && lx.src.text[to-1] == '\\'
		if continues {
			to--
		}
		logical.parts = append(logical.parts, linePart{from, to, from > start})
		if !continues || line == len(lx.src.lines) {
			return logical, line
		}
	}
}

func (lx *lexer) statement(logical logicalLine) (statement, bool) {
	first, last := logical.parts[0], logical.parts[len(logical.parts)-1]
	st := statement{from: first.from, to: last.to}
	text := lx.join(logical)
	word := strings.TrimSpace(text)
	if i := strings.IndexAny(word, " \t\f\v<"); i > 0 {
		word = word[:i]
	}
	switch {
	case word == "":
		return st, false
	case strings.HasPrefix(word, "#"):
		st.comment = strings.TrimSpace(text)
		return st, lx.legalText(logical)
	case !lx.legalText(logical):
		return lx.brokenStatement(st, text), true
	case strings.EqualFold(word, "xml"):
		st.tokens = []token{{text: "xml", from: first.from, to: first.from + len("xml")}}
		st.xml = strings.TrimSpace(text)[len("xml"):]
		return st, true
	}
	var ok bool
	if st.tokens, ok = lx.words(logical); !ok {
		return lx.brokenStatement(st, text), true
	}
	return st, true
}

// brokenStatement keeps the first words of a statement with an error, among
// them the id of the object.
func (lx *lexer) brokenStatement(st statement, text string) statement {
	st.broken, st.tokens = true, nil
	for _, word := range strings.Fields(text[:min(len(text), 500)]) {
		st.tokens = append(st.tokens, token{text: word, from: st.from, to: st.to})
	}
	return st
}

// join returns the text of a logical line.
func (lx *lexer) join(logical logicalLine) string {
	if len(logical.parts) == 1 {
		return string(lx.src.text[logical.parts[0].from:logical.parts[0].to])
	}
	var text strings.Builder
	for _, part := range logical.parts {
		text.Write(lx.src.text[part.from:part.to])
	}
	return text.String()
}

// legalText reports bytes that no CIB could hold (XML 1.0, 2.2), and blanks
// that look like a space but separate nothing.
func (lx *lexer) legalText(logical logicalLine) bool {
	for _, part := range logical.parts {
		for at := part.from; at < part.to; {
			r, size := utf8.DecodeRune(lx.src.text[at:part.to])
			switch {
			case r == utf8.RuneError && size == 1:
				lx.fail(at, at+1, "save the file as UTF-8", "byte 0x%02x is not UTF-8 text", lx.src.text[at])
				return false
			case r < ' ' && !blank(byte(r)), r == 0x7f, r == 0xfffe, r == 0xffff:
				lx.fail(at, at+size, "take it out", "control character U+%04X", r)
				return false
			case r == 0x00a0 || r == 0x202f || r == 0x2007 || r == 0x3000:
				lx.fail(at, at+size, "type a plain space", "no-break space U+%04X, which would be part of a word", r)
				return false
			}
			at += size
		}
	}
	return true
}

// words cuts a logical line into tokens.
func (lx *lexer) words(logical logicalLine) ([]token, bool) {
	var (
		tokens  []token
		text    []byte
		current token
		inWord  bool
		quote   byte // the quote that is open
		quoteAt int
	)
	flush := func(to int) bool {
		if !inWord {
			return true
		}
		inWord = false
		current.text, current.to = string(text), to
		tokens, text = append(tokens, current), text[:0]
		if current.text == "#" && !current.quoted {
			lx.fail(current.from, current.to, "put it on a line of its own above the object",
				"a comment cannot stand inside an object: it would become part of it")
			return false
		}
		return true
	}
	for i, part := range logical.parts {
		last := i == len(logical.parts)-1
		if inWord && quote == 0 && part.indented && part.to > part.from && !blank(lx.src.text[part.from]) {
			lx.fail(current.from, logical.parts[i-1].to, "put a space before the backslash",
				"%s and the next line would become one word", string(lx.src.text[current.from:logical.parts[i-1].to]))
			return nil, false
		}
		for at := part.from; at < part.to; at++ {
			c := lx.src.text[at]
			if quote == 0 && blank(c) {
				if !flush(at) {
					return nil, false
				}
				continue
			}
			if !inWord {
				inWord, current = true, token{from: at}
			}
			switch {
			case c == quote:
				quote = 0
			case quote == 0 && (c == '"' || c == '\''):
				quote, quoteAt, current.quoted = c, at, true
			case c == '\\' && quote != '\'':
				switch {
				case at+1 == part.to && !last:
					lx.fail(at, at+2, "end the line in one backslash",
						"two backslashes at the end of a line: the second continues the line, the first quotes nothing")
					return nil, false
				case at+1 == part.to:
					text = append(text, c)
				case quote == 0 || lx.src.text[at+1] == '"' || lx.src.text[at+1] == '\\':
					at++
					text = append(text, lx.src.text[at])
				default: // inside "…" a backslash before anything else is itself
					text = append(text, c)
				}
			default:
				text = append(text, c)
			}
		}
	}
	if quote != 0 {
		lx.fail(quoteAt, quoteAt+1, "close it in the same logical line", "the quote %c is never closed", quote)
		return nil, false
	}
	return tokens, flush(logical.parts[len(logical.parts)-1].to)
}

// blank tells the bytes that separate words.
func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v' }

func trimBlanks(text []byte, from, to int) (int, int) {
	for from < to && blank(text[from]) {
		from++
	}
	for to > from && blank(text[to-1]) {
		to--
	}
	return from, to
}
